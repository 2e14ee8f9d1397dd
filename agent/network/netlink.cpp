// SPDX-License-Identifier: Apache-2.0
#include "agent/network/netlink.hpp"

#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

namespace hallmark::guest {
namespace {

constexpr std::uint16_t kRequest = NLM_F_REQUEST | NLM_F_ACK;
constexpr std::uint16_t kPut = kRequest | NLM_F_CREATE | NLM_F_REPLACE;

template <class T>
ByteSpan raw(const T& structure) {
    static_assert(std::is_trivially_copyable_v<T>);
    return {reinterpret_cast<const std::uint8_t*>(&structure), sizeof structure};
}

void pad(Bytes& message) { message.resize(NLMSG_ALIGN(message.size())); }

/// A message with its fixed part; the header's length is filled in last.
template <class T>
Bytes begin(std::uint16_t type, std::uint16_t flags, const T& body) {
    nlmsghdr header{};
    header.nlmsg_type = type;
    header.nlmsg_flags = flags;
    Bytes message;
    append(message, raw(header));
    append(message, raw(body));
    pad(message);
    return message;
}

void add(Bytes& message, std::uint16_t type, ByteSpan value) {
    rtattr attribute{};
    attribute.rta_type = type;
    attribute.rta_len = static_cast<std::uint16_t>(sizeof attribute + value.size());
    append(message, raw(attribute));
    append(message, value);
    pad(message);
}

std::uint8_t family_of(const IpAddress& address) { return address.v6 ? AF_INET6 : AF_INET; }

}  // namespace

Result<Netlink> Netlink::open() {
    FileDescriptor socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    if (!socket.valid()) return std::unexpected(system_error("rtnetlink", Fault::kNo));
    return Netlink(std::move(socket));
}

Status Netlink::bring_up(unsigned interface) {
    ifinfomsg link{};
    link.ifi_index = static_cast<int>(interface);
    link.ifi_flags = IFF_UP;
    link.ifi_change = IFF_UP;
    return ask(begin(RTM_NEWLINK, kRequest, link), "link up");
}

Status Netlink::add_address(unsigned interface, const Subnet& subnet, std::optional<std::chrono::seconds> lifetime) {
    ifaddrmsg address{};
    address.ifa_family = family_of(subnet.address);
    address.ifa_prefixlen = subnet.prefix;
    address.ifa_index = interface;
    // The host that would have to answer for it may be hostile: there is nothing to find out by asking.
    address.ifa_flags = subnet.address.v6 ? IFA_F_NODAD : 0;
    Bytes message = begin(RTM_NEWADDR, kPut, address);
    add(message, IFA_LOCAL, subnet.address.span());
    add(message, IFA_ADDRESS, subnet.address.span());
    if (lifetime) {
        ifa_cacheinfo times{};
        times.ifa_prefered = static_cast<std::uint32_t>(lifetime->count());
        times.ifa_valid = times.ifa_prefered;
        add(message, IFA_CACHEINFO, raw(times));
    }
    return ask(std::move(message), "address " + subnet.address.text());
}

Status Netlink::set_gateway(unsigned interface, const IpAddress& gateway) {
    rtmsg route{};
    route.rtm_family = family_of(gateway);
    route.rtm_table = RT_TABLE_MAIN;
    route.rtm_protocol = RTPROT_BOOT;
    route.rtm_scope = RT_SCOPE_UNIVERSE;
    route.rtm_type = RTN_UNICAST;
    Bytes message = begin(RTM_NEWROUTE, kPut, route);
    add(message, RTA_GATEWAY, gateway.span());
    add(message, RTA_OIF, raw(interface));
    return ask(std::move(message), "gateway " + gateway.text());
}

Status Netlink::ask(Bytes request, std::string_view what) {
    nlmsghdr header;
    std::memcpy(&header, request.data(), sizeof header);
    header.nlmsg_len = static_cast<std::uint32_t>(request.size());
    header.nlmsg_seq = ++sequence_;
    std::memcpy(request.data(), &header, sizeof header);
    if (::send(socket_.get(), request.data(), request.size(), 0) != static_cast<ssize_t>(request.size()))
        return std::unexpected(system_error(what, Fault::kNo));
    struct {
        nlmsghdr header;
        nlmsgerr verdict;
        std::array<std::uint8_t, 4096> rest;  // the kernel gives a refused request back
    } answer{};
    const auto size = ::recv(socket_.get(), &answer, sizeof answer, 0);
    if (size < static_cast<ssize_t>(sizeof answer.header + sizeof answer.verdict.error))
        return std::unexpected(system_error(what, Fault::kNo));
    if (answer.header.nlmsg_type != NLMSG_ERROR || answer.header.nlmsg_seq != sequence_)
        return refused(std::string(what) + ": the kernel answers with a message of type " +
                       std::to_string(answer.header.nlmsg_type) + ", expected an acknowledgement");
    if (answer.verdict.error == 0) return {};
    errno = -answer.verdict.error;
    return std::unexpected(system_error(what, Fault::kNo));
}

}  // namespace hallmark::guest
