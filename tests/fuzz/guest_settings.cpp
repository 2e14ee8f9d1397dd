// SPDX-License-Identifier: Apache-2.0
// Attacker: a host that gives a guest an init-data document of its own; it is read before its digest is checked.
// Size cap: 16 KiB; what the settings allow has less than 2 KiB.
#include "agent/init-data/settings.hpp"

#include "common/formats/guest_port.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    return {seed("version = 1\n[network]\ninterface = 'eth0'\naddresses = ['192.0.2.5/24', '2001:db8::5/64']\n"
                 "gateways = ['192.0.2.1']\nname_servers = ['192.0.2.53']\nhttps_proxy = 'http://p:1'\n"),
            seed("version = 1\nnetwork = { dhcp = true }\n[[secret]]\nresource = 'kbs:///default/key/one'\n")};
}

void attempt(ByteSpan input) {
    const auto settings = guest::parse_settings(text_of(input));
    if (!settings) return;
    require(settings->secrets.size() <= guest_port::kMostSecrets, "secrets are few");
    for (const auto& secret : settings->secrets) require(secret.starts_with("kbs"), "secrets are a broker's");
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
