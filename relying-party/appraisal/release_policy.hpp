// SPDX-License-Identifier: Apache-2.0
// Which guest may read which resource: TOML that people write. docs/policies.md is the reference of the format.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/bytes.hpp"
#include "common/json.hpp"
#include "common/result.hpp"
#include "relying-party/appraisal/appraisal.hpp"
#include "relying-party/appraisal/constraint.hpp"
#include "relying-party/keys/resource_path.hpp"
#include "relying-party/verifier/verified.hpp"

namespace hallmark::appraisal {

/// Init-data that may read: by its digest, or none at all.
struct InitDataRule {
    bool none = false;           ///< a guest without init-data
    std::vector<Bytes> digests;  ///< of documents, 32, 48 or 64 bytes
};

struct ReleaseRule {
    std::string name;
    unsigned line = 0;
    std::vector<std::string> path;  ///< three segments; "*" stands for any one
    Tier verdict = Tier::kAffirming;
    bool simulated = false;           ///< whether simulated TEEs may
    std::vector<verifier::Tee> tees;  ///< empty: any
    std::vector<Constraint> claims;   ///< all must hold
    bool asks_init_data = false;
    InitDataRule init_data;
    std::vector<Constraint> init_data_claims;  ///< all must hold, of the document that was given
};

/// The first rule whose path matches decides. Where none does, the verdict must be affirming and the TEE a real one.
struct ReleasePolicy {
    std::vector<ReleaseRule> rules;
};

/// `what` names the document in errors. A rule behind one that takes all its paths is an error.
Result<ReleasePolicy> parse_release_policy(std::string_view text, const std::string& what);

/// Who asks, and for what.
struct ReleaseRequest {
    const keys::ResourcePath& path;
    verifier::Tee tee = verifier::Tee::kSnp;
    bool simulated = false;
    Tier verdict = Tier::kNone;
    const Json& claims;
    const Json* init_data_claims = nullptr;  ///< of init-data that was given and is bound to the launch; else nullptr
};

struct Decision {
    bool granted = false;
    std::string rule;    ///< "rule 'keys' of line 12", "the default rule"
    std::string reason;  ///< why not; empty where it is granted
};

Decision decide(const ReleasePolicy& policy, const ReleaseRequest& request);

}  // namespace hallmark::appraisal
