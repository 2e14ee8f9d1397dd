// SPDX-License-Identifier: Apache-2.0
// Appraisal policies: TOML that people write. docs/policies.md is the reference of the format.
// Source: draft-ietf-rats-ar4si-08, section 2.3 (names and numbers); confidential-containers/trustee v0.21.0,
// ear_default_policy_cpu.rego (what the default policy asks).
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "relying-party/appraisal/constraint.hpp"
#include "relying-party/verifier/verified.hpp"

namespace hallmark::appraisal {

constexpr std::size_t kLargestPolicy = std::size_t{64} * 1024;

/// A number of the trustworthiness vector and what it takes to get it.
struct Grade {
    int value = 0;
    std::vector<Constraint> require;
};

/// One element of the vector: the first grade whose constraints all hold, from the best on.
struct DimensionPolicy {
    std::vector<Grade> grades;
    int otherwise = 0;
};

/// Reference values that one owner vouches for.
struct ValueSet {
    std::string name;  ///< "platform"
    std::vector<std::string> names;
    std::string load;  ///< the command that brings them into the store
};

struct Policy {
    std::string name;
    std::vector<ValueSet> sets;
    std::map<verifier::Tee, std::map<std::string, DimensionPolicy>> tees;

    /// The set in which a reference value stands; nullptr where none names it.
    [[nodiscard]] const ValueSet* set_of(std::string_view reference) const;
};

/// `what` names the document in errors.
Result<Policy> parse_policy(std::string_view text, const std::string& what);

/// The text of the policy that holds where nobody gives one.
std::string_view default_policy_text();

}  // namespace hallmark::appraisal
