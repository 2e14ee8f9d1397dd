// SPDX-License-Identifier: Apache-2.0
#include "agent/network/dhcp_message.hpp"

#include <algorithm>
#include <bit>
#include <map>

#include "common/reader.hpp"

namespace hallmark::guest::dhcp {
namespace {

constexpr std::uint16_t kBroadcast = 0x8000;
constexpr std::uint8_t kReply = 2;
constexpr unsigned kLongestPrefix = 30;  // leaves room for a host beside the gateway

enum Option : std::uint8_t {
    kPad = 0,
    kSubnetMask = 1,
    kRouter = 3,
    kNameServers = 6,
    kRequestedAddress = 50,
    kLeaseTime = 51,
    kOverload = 52,
    kMessageType = 53,
    kServer = 54,
    kWanted = 55,
    kLargestMessage = 57,
    kEnd = 255,
};

using Options = std::map<std::uint8_t, Bytes>;

void add(Bytes& message, Option option, ByteSpan value) {
    message.push_back(option);
    message.push_back(static_cast<std::uint8_t>(value.size()));
    append(message, value);
}

/// Each option in all of its pieces (RFC 3396). The fields of the boot protocol are not options, whatever option 52
/// says: nothing that is asked for needs that much room.
Result<Options> read_options(Reader& reader) {
    Options options;
    while (reader.remaining() > 0) {
        HALLMARK_TRY(const ByteSpan code, reader.bytes(1));
        if (code[0] == kPad) continue;
        if (code[0] == kEnd) break;
        HALLMARK_TRY(const ByteSpan size, reader.bytes(1));
        HALLMARK_TRY(const ByteSpan value, reader.bytes(size[0]));
        append(options[code[0]], value);
    }
    return options;
}

/// The value of an option with that size; `options` may have none.
template <std::size_t kSize>
Result<std::array<std::uint8_t, kSize>> fixed(const Options& options, Option option) {
    const auto found = options.find(option);
    if (found == options.end() || found->second.size() != kSize)
        return bad_input("DHCP answer: option " + std::to_string(option) + " has " +
                         (found == options.end() ? "no value" : std::to_string(found->second.size()) + " bytes") +
                         ", expected " + std::to_string(kSize) + " bytes");
    std::array<std::uint8_t, kSize> value{};
    std::ranges::copy(found->second, value.begin());
    return value;
}

std::uint32_t number_of(const Ipv4& address) { return std::bit_cast<Be32>(address).get(); }

IpAddress address_of(ByteSpan bytes) {
    IpAddress address;
    std::ranges::copy(bytes.first(4), address.bytes.begin());
    return address;
}

/// Whether the address of another machine may be this: not "this network", not loopback, not multicast or above.
bool is_host(std::uint32_t address) {
    const auto first = address >> 24U;
    return first != 0 && first != 127 && first < 224;
}

/// The first addresses of a list that are those of machines.
std::vector<IpAddress> hosts_in(const Options& options, Option option, std::size_t most) {
    std::vector<IpAddress> hosts;
    const auto found = options.find(option);
    if (found == options.end()) return hosts;
    for (ByteSpan rest = found->second; rest.size() >= 4 && hosts.size() < most; rest = rest.subspan(4)) {
        Ipv4 address{};
        std::copy_n(rest.begin(), 4, address.begin());
        if (is_host(number_of(address))) hosts.push_back(address_of(rest));
    }
    return hosts;
}

Result<Subnet> read_subnet(const Ipv4& yours, const Options& options) {
    HALLMARK_TRY(const auto mask_bytes, fixed<4>(options, kSubnetMask));
    const std::uint32_t mask = number_of(mask_bytes);
    const auto prefix = static_cast<unsigned>(std::countl_one(mask));
    if (std::popcount(mask) != static_cast<int>(prefix) || prefix == 0 || prefix > kLongestPrefix)
        return bad_input("DHCP answer: subnet mask " + address_of(mask_bytes).text() + ", expected one of 1 to " +
                         std::to_string(kLongestPrefix) + " bits");
    const std::uint32_t address = number_of(yours);
    const std::uint32_t host = address & ~mask;
    if (!is_host(address) || host == 0 || host == ~mask)
        return bad_input("DHCP answer: address " + address_of(yours).text() + "/" + std::to_string(prefix) +
                         ", expected that of a host");
    return Subnet{.address = address_of(yours), .prefix = static_cast<std::uint8_t>(prefix)};
}

/// What an offer or an acknowledgement gives.
Status read_lease(const Header& header, const Options& options, Answer& answer) {
    HALLMARK_TRY(answer.subnet, read_subnet(header.yours, options));
    HALLMARK_TRY(const auto time, fixed<4>(options, kLeaseTime));
    answer.lease = std::clamp(std::chrono::seconds(number_of(time)), kShortestLease, kLongestLease);
    answer.name_servers = hosts_in(options, kNameServers, kMostNameServers);
    const auto routers = hosts_in(options, kRouter, 1);
    if (routers.empty() || routers.front() == answer.subnet.address) return {};
    Ipv4 router{};
    std::ranges::copy(routers.front().span(), router.begin());
    const auto mask = ~std::uint32_t{0} << (32U - answer.subnet.prefix);
    if (((number_of(router) ^ number_of(header.yours)) & mask) == 0) answer.gateway = routers.front();
    return {};
}

}  // namespace

Bytes encode(const Question& question) {
    Header header;
    header.transaction = question.transaction;
    header.flags = kBroadcast;
    header.hardware = question.hardware;
    Bytes message;
    append(message, as_bytes(header));
    const auto kind = static_cast<std::uint8_t>(question.offered ? Kind::kRequest : Kind::kDiscover);
    add(message, kMessageType, {&kind, 1});
    if (question.offered) {
        add(message, kRequestedAddress, question.offered->address);
        add(message, kServer, question.offered->server);
    }
    constexpr std::array<std::uint8_t, 3> kAsked{kSubnetMask, kRouter, kNameServers};
    add(message, kWanted, kAsked);
    constexpr std::array<std::uint8_t, 2> kSize{kLargest >> 8U, kLargest & 0xffU};
    add(message, kLargestMessage, kSize);
    message.push_back(kEnd);
    return message;
}

Result<Answer> parse(ByteSpan message, const Question& question) {
    Reader reader(message, "DHCP answer");
    HALLMARK_TRY(const auto header, reader.structure<Header>());
    if (header.operation != kReply || header.cookie != Header{}.cookie.get())
        return bad_input("DHCP answer: offset 0x0: no reply, expected one");
    if (header.transaction != question.transaction || header.hardware != question.hardware)
        return bad_input("DHCP answer: offset 0x4: to another question, expected one to ours");
    HALLMARK_TRY(const Options options, read_options(reader));
    HALLMARK_TRY(const auto kind, fixed<1>(options, kMessageType));
    HALLMARK_TRY(const Ipv4 server, fixed<4>(options, kServer));
    Answer answer{.kind = static_cast<Kind>(kind[0]), .server = server};
    if (question.offered && question.offered->server != server)
        return bad_input("DHCP answer: from another server, expected the one that was asked");
    if (answer.kind == Kind::kNak && question.offered) return answer;
    if (answer.kind != (question.offered ? Kind::kAck : Kind::kOffer))
        return bad_input("DHCP answer: message type " + std::to_string(kind[0]) + ", expected an " +
                         (question.offered ? "acknowledgement" : "offer"));
    HALLMARK_CHECK(read_lease(header, options, answer));
    return answer;
}

}  // namespace hallmark::guest::dhcp
