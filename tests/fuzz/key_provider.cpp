// SPDX-License-Identifier: Apache-2.0
// Attacker: the publisher of an encrypted image, whose annotation comes in the request of an owner who decrypts it; and
// whoever may start the command with a request of his own.
// Size cap: 16 KiB; the program's own is 256 KiB, which only makes longer strings.
#include "relying-party/owner/key_provider.hpp"

#include <string>

#include "common/base64.hpp"
#include "common/json.hpp"
#include "common/key-provider/annotation_packet.hpp"
#include "common/key-provider/protocol.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/memory_key_store.hpp"

namespace hallmark::fuzz {
namespace {

constexpr std::string_view kProvider = owner::kProviderName;

std::string wrap_request(const std::string& parameters) {
    return R"({"op":"keywrap","keywrapparams":{"ec":{"Parameters":{"attestation-agent":[")" +
           to_base64(as_bytes(std::string_view(parameters))) +
           R"("]},"DecryptConfig":{"Parameters":null}},"optsdata":[123,125]},"keyunwrapparams":{"dc":null}})";
}

std::string unwrap_request(std::string_view annotation) {
    return R"({"op":"keyunwrap","keyunwrapparams":{"dc":{"Parameters":{}},"annotation":")" +
           to_base64(as_bytes(annotation)) + R"("}})";
}

/// A store with one key that everybody knows.
test::MemoryKeyStore store() {
    test::MemoryKeyStore made;
    require(made.write({"default", "key", "1"}, Bytes(32, 7)).has_value(), "memory takes a key");
    return made;
}

std::string annotation_of(std::string_view answer) {
    std::string text;
    const auto json = parse_json(answer, "answer").value();
    for (const auto& byte : json.at("keywrapresults").at("annotation")) text += static_cast<char>(byte.get<int>());
    return text;
}

std::vector<Bytes> seeds() {
    auto keys = store();
    const auto wrapped = owner::answer_key_provider(wrap_request("keyid=/default/key/1"), kProvider, keys).value();
    return {
        seed(unwrap_request(annotation_of(wrapped))),
        seed(wrap_request("keyid=kbs:///default/key/1::algorithm=A256GCM")),
        seed(wrap_request("")),
        seed(wrap_request("keypath=/key::sample=true")),
        seed(unwrap_request(R"({"kid":"a/b/c/d","wrapped_data":"","iv":"","wrap_type":"A256GCM","provider":"kbs"})")),
    };
}

void attempt(ByteSpan input) {
    auto keys = store();
    const auto answer = owner::answer_key_provider(text_of(input), kProvider, keys);
    require(keys.read({"default", "key", "1"}).has_value(), "no request removes a key");
    if (!answer) return;
    const auto request = key_provider::parse_request(text_of(input), kProvider);
    require(request.has_value(), "only a request is answered");
    const auto* wrapping = std::get_if<key_provider::WrapRequest>(&*request);
    if (wrapping == nullptr) return;
    const auto annotation = annotation_of(*answer);
    require(key_provider::parse_annotation_packet(annotation).has_value(), "an annotation is a packet");
    const auto back = owner::answer_key_provider(unwrap_request(annotation), kProvider, keys);
    const auto& options = wrapping->options.bytes();
    const auto expected = key_provider::unwrap_answer(Secret(Bytes(options.begin(), options.end())));
    require(back && *back == text_of(expected.bytes()), "what was wrapped is unwrapped");
}

}  // namespace

const Target kTarget{.largest = 16 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
