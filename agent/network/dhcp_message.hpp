// SPDX-License-Identifier: Apache-2.0
// Messages of DHCP. Source: RFC 2131, section 2 and table 3; RFC 2132 (options).
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "agent/network/address.hpp"
#include "common/bytes.hpp"
#include "common/endian.hpp"
#include "common/result.hpp"

namespace hallmark::guest::dhcp {

using Be16 = Be<std::uint16_t>;
using Be32 = Be<std::uint32_t>;
using Ipv4 = std::array<std::uint8_t, 4>;
using Hardware = std::array<std::uint8_t, 6>;  // of Ethernet

constexpr std::uint16_t kServerPort = 67;
constexpr std::uint16_t kClientPort = 68;
/// Longer answers are not read: with all that is asked for, one has less than 400 bytes.
constexpr std::size_t kLargest = 1500;

struct Header {
    std::uint8_t operation = 1;              // 00: 1 request, 2 reply
    std::uint8_t hardware_type = 1;          // 01: Ethernet
    std::uint8_t hardware_size = 6;          // 02
    std::uint8_t hops = 0;                   // 03
    Be32 transaction;                        // 04
    Be16 seconds;                            // 08
    Be16 flags;                              // 0a: bit 15, answer by broadcast
    Ipv4 client{};                           // 0c
    Ipv4 yours{};                            // 10: the address that is offered
    Ipv4 next_server{};                      // 14
    Ipv4 relay{};                            // 18
    Hardware hardware{};                     // 1c
    std::array<std::uint8_t, 10> rest{};     // 22
    std::array<std::uint8_t, 192> legacy{};  // 2c: server name and boot file
    Be32 cookie = 0x63825363;                // ec
};
static_assert(sizeof(Header) == 240 && offsetof(Header, transaction) == 4 && offsetof(Header, flags) == 10);
static_assert(offsetof(Header, client) == 12 && offsetof(Header, yours) == 16 && offsetof(Header, hardware) == 28);
static_assert(offsetof(Header, cookie) == 236);

enum class Kind : std::uint8_t { kDiscover = 1, kOffer = 2, kRequest = 3, kAck = 5, kNak = 6 };

/// What a client sends: with an offer it is a request for it, without one it looks for servers.
struct Question {
    std::uint32_t transaction = 0;
    Hardware hardware{};
    struct Offered {
        Ipv4 address{};
        Ipv4 server{};
    };
    std::optional<Offered> offered{};
};
Bytes encode(const Question& question);

/// What a server answered.
struct Answer {
    Kind kind{};
    Ipv4 server{};
    Subnet subnet{};                        ///< of an offer and an acknowledgement; a prefix of 1 to 30 bits
    std::optional<IpAddress> gateway{};     ///< the first that is named, where it is another host of the subnet
    std::vector<IpAddress> name_servers{};  ///< at most three, as many as the resolver asks
    std::chrono::seconds lease{};           ///< at least a minute, at most a week
};

constexpr std::size_t kMostNameServers = 3;
constexpr std::chrono::seconds kShortestLease{60};
constexpr std::chrono::seconds kLongestLease{7 * 24 * 3600};

/// An answer to this question. Whoever is on the network may have sent it: what a host may not be given (addresses of
/// loopback, multicast, the network itself) is refused, and so is an answer to another question.
Result<Answer> parse(ByteSpan message, const Question& question);

}  // namespace hallmark::guest::dhcp
