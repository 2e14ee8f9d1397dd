// SPDX-License-Identifier: Apache-2.0
#include "agent/layers/cipher_options.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "agent/oci/text.hpp"
#include "common/base64.hpp"
#include "common/json.hpp"
#include "common/json_base64.hpp"
#include "common/text.hpp"

namespace hallmark::layers {
namespace {

/// Both are some hundred bytes.
constexpr std::size_t kLargestOptions = std::size_t{16} * 1024;

Result<Json> parse_bounded(std::string_view text, const std::string& what) {
    if (text.size() > kLargestOptions)
        return bad_input(what + ": " + std::to_string(text.size()) + " bytes, expected at most " +
                         std::to_string(kLargestOptions));
    return parse_json(text, what);
}

Status expect_size(std::size_t size, std::size_t expected, const std::string& where) {
    if (size != expected)
        return bad_input(where + ": " + std::to_string(size) + " bytes, expected " + std::to_string(expected));
    return {};
}

/// Go writes an empty map as null.
Result<std::optional<Nonce>> nonce_of(const Json& json, const JsonObject& options) {
    const auto found = json.find("cipheroptions");
    if (found == json.end() || found->is_null()) return std::nullopt;
    HALLMARK_TRY(const JsonObject of_cipher, options.object("cipheroptions"));
    if (!of_cipher.has("nonce")) return std::nullopt;
    HALLMARK_TRY(const Bytes bytes, base64_of(of_cipher, "nonce"));
    HALLMARK_CHECK(expect_size(bytes.size(), kNonceSize, of_cipher.path_of("nonce")));
    Nonce nonce{};
    std::ranges::copy(bytes, nonce.begin());
    return nonce;
}

/// Without the copy that JsonObject::string() would leave behind.
Result<Secret> key_of(Json& json, const std::string& what) {
    const auto found = json.find("symkey");
    auto* text = found == json.end() ? nullptr : found->get_ptr<std::string*>();
    if (text == nullptr) return bad_input(what + ": symkey: expected the key in base64");
    auto bytes = from_base64(*text);
    wipe(*text);
    if (!bytes) return bad_input(what + ": symkey: not base64");
    Secret key(std::move(*bytes));
    HALLMARK_CHECK(expect_size(key.bytes().size(), kKeySize, what + ": symkey"));
    return key;
}

}  // namespace

Result<PublicOptions> parse_public_options(std::string_view annotation) {
    const std::string what = "public options of the encryption";
    const auto text = from_base64(annotation);
    if (!text) return std::unexpected(text.error().at(what));
    HALLMARK_TRY(const Json json, parse_bounded(text_of(*text), what));
    HALLMARK_TRY(const JsonObject options, JsonObject::of(json, what));
    HALLMARK_TRY(const std::string cipher, options.string("cipher"));
    if (cipher != kCipher)
        return bad_input(options.path_of("cipher") + ": '" + oci::printable(cipher) + "', expected " +
                         std::string(kCipher));
    HALLMARK_TRY(const Bytes hmac, base64_of(options, "hmac"));
    PublicOptions found;
    HALLMARK_CHECK(expect_size(hmac.size(), found.hmac.size(), options.path_of("hmac")));
    std::ranges::copy(hmac, found.hmac.begin());
    HALLMARK_TRY(found.nonce, nonce_of(json, options));
    return found;
}

Result<PrivateOptions> parse_private_options(std::string_view text) {
    const std::string what = "private options of the encryption";
    HALLMARK_TRY(Json json, parse_bounded(text, what));
    PrivateOptions found;
    if (json.is_object()) {
        HALLMARK_TRY(found.key, key_of(json, what));
    }
    HALLMARK_TRY(const JsonObject options, JsonObject::of(json, what));
    HALLMARK_TRY(const std::string digest, options.string("digest"));
    auto parsed = oci::Digest::parse(digest);
    if (!parsed) return std::unexpected(parsed.error().at(options.path_of("digest")));
    found.digest = std::move(*parsed);
    HALLMARK_TRY(found.nonce, nonce_of(json, options));
    return found;
}

}  // namespace hallmark::layers
