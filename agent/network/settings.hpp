// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "agent/network/address.hpp"

namespace hallmark::guest {

/// How the guest's one network card is to be set up; see docs/init-data.md.
struct NetworkSettings {
    std::string interface{};  ///< empty: the only one that is there
    bool dhcp = false;
    std::vector<Subnet> addresses{};        ///< without DHCP
    std::vector<IpAddress> gateways{};      ///< at most one of each family
    std::vector<IpAddress> name_servers{};  ///< where there are any, those that DHCP names are not used
    std::string https_proxy{};
    std::string http_proxy{};
    std::string no_proxy{};
};

}  // namespace hallmark::guest
