// SPDX-License-Identifier: Apache-2.0
// What a person wants to see of evidence and of the token for it. Nothing of either is verified here.
#pragma once

#include <ctime>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/json.hpp"
#include "common/result.hpp"

namespace hallmark::handshake {

using Facts = std::vector<std::pair<std::string, std::string>>;

/// What the launch was, as evidence of "snp", "tdx" or "sample" has it.
Result<Facts> facts_of_evidence(std::string_view tee, const Json& evidence);

/// What the broker made of the evidence. Source: draft-ietf-rats-ear (EAR), as Trustee writes it.
struct Verdict {
    std::string status;  ///< "affirming", "warning", "contraindicated", "none"; empty where the token has none
    Facts facts;
};
/// `now` is the clock here, with which the broker's is compared.
Result<Verdict> verdict_in(std::string_view token, std::time_t now);

}  // namespace hallmark::handshake
