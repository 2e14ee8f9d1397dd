// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::guest {

/// An IPv4 or IPv6 address, in the order of the network.
struct IpAddress {
    bool v6 = false;
    std::array<std::uint8_t, 16> bytes{};  ///< the first four where it is IPv4

    [[nodiscard]] ByteSpan span() const { return ByteSpan(bytes).first(v6 ? 16 : 4); }
    [[nodiscard]] std::string text() const;
    bool operator==(const IpAddress&) const = default;
};

/// "192.0.2.1" or "2001:db8::1".
Result<IpAddress> parse_address(std::string_view text);

/// An interface's own address with the length of its network's prefix in bits.
struct Subnet {
    IpAddress address;
    std::uint8_t prefix = 0;
    bool operator==(const Subnet&) const = default;
};

/// "192.0.2.5/24" or "2001:db8::5/64".
Result<Subnet> parse_subnet(std::string_view text);

}  // namespace hallmark::guest
