// SPDX-License-Identifier: Apache-2.0
#include "agent/data-hub/token_source.hpp"

#include <openssl/crypto.h>

#include <utility>

#include "common/json.hpp"
#include "common/kbs/messages.hpp"
#include "common/text.hpp"

namespace hallmark::hub {
namespace {

constexpr std::string_view kWhat = "answer of the attestation agent";
constexpr std::size_t kLargestAnswer = 256 * 1024;

}  // namespace

Result<KbsToken> parse_kbs_token(ByteSpan answer) {
    if (answer.size() > kLargestAnswer)
        return bad_input(std::string(kWhat) + ": " + std::to_string(answer.size()) + " bytes, expected at most " +
                         std::to_string(kLargestAnswer));
    const std::string_view text = text_of(answer);
    HALLMARK_TRY(Json json, parse_json(text, kWhat));
    HALLMARK_TRY(const JsonObject object, JsonObject::of(json, std::string(kWhat)));
    HALLMARK_TRY(const std::string token, object.string("token"));
    HALLMARK_CHECK(kbs::check_token(token, object.path_of("token")));
    if (!object.has("tee_keypair") || !json["tee_keypair"].is_string())
        return bad_input(object.path_of("tee_keypair") + ": expected a private key in PEM");
    auto& pem = json["tee_keypair"].get_ref<std::string&>();
    auto key = jose::KeyPair::from_pem(as_bytes(pem), object.path_of("tee_keypair"));
    OPENSSL_cleanse(pem.data(), pem.size());
    if (!key) return std::unexpected(key.error());
    return KbsToken{token, std::make_shared<const jose::KeyPair>(std::move(*key))};
}

}  // namespace hallmark::hub
