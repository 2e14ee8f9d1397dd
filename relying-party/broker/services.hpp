// SPDX-License-Identifier: Apache-2.0
// What the protocol needs from the rest of the relying party, so that each side can be tested without the other.
#pragma once

#include <ctime>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/bytes.hpp"
#include "common/deadline.hpp"
#include "common/jose/jwk.hpp"
#include "common/json.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"
#include "relying-party/appraisal/appraisal.hpp"
#include "relying-party/broker/bearer.hpp"
#include "relying-party/keys/resource_path.hpp"
#include "relying-party/verifier/verified.hpp"

namespace hallmark::broker {

/// What was asked and what became of it, for people who look later. No secret and no token is in it.
struct Event {
    enum class Kind { kAttest, kRead, kAdminister };
    Kind kind = Kind::kAttest;
    bool granted = false;
    std::string who{};   ///< digest of the session's identifier or of the token, or the administrator
    std::string peer{};  ///< the address that asked
    std::string tee{};   ///< "snp"
    bool simulated = false;
    std::string what{};     ///< the resource's path, or what was changed
    std::string verdict{};  ///< "affirming", empty where nothing was appraised
    std::string why{};      ///< one line
};

/// Enough of a digest to find one identifier or token again in the log, and not to use it.
std::string digest_of(std::string_view text);

/// Who administrates, as the signed token says.
struct Administrator {
    std::string name;
};

/// Every function may be called by several threads at once. Fault::kNo stands for "refused", with the reason.
struct Services {
    /// Authentic evidence, or why it is none. Report data and init-data are the caller's to compare.
    std::function<Result<verifier::Verified>(verifier::Tee tee, const Json& evidence)> verify;
    /// `given_init_data`: the field of the evidence for init-data, where the document came along and is what the guest
    /// was launched with; else empty.
    std::function<Result<appraisal::Appraisal>(const verifier::Verified& verified, ByteSpan given_init_data)> appraise;
    /// A key that secrets can be wrapped for: curve, length, algorithm.
    std::function<Result<jose::Jwk>(const Json& jwk)> read_key;
    /// `key`: what runtime_data."tee-pubkey" was read as.
    std::function<Result<std::string>(const verifier::Verified& verified, const appraisal::Appraisal& appraisal,
                                      const Json& runtime_data, const Json& init_data_claims, const jose::Jwk& key)>
        issue_token;
    /// Who bears a token that we signed and that has not expired.
    std::function<Result<std::shared_ptr<const Bearer>>(std::string_view token)> check_token;
    std::function<Result<std::string>(ByteSpan secret, const jose::Jwk& key)> wrap;
    std::function<std::string()> key_set;
    /// So many wait for a certificate of evidence that no more may: what failed may have failed for that.
    std::function<bool()> is_crowded = [] { return false; };

    /// Fault::kNo where the policy does not let this bearer read the resource.
    std::function<Status(const keys::ResourcePath& path, const Bearer& bearer)> release;
    std::function<Result<Secret>(const keys::ResourcePath& path)> read;
    std::function<Status(const keys::ResourcePath& path, ByteSpan secret)> write;
    std::function<Status(const keys::ResourcePath& path)> remove;

    /// From the token of an Authorization header, without "Bearer ".
    std::function<Result<Administrator>(std::string_view token)> administrator;
    std::function<Result<std::string>()> appraisal_policy;  ///< as TOML
    std::function<Status(std::string_view toml)> set_appraisal_policy;
    std::function<Result<std::string>()> release_policy;
    std::function<Status(std::string_view toml)> set_release_policy;
    /// Takes an RVPS message.
    std::function<Status(std::string_view message)> register_reference_values;
    /// What was registered, as a JSON text: [{"source", "set", "registered", "expires", "values"}], times in seconds
    /// since 1970, and how many values there are.
    std::function<Result<std::string>()> reference_value_sets;
    /// The values of a name as a JSON text, "null" where there are none.
    std::function<Result<std::string>(std::string_view name)> reference_value;
    /// Fault::kNo where there is none; so for a set.
    std::function<Status(std::string_view name)> remove_reference_value;
    /// All that one document registered: "set" of the list above.
    std::function<Status(std::string_view set)> remove_reference_value_set;

    /// Nothing is released that could not be written down.
    std::function<Status(const Event& event)> record;
    std::function<Deadline()> now = [] { return Clock::now(); };
    std::function<std::time_t()> wall_clock = [] { return std::time(nullptr); };
};

}  // namespace hallmark::broker
