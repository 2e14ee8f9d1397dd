// SPDX-License-Identifier: Apache-2.0
// freed-secrets-driver URL AUTHORITIES [keep]: handles the secret of a JSON answer as the guest's daemons do,
// {"secret": in base64}: over HTTPS, parsed, decoded and encoded, encrypted and decrypted, in messages and frames. Then
// it says "done" and stays until its input ends, so that somebody can look whether its memory still has it. With "keep"
// it has.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include "agent/ttrpc/envelope.hpp"
#include "agent/ttrpc/messages.hpp"
#include "common/base64.hpp"
#include "common/hex.hpp"
#include "common/http/client.hpp"
#include "common/jose/jwe.hpp"
#include "common/jose/jwk.hpp"
#include "common/json.hpp"
#include "common/result.hpp"
#ifdef HALLMARK_WIPES
#include "agent/wiping/wiping.hpp"
#endif
#include <proto/confidential_data_hub.pb.h>

namespace hallmark {
namespace {

/// What a guest asks for, in the frames of the data hub's answer.
Status answer_with(ByteSpan secret) {
    api::GetResourceResponse message;
    message.set_resource(secret.data(), secret.size());
    const Bytes frame = ttrpc::response_frame(1, ttrpc::serialise(message));
    ttrpc::FrameDecoder decoder;
    for (ByteSpan rest = frame; !rest.empty();) {
        const auto room = decoder.room();
        const auto size = std::min(room.size(), rest.size());
        std::ranges::copy(rest.first(size), room.begin());
        const auto whole = decoder.filled(size);
        rest = rest.subspan(size);
        if (!whole) continue;
        const auto answer = ttrpc::decode_response(whole->data.bytes());
        api::GetResourceResponse again;
        if (answer && again.ParseFromArray(answer->bytes().data(), static_cast<int>(answer->bytes().size()))) return {};
    }
    return refused("frame: no answer in it");
}

Status wrap(ByteSpan secret) {
    HALLMARK_TRY(const auto key, jose::KeyPair::generate(jose::KeyKind::kP256));
    HALLMARK_TRY(const Json wrapped, jose::encrypt(secret, key.public_key()));
    HALLMARK_TRY(const Secret again, jose::decrypt(wrapped, key));
    return again.bytes().size() == secret.size() ? Status() : refused("JWE: another secret");
}

Result<Secret> handle(std::string_view url, std::string_view authorities) {
    http::Request request;
    request.url = url;
    request.authorities = authorities;
    HALLMARK_TRY(const auto answer, http::perform(request));
    const std::string text(answer.body.begin(), answer.body.end());
    HALLMARK_TRY(const Json json, parse_json(text, "answer"));
    HALLMARK_TRY(const auto object, JsonObject::of(json, "answer"));
    HALLMARK_TRY(const std::string encoded, object.string("secret"));
    HALLMARK_TRY(Bytes secret, from_base64(encoded));
    Json forms = {{"url", to_base64url(secret)}, {"hex", to_hex(secret)}, {"bytes", secret}};
    HALLMARK_TRY(const Json again, parse_json(forms.dump(), "forms"));
    HALLMARK_CHECK(answer_with(secret));
    HALLMARK_CHECK(wrap(secret));
    return Secret(std::move(secret));
}

int run(int count, char** words) {
    if (count < 3) return 2;
    auto secret = handle(words[1], words[2]);
    if (!secret) {
        std::fprintf(stderr, "freed-secrets-driver: %s\n", secret.error().message.c_str());
        return 1;
    }
    const bool keep = count > 3 && std::string_view(words[3]) == "keep";
    if (!keep) *secret = {};
    std::puts("done");
    std::fflush(stdout);
    std::array<char, 1> byte{};
    return ::read(STDIN_FILENO, byte.data(), byte.size()) == 0 ? 0 : 1;
}

}  // namespace
}  // namespace hallmark

int main(int count, char** words) {
#ifdef HALLMARK_WIPES
    if (!hallmark::guest::wipe_what_openssl_frees() || !hallmark::guest::wipe_what_libcurl_frees()) return 1;
#endif
    return hallmark::run(count, words);
}
