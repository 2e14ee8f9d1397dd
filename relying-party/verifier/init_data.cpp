// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/init_data.hpp"

#include <cstddef>
#include <string>

#include "common/formats/init_data.hpp"
#include "common/hex.hpp"

namespace hallmark::verifier {
namespace {

constexpr const char* kWhat = "init-data";
constexpr std::size_t kHostDataSize = 32;
constexpr std::size_t kMrConfigIdSize = 48;

/// The digest as the field of this size has it.
Result<Bytes> fitted(ByteSpan digest, std::size_t size) {
    if (size == kHostDataSize) {
        const auto field = init_data::host_data(digest);
        return Bytes(field.begin(), field.end());
    }
    if (size == kMrConfigIdSize) {
        const auto field = init_data::mr_config_id(digest);
        return Bytes(field.begin(), field.end());
    }
    return bad_input(std::string(kWhat) + ": a field of " + std::to_string(size) +
                     " bytes, expected HOSTDATA (32) or MRCONFIGID (48)");
}

}  // namespace

Result<Json> verify_init_data(std::string_view document, ByteSpan bound) {
    HALLMARK_TRY(const auto parsed, init_data::parse_document(document, kWhat));
    const Bytes digest = init_data::digest(parsed.algorithm, as_bytes(document));
    HALLMARK_TRY(const Bytes field, fitted(digest, bound.size()));
    if (!equal(field, bound))
        return refused(std::string(kWhat) + ": its digest is " + to_hex(field) + ", the guest was launched with " +
                       to_hex(bound));
    Json claims = Json::object();
    for (const auto& [name, text] : parsed.data) claims[name] = text;
    return claims;
}

}  // namespace hallmark::verifier
