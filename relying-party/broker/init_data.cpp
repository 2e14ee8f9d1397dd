// SPDX-License-Identifier: Apache-2.0
#include "relying-party/broker/init_data.hpp"

#include <string>
#include <string_view>

#include "common/digest.hpp"
#include "common/hex.hpp"
#include "common/toml.hpp"
#include "common/toml_json.hpp"
#include "relying-party/verifier/init_data.hpp"

namespace hallmark::broker {
namespace {

constexpr std::size_t kLongestText = 4096;
constexpr std::size_t kLongestToml = std::size_t{32} * 1024;
constexpr std::string_view kDigest = "sha384:";

/// The configurations of the guest's components become objects, so that a policy can ask for a member of theirs.
Json claim_of(const std::string& name, const std::string& text) {
    if (name == "aa.toml" || name == "cdh.toml")
        if (const auto toml = Toml::parse(text, name, kLongestToml)) return json_of(*toml);
    // A text that looks like a digest gets one too: else it would pass for the text that has this digest.
    if (text.size() <= kLongestText && !text.starts_with(kDigest)) return text;
    return std::string(kDigest) + to_hex(sha384(as_bytes(std::string_view(text))));
}

}  // namespace

Result<Json> bound_init_data(const verifier::Verified& verified, std::string_view document) {
    HALLMARK_TRY(Json claims, verifier::verify_init_data(document, verified.init_data));
    for (auto& [name, text] : claims.items()) text = claim_of(name, text.get<std::string>());
    return claims;
}

}  // namespace hallmark::broker
