// SPDX-License-Identifier: Apache-2.0
#include "agent/network/network.hpp"

#include <dirent.h>
#include <net/if.h>
#include <poll.h>
#include <sys/mount.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "agent/kernel_file.hpp"
#include "agent/network/dhcp.hpp"
#include "common/file.hpp"
#include "common/hex.hpp"

namespace hallmark::guest {
namespace {

using std::chrono::seconds;

constexpr std::chrono::milliseconds kCardAppears{5000};
constexpr std::chrono::milliseconds kFirstLease{30'000};
constexpr std::chrono::milliseconds kRenewal{3000};  // init does nothing else meanwhile
constexpr seconds kAskAgain{60};
constexpr int kLookAgainMs = 20;
constexpr std::string_view kEthernet = "1";  // ARPHRD_ETHER
constexpr const char* kResolver = "/run/resolv.conf";
constexpr const char* kResolverOfRoot = "/etc/resolv.conf";  // an empty file of the read-only root

struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
};

std::vector<std::string> cards(const Roots& roots) {
    const std::string folder = roots.sys + "/class/net";
    std::vector<std::string> names;
    const std::unique_ptr<DIR, CloseDirectory> directory(::opendir(folder.c_str()));
    while (const dirent* entry = directory ? ::readdir(directory.get()) : nullptr) {
        std::string name = entry->d_name;
        const auto type = read_kernel_line(folder + "/" + name + "/type");
        if (type && *type == kEthernet) names.push_back(std::move(name));
    }
    std::ranges::sort(names);
    return names;
}

/// "52:54:00:12:34:56"
Result<dhcp::Hardware> hardware_of(const Roots& roots, const std::string& card) {
    const std::string path = roots.sys + "/class/net/" + card + "/address";
    HALLMARK_TRY(std::string text, read_kernel_line(path));
    std::erase(text, ':');
    const auto bytes = from_hex(text);
    dhcp::Hardware hardware{};
    if (!bytes || bytes->size() != hardware.size()) return refused(path + ": found '" + text + "', expected six bytes");
    std::ranges::copy(*bytes, hardware.begin());
    return hardware;
}

/// Routers on the network may not give this guest addresses, routes or name servers by IPv6.
Status believe_no_router(const std::string& card) {
    for (const char* setting : {"accept_ra", "autoconf", "accept_redirects"})
        HALLMARK_CHECK(write_kernel_file("/proc/sys/net/ipv6/conf/" + card + "/" + setting, as_bytes("0")));
    return write_kernel_file("/proc/sys/net/ipv4/conf/" + card + "/accept_redirects", as_bytes("0"));
}

/// The root is read-only, so the file that it has there is covered, as the kata-agent does too.
Status write_resolver(const std::vector<IpAddress>& name_servers) {
    HALLMARK_CHECK(write_file(kResolver, as_bytes(resolver_text(name_servers))));
    ::umount2(kResolverOfRoot, MNT_DETACH);  // what an earlier lease put there; the first time there is nothing
    if (::mount(kResolver, kResolverOfRoot, nullptr, MS_BIND, nullptr) != 0)
        return std::unexpected(system_error(kResolverOfRoot, Fault::kNo));
    return {};
}

}  // namespace

Status bring_up_loopback() {
    HALLMARK_TRY(Netlink netlink, Netlink::open());
    return netlink.bring_up(::if_nametoindex("lo"));
}

std::string resolver_text(const std::vector<IpAddress>& name_servers) {
    std::string text;
    for (const auto& server : name_servers) text += "nameserver " + server.text() + "\n";
    return text;
}

Result<std::string> find_card(const Roots& roots, const std::string& wanted, Deadline deadline) {
    for (;;) {
        const auto names = cards(roots);
        if (!wanted.empty() && std::ranges::find(names, wanted) != names.end()) return wanted;
        if (wanted.empty() && names.size() == 1) return names.front();
        if (wanted.empty() && names.size() > 1)
            return refused(std::to_string(names.size()) +
                           " network cards, expected one; name it in [network] interface");
        if (remaining_ms(deadline) == 0)
            return refused(wanted.empty() ? "no network card, expected one: init-data asks for a network"
                                          : "no network card " + wanted);
        ::poll(nullptr, 0, kLookAgainMs);
    }
}

Result<Network> Network::bring_up(const NetworkSettings& settings, const Roots& roots) {
    HALLMARK_TRY(Netlink netlink, Netlink::open());
    Network network(std::move(netlink), settings);
    HALLMARK_TRY(network.settings_.interface, find_card(roots, settings.interface, after(kCardAppears)));
    const std::string& card = network.settings_.interface;
    network.index_ = ::if_nametoindex(card.c_str());
    HALLMARK_TRY(network.hardware_, hardware_of(roots, card));
    HALLMARK_CHECK(believe_no_router(card));
    HALLMARK_CHECK(network.netlink_.bring_up(network.index_));
    if (settings.dhcp) HALLMARK_CHECK(network.take_lease(kFirstLease));
    if (!settings.dhcp) HALLMARK_CHECK(network.set_up_fixed());
    return network;
}

Status Network::renew() {
    const auto renewed = take_lease(kRenewal);
    if (!renewed) renewal_ = Clock::now() + kAskAgain;
    return renewed;
}

Status Network::set_up_fixed() {
    for (const auto& subnet : settings_.addresses) HALLMARK_CHECK(netlink_.add_address(index_, subnet, std::nullopt));
    for (const auto& gateway : settings_.gateways) HALLMARK_CHECK(netlink_.set_gateway(index_, gateway));
    return write_resolver(settings_.name_servers);
}

Status Network::take_lease(std::chrono::milliseconds patience) {
    HALLMARK_TRY(const auto lease, dhcp::obtain(settings_.interface, hardware_, after(patience)));
    HALLMARK_CHECK(netlink_.add_address(index_, lease.subnet, lease.lease));
    if (lease.gateway) HALLMARK_CHECK(netlink_.set_gateway(index_, *lease.gateway));
    renewal_ = Clock::now() + lease.lease / 2;
    return write_resolver(settings_.name_servers.empty() ? lease.name_servers : settings_.name_servers);
}

}  // namespace hallmark::guest
