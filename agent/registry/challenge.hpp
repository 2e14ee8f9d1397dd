// SPDX-License-Identifier: Apache-2.0
// What a registry asks of whoever it does not know.
// Source: RFC 9110, sections 5.6 (tokens, quoted strings) and 11.6.1 (WWW-Authenticate); RFC 6750, section 3 (Bearer).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace hallmark::registry {

struct Challenge {
    std::string scheme;                             ///< in lower case: "bearer", "basic"
    std::map<std::string, std::string> parameters;  ///< names in lower case
};

/// All challenges of one header's value, of which there may be several.
Result<std::vector<Challenge>> parse_challenges(std::string_view header);

}  // namespace hallmark::registry
