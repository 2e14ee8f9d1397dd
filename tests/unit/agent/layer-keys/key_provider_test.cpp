// SPDX-License-Identifier: Apache-2.0
#include "agent/layer-keys/key_provider.hpp"

#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "common/bytes.hpp"
#include "common/key-provider/protocol.hpp"
#include "tests/support/expect_error.hpp"

namespace hallmark::layer_keys {
namespace {

using test::expect_error;

std::string text_of(ByteSpan bytes) { return {bytes.begin(), bytes.end()}; }
Secret secret_of(std::string_view text) { return Secret(Bytes(text.begin(), text.end())); }

/// A provider that answers with a text.
KeyProvider answering(std::string text) {
    return KeyProvider([text = std::move(text)](ByteSpan) -> Result<Secret> { return secret_of(text); });
}

TEST(KeyProvider, AsksAsOcicryptDoesAndReadsTheOptions) {
    std::string asked;
    const KeyProvider provider([&](ByteSpan request) -> Result<Secret> {
        const auto parsed = key_provider::parse_request(text_of(request), "attestation-agent");
        EXPECT_TRUE(parsed) << parsed.error().message;
        if (parsed) asked = std::get<key_provider::UnwrapRequest>(*parsed).annotation;
        return key_provider::unwrap_answer(secret_of("options"));
    });
    const auto options = provider.unwrap(as_bytes("packet"));
    ASSERT_TRUE(options) << options.error().message;
    EXPECT_EQ(text_of(options->bytes()), "options");
    EXPECT_EQ(asked, "packet");
}

// Go writes byte strings as base64, Rust as arrays of integers.
TEST(KeyProvider, ReadsBothFormsOfTheAnswer) {
    for (const auto* answer :
         {R"({"keyunwrapresults":{"optsdata":"b2s="}})", R"({"keyunwrapresults":{"optsdata":[111,107]}})"}) {
        const auto options = answering(answer).unwrap(as_bytes("packet"));
        ASSERT_TRUE(options) << options.error().message;
        EXPECT_EQ(text_of(options->bytes()), "ok");
    }
}

TEST(KeyProvider, ABadAnswerIsNamed) {
    expect_error(answering("{}").unwrap({}), {"key provider answer", "keyunwrapresults", "missing"});
    expect_error(answering(R"({"keyunwrapresults":null})").unwrap({}), {"keyunwrapresults", "missing"});
    expect_error(answering(R"({"keyunwrapresults":{"optsdata":[1,256]}})").unwrap({}), {"optsdata", "up to 255"});
    expect_error(answering("no JSON").unwrap({}), {"key provider answer"});
}

TEST(KeyProvider, KnowsProvidersWhateverTheirName) {
    EXPECT_TRUE(answering("").knows("provider.attestation-agent"));
    EXPECT_TRUE(answering("").knows("provider.other"));
    EXPECT_FALSE(answering("").knows("jwe"));
}

}  // namespace
}  // namespace hallmark::layer_keys
