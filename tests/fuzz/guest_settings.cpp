// SPDX-License-Identifier: Apache-2.0
// Attacker: a host that gives a guest an init-data document of its own; it is read before its digest is checked.
// Size cap: 16 KiB; what the settings allow has less than 2 KiB.
#include "agent/init-data/settings.hpp"

#include <algorithm>

#include "agent/oci/reference.hpp"
#include "common/formats/guest_port.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    return {seed("version = 1\n[network]\ninterface = 'eth0'\naddresses = ['192.0.2.5/24', '2001:db8::5/64']\n"
                 "gateways = ['192.0.2.1']\nname_servers = ['192.0.2.53']\nhttps_proxy = 'http://p:1'\n"),
            seed("version = 1\nnetwork = { dhcp = true }\n[[secret]]\nresource = 'kbs:///default/key/one'\n"),
            seed("version = 1\n[pod]\noutput = true\nsteps = false\n[[pod.volume]]\nname = 'data'\nsize_mib = 4\n"
                 "[[pod.container]]\nname = 'main'\nimage = '192.0.2.1:5000/app:1'\ndigest = 'sha256:"
                 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'\ncommand = ['/bin/app']\n"
                 "arguments = ['-v']\nenvironment = { NAME = 'value' }\nworking_directory = '/'\nuser = '1:1'\n"
                 "memory_mib = 64\npids = 100\ncpu_percent = 50\ncapabilities = ['CAP_KILL']\n"
                 "drop_capabilities = ['ALL']\n[[pod.container.mount]]\npath = '/a'\nsize_mib = 1\n"
                 "[[pod.container.mount]]\npath = '/b'\nvolume = 'data'\nread_only = true\n")};
}

void attempt_container(const guest::ContainerSettings& container, const guest::PodSettings& pod) {
    require(!container.name.empty() && container.name.size() <= guest_port::kLongestName, "names are short");
    require(container.name.find_first_of("/.") == std::string::npos, "a container's name is no path");
    const auto reference = oci::Reference::parse(container.image);
    require(reference && reference->text() == container.image, "an image is named in normal form");
    for (const auto& mount : container.mounts) {
        require(mount.path.starts_with('/') && mount.path.size() > 1, "mounts are below the root");
        require((mount.path + "/").find("/../") == std::string::npos, "mounts lead nowhere else");
        require(mount.volume.empty() == (mount.size_mib > 0), "memory has a size, a volume its own");
        require(mount.volume.empty() ||
                    std::ranges::find(pod.volumes, mount.volume, &guest::VolumeSettings::name) != pod.volumes.end(),
                "volumes are the pod's");
    }
    for (const auto& name : container.capabilities) require(guest::is_capability(name), "capabilities are known");
    for (const auto& [name, value] : container.environment)
        require(!name.empty() && name.find('=') == std::string::npos && value.find('\0') == std::string::npos,
                "variables are what a program can be given");
}

void attempt(ByteSpan input) {
    const auto settings = guest::parse_settings(text_of(input));
    if (!settings) return;
    require(settings->secrets.size() <= guest_port::kMostSecrets, "secrets are few");
    for (const auto& secret : settings->secrets) require(secret.starts_with("kbs"), "secrets are a broker's");
    if (settings->pod) {
        require(!settings->pod->containers.empty(), "a pod has containers");
        require(settings->pod->containers.size() <= guest_port::kMostContainers, "containers are few");
        for (const auto& container : settings->pod->containers) attempt_container(container, *settings->pod);
    }
    if (!settings->network) return;
    const auto& network = *settings->network;
    require(network.dhcp == network.addresses.empty(), "an address is given or asked for");
    require(network.interface.find('/') == std::string::npos && network.interface.size() < 16,
            "a card's name is no path");
    for (const auto& subnet : network.addresses)
        require(subnet.prefix >= 1 && subnet.prefix <= (subnet.address.v6 ? 128 : 32),
                "prefixes are those of a family");
}

}  // namespace

const Target kTarget{.largest = 16UL * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
