// SPDX-License-Identifier: Apache-2.0
// What a policy says of verified claims, in the terms of EAT Attestation Results.
// Source: draft-ietf-rats-ear-00 (EAR), draft-ietf-rats-ar4si-08, section 2.3 (trustworthiness vector).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"

namespace hallmark::appraisal {

/// AR4SI: 2 to 31 affirms, 32 to 95 warns, 96 to 127 contraindicates, 0 says nothing.
enum class Tier { kNone = 0, kAffirming = 2, kWarning = 32, kContraindicated = 96 };

/// One constraint that did not hold.
struct Failure {
    std::string claim;    ///< "snp.measurement"
    std::string seen;     ///< as JSON, "missing" where the claim is not there
    std::string allowed;  ///< as JSON or in words: which value or set, and that the set is missing where it is
    /// "the platform's set is not loaded; load it with: …": why nothing could be allowed; empty where something is.
    std::string missing{};
};

/// One element of the trustworthiness vector ("executables", "hardware", "configuration").
struct Dimension {
    int value = 0;  ///< AR4SI's number
    std::vector<Failure> failures;
};

struct Appraisal {
    std::string policy;                           ///< its name
    std::map<std::string, Dimension> dimensions;  ///< by the names of the trustworthiness vector
    Tier status = Tier::kNone;                    ///< the worst of them
};

/// The tier in which a number stands.
Tier tier_of(int value);
/// "affirming", "warning", "contraindicated", "none"
std::string_view name_of(Tier tier);

/// {"policy", "status", "trustworthiness_vector": {NAME: number}, "failures": [{"dimension", "claim", "seen",
/// "allowed"}]}
Json to_json(const Appraisal& appraisal);
/// A table for people: a line for each dimension, and one for each constraint that did not hold.
std::string to_text(const Appraisal& appraisal);
/// In one line, for a log: what is missing, each once and before all else, then each constraint that did not hold for
/// another reason.
std::string to_line(const Appraisal& appraisal);

}  // namespace hallmark::appraisal
