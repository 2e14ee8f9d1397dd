// SPDX-License-Identifier: Apache-2.0
// One thing that a policy asks of claims, as people write it:
//   { claim = "policy_debug_allowed", equal = false }
//   { claim = "tcb_status", one_of = ["UpToDate", "SWHardeningNeeded"] }
//   { claim = "measurement", in = "snp_launch_measurement" }        a value of that name in the store
//   { claim = "reported_tcb_snp", at_least = 22 }                   or the name of a reference value
//   { claim = "/quote/body/td_attributes", bits_clear = "ff00002000000000" }   hexadecimal as the claim, or a number
//   { in = { rtmr_1 = "rtmr_1", rtmr_2 = "rtmr_2" }, together = true }    all of one set
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/json.hpp"
#include "common/result.hpp"
#include "common/toml.hpp"

namespace hallmark::appraisal {

enum class Test { kEqual, kIn, kTogether, kAtLeast, kBitsSet, kBitsClear };

struct Constraint {
    Test test = Test::kEqual;
    std::string claim;         ///< empty for kTogether
    std::vector<Json> values;  ///< constants: any of them (kEqual); the number or the mask
    std::string reference;     ///< the name of a reference value, where there is no constant
    std::vector<std::pair<std::string, std::string>> together;  ///< claim and reference value of each
    bool or_zero = false;                                       ///< also where the claim is all zeros
    bool or_given = false;  ///< also where the claim is the digest of the init-data that came with the evidence

    /// The names of reference values that it asks for.
    [[nodiscard]] std::vector<std::string> references() const;
};

/// Whether a policy may ask the store of reference values.
enum class References { kAllowed, kNone };

Result<Constraint> read_constraint(const Toml& toml, References references);
/// An array of them.
Result<std::vector<Constraint>> read_constraints(const Toml& toml, References references);

/// A claim by its name, or by its place where it lies deeper: a JSON pointer (RFC 6901), which begins with '/'.
/// nullptr: there is none.
const Json* find_claim(const Json& claims, std::string_view name);

/// Whether the constants of a constraint hold of this value; not for kIn, kTogether, and kAtLeast of a reference.
bool holds(const Constraint& constraint, const Json& value);
/// Whether a number is at least another one; false where one is no number or below zero.
bool at_least(const Json& value, const Json& least);
/// Whether a claim is hexadecimal text of zeros.
bool is_zero(const Json& value);

/// As JSON in ASCII, cut where it is long; "missing" for nullptr.
std::string shown(const Json* value);
/// What the constants of a constraint allow, in words.
std::string allowed_text(const Constraint& constraint);

}  // namespace hallmark::appraisal
