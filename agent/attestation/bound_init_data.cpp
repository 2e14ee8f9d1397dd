// SPDX-License-Identifier: Apache-2.0
#include "agent/attestation/bound_init_data.hpp"

#include "common/base64.hpp"
#include "common/file.hpp"
#include "common/formats/init_data.hpp"
#include "common/formats/init_data_digest.hpp"

namespace hallmark::attestation {
namespace {

constexpr std::size_t kLongestDigest = 64;

}  // namespace

Result<InitData> read_init_data(const std::string& path) {
    HALLMARK_TRY(const Bytes bytes, read_file(path, init_data::kLargestDocument));
    std::string text(bytes.begin(), bytes.end());
    HALLMARK_TRY(const auto document, init_data::parse_document(text, path));
    return InitData{.digest = init_data::digest(document.algorithm, bytes), .document = std::move(text)};
}

Result<InitData> parse_init_data_digest(std::string_view base64) {
    auto digest = from_base64(base64);
    if (!digest) return std::unexpected(digest.error().at("--initdata-digest"));
    if (digest->empty() || digest->size() > kLongestDigest)
        return bad_input("--initdata-digest: " + std::to_string(digest->size()) + " bytes, expected 1 to " +
                         std::to_string(kLongestDigest));
    return InitData{.digest = std::move(*digest), .document = std::nullopt};
}

}  // namespace hallmark::attestation
