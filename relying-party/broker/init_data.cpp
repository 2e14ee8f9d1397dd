// SPDX-License-Identifier: Apache-2.0
#include "relying-party/broker/init_data.hpp"

#include "common/digest.hpp"
#include "common/formats/init_data.hpp"
#include "common/hex.hpp"

namespace hallmark::broker {
namespace {

constexpr std::size_t kLongestText = 4096;

Bytes expected_field(verifier::Tee tee, ByteSpan digest) {
    if (tee == verifier::Tee::kSnp) {
        const auto field = init_data::host_data(digest);
        return {field.begin(), field.end()};
    }
    const auto field = init_data::mr_config_id(digest);
    return {field.begin(), field.end()};
}

}  // namespace

Result<Json> bound_init_data(const verifier::Verified& verified, std::string_view document) {
    HALLMARK_TRY(const auto parsed, init_data::parse_document(document, "init-data"));
    const Bytes digest = init_data::digest(parsed.algorithm, as_bytes(document));
    const Bytes expected = expected_field(verified.tee, digest);
    if (!equal(expected, verified.init_data))
        return refused("init-data: its digest makes " + to_hex(expected) + ", the evidence has " +
                       to_hex(verified.init_data) + "; the guest was launched with other init-data");
    Json claims = Json::object();
    for (const auto& [name, text] : parsed.data)
        claims[name] =
            text.size() <= kLongestText ? text : "sha384:" + to_hex(sha384(as_bytes(std::string_view(text))));
    return claims;
}

}  // namespace hallmark::broker
