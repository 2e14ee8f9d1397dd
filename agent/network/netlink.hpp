// SPDX-License-Identifier: Apache-2.0
// What the kernel is told of a network card, over rtnetlink. Source: rtnetlink(7), netlink(7); Linux,
// include/uapi/linux/rtnetlink.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "agent/network/address.hpp"
#include "common/descriptor.hpp"
#include "common/result.hpp"

namespace hallmark::guest {

class Netlink {
public:
    static Result<Netlink> open();

    Status bring_up(unsigned interface);
    /// Adds the address, or renews it; it goes away by itself after `lifetime`.
    Status add_address(unsigned interface, const Subnet& subnet, std::optional<std::chrono::seconds> lifetime);
    /// Makes this gateway the default route of its family.
    Status set_gateway(unsigned interface, const IpAddress& gateway);

private:
    explicit Netlink(FileDescriptor socket) : socket_(std::move(socket)) {}
    /// Sends a request and waits for the kernel's word on it; `what` names it in errors.
    Status ask(Bytes request, std::string_view what);

    FileDescriptor socket_;
    std::uint32_t sequence_ = 0;
};

}  // namespace hallmark::guest
