// SPDX-License-Identifier: Apache-2.0
#include "common/http/address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstdint>
#include <string>

namespace hallmark::http {
namespace {

bool is_local_v4(std::uint32_t address) {
    constexpr std::uint32_t kLinkLocal = 0xa9fe;  // 169.254.0.0/16
    const std::uint32_t first = address >> 24;
    return first == 127 || first == 0 || address >> 16 == kLinkLocal;
}

}  // namespace

bool is_local_address(std::string_view address) {
    const std::string text(address.substr(0, address.find('%')));  // without the interface
    in_addr v4{};
    if (::inet_pton(AF_INET, text.c_str(), &v4) == 1) return is_local_v4(ntohl(v4.s_addr));
    in6_addr v6{};
    if (::inet_pton(AF_INET6, text.c_str(), &v6) != 1) return false;
    if (IN6_IS_ADDR_V4MAPPED(&v6) || IN6_IS_ADDR_V4COMPAT(&v6)) {
        const auto* bytes = v6.s6_addr + 12;
        return is_local_v4(static_cast<std::uint32_t>(bytes[0]) << 24 | static_cast<std::uint32_t>(bytes[1]) << 16 |
                           static_cast<std::uint32_t>(bytes[2]) << 8 | bytes[3]);
    }
    return IN6_IS_ADDR_LOOPBACK(&v6) || IN6_IS_ADDR_UNSPECIFIED(&v6) || IN6_IS_ADDR_LINKLOCAL(&v6);
}

}  // namespace hallmark::http
