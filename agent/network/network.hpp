// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/network/dhcp_message.hpp"
#include "agent/network/netlink.hpp"
#include "agent/network/settings.hpp"
#include "agent/ports/deadline.hpp"
#include "agent/ports/discovery.hpp"
#include "common/result.hpp"

namespace hallmark::guest {

/// The loopback interface, which every guest has: the REST server listens on it.
Status bring_up_loopback();

/// The network card of this guest, set up as its owner said and by nobody else: the kernel takes no router's word for
/// an address or a route.
class Network {
public:
    /// Sets it up, and with DHCP waits for the first lease.
    static Result<Network> bring_up(const NetworkSettings& settings, const Roots& roots);

    /// When renew() is due; nothing where the network does not depend on a lease.
    [[nodiscard]] std::optional<Deadline> renewal() const { return renewal_; }
    /// Asks for the lease anew. Where nobody answers it is due again soon; the kernel drops an address at its lease's
    /// end.
    Status renew();

private:
    Network(Netlink netlink, NetworkSettings settings) : netlink_(std::move(netlink)), settings_(std::move(settings)) {}
    Status set_up_fixed();
    Status take_lease(std::chrono::milliseconds patience);

    Netlink netlink_;
    NetworkSettings settings_;
    unsigned index_ = 0;
    dhcp::Hardware hardware_{};
    std::optional<Deadline> renewal_;
};

/// The name of the one Ethernet card that is there, or of the one that is wanted; waits for it until the deadline.
Result<std::string> find_card(const Roots& roots, const std::string& wanted, Deadline deadline);

/// "nameserver 192.0.2.53" for each. Source: resolv.conf(5).
std::string resolver_text(const std::vector<IpAddress>& name_servers);

}  // namespace hallmark::guest
