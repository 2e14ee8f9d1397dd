// SPDX-License-Identifier: Apache-2.0
#include "agent/network/address.hpp"

#include <arpa/inet.h>

#include <charconv>

namespace hallmark::guest {

std::string IpAddress::text() const {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    return ::inet_ntop(v6 ? AF_INET6 : AF_INET, bytes.data(), buffer.data(), buffer.size()) == nullptr ? ""
                                                                                                       : buffer.data();
}

Result<IpAddress> parse_address(std::string_view text) {
    const std::string copy(text);
    IpAddress address{.v6 = copy.find(':') != std::string::npos};
    // A zero byte would hide what stands behind it.
    if (copy.find('\0') == std::string::npos &&
        ::inet_pton(address.v6 ? AF_INET6 : AF_INET, copy.c_str(), address.bytes.data()) == 1)
        return address;
    return bad_input("found '" + copy + "', expected an address like 192.0.2.5 or 2001:db8::5");
}

Result<Subnet> parse_subnet(std::string_view text) {
    const auto slash = text.find('/');
    const std::string_view length = slash == std::string_view::npos ? "" : text.substr(slash + 1);
    Subnet subnet;
    HALLMARK_TRY(subnet.address, parse_address(text.substr(0, slash)));
    const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), subnet.prefix);
    if (error == std::errc() && end == length.data() + length.size() && subnet.prefix > 0 &&
        subnet.prefix <= (subnet.address.v6 ? 128 : 32))
        return subnet;
    return bad_input("found '" + std::string(text) + "', expected an address and its prefix like 192.0.2.5/24");
}

}  // namespace hallmark::guest
