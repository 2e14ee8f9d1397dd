// SPDX-License-Identifier: Apache-2.0
#include "relying-party/owner/key_provider.hpp"

#include <gtest/gtest.h>

#include <string>

#include "common/base64.hpp"
#include "common/json.hpp"
#include "common/key-provider/annotation_packet.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/memory_key_store.hpp"

namespace hallmark::owner {
namespace {

using test::expect_error;

constexpr std::string_view kOptions = R"({"symkey":"…","digest":"sha256:…","cipheroptions":{"nonce":"…"}})";
const keys::ResourcePath kPath{"default", "key", "1"};

std::string wrap_request(std::string_view parameters) {
    return R"({"op":"keywrap","keywrapparams":{"ec":{"Parameters":{"attestation-agent":[")" +
           to_base64(as_bytes(parameters)) + R"("]}},"optsdata":")" + to_base64(as_bytes(kOptions)) + R"("}})";
}

std::string unwrap_request(std::string_view annotation) {
    return R"({"op":"keyunwrap","keyunwrapparams":{"dc":null,"annotation":")" + to_base64(as_bytes(annotation)) +
           R"("}})";
}

class KeyProvider : public ::testing::Test {
protected:
    Result<std::string> answer(const std::string& request) {
        return answer_key_provider(request, kProviderName, store_);
    }
    /// The byte string in an answer.
    static std::string answered(const Result<std::string>& answer, const char* half, const char* name) {
        EXPECT_TRUE(answer) << answer.error().message;
        if (!answer) return "";
        std::string text;
        const auto json = parse_json(*answer, "answer").value();
        for (const auto& byte : json.at(half).at(name)) text += static_cast<char>(byte.get<int>());
        return text;
    }
    std::string wrapped(std::string_view parameters) {
        return answered(answer(wrap_request(parameters)), "keywrapresults", "annotation");
    }
    test::MemoryKeyStore store_;
};

TEST_F(KeyProvider, WrapsUnderTheKeyThatIsNamed) {
    ASSERT_TRUE(store_.write(kPath, Bytes(32, 7)));
    const auto annotation = wrapped("keyid=/default/key/1::algorithm=A256GCM");
    EXPECT_EQ(key_provider::parse_annotation_packet(annotation).value().kid, "kbs:///default/key/1");
    EXPECT_EQ(answered(answer(unwrap_request(annotation)), "keyunwrapresults", "optsdata"), kOptions);
    EXPECT_EQ(store_.list().value().size(), 1U);
    // Under another key it is not unwrapped.
    ASSERT_TRUE(store_.write(kPath, Bytes(32, 8)));
    expect_error(answer(unwrap_request(annotation)), {"this key"}, Fault::kNo);
}

TEST_F(KeyProvider, MakesAndStoresAKeyWhereNoneIsNamed) {
    const auto one = wrapped("");
    const auto other = wrapped("sample=false");
    EXPECT_NE(key_provider::parse_annotation_packet(one).value().kid,
              key_provider::parse_annotation_packet(other).value().kid);
    const auto paths = store_.list().value();
    ASSERT_EQ(paths.size(), 2U);
    for (const auto& path : paths) {
        EXPECT_EQ(path.repository + "/" + path.type, "default/image-kek");
        EXPECT_EQ(store_.read(path).value().bytes().size(), 32U);
    }
    EXPECT_EQ(answered(answer(unwrap_request(one)), "keyunwrapresults", "optsdata"), kOptions);
    EXPECT_EQ(answered(answer(unwrap_request(other)), "keyunwrapresults", "optsdata"), kOptions);
}

TEST_F(KeyProvider, AKeyThatIsNotThereIsNotMade) {
    expect_error(answer(wrap_request("keyid=kbs:///default/key/1")), {"default/key/1", "leave keyid out"}, Fault::kNo);
    EXPECT_TRUE(store_.list().value().empty());
    expect_error(
        answer(unwrap_request(
            R"({"kid":"kbs:///default/key/1","wrapped_data":"AAECAw==","iv":"AAAAAAAAAAAAAAAA","wrap_type":"A256GCM"})")),
        {"default/key/1"}, Fault::kNo);
}

TEST_F(KeyProvider, ASecretOfAnotherSizeIsNoKey) {
    ASSERT_TRUE(store_.write(kPath, Bytes(31, 7)));
    expect_error(answer(wrap_request("keyid=/default/key/1")), {"default/key/1", "31", "32"}, Fault::kNo);
}

TEST_F(KeyProvider, OtherParametersAreRefused) {
    ASSERT_TRUE(store_.write(kPath, Bytes(32, 7)));
    for (const auto& [parameters, word] : {std::pair{"keyid=default", "key id"},
                                           {"keyid=/default/key/1::keyid=/default/key/1", "twice"},
                                           {"keyid=kbs+pkcs11:///default/key/1", "key id"},
                                           {"algorithm=A256CTR", "A256GCM"},
                                           {"sample=true", "sample"},
                                           {"keypath=/key", "keypath"},
                                           {"keyid", "NAME=VALUE"},
                                           {"::", "NAME=VALUE"},
                                           {"other=1", "another name"}})
        expect_error(answer(wrap_request(parameters)), {word});
    EXPECT_EQ(store_.list().value().size(), 1U);
}

/// A store that is full.
class FullStore final : public keys::KeyStore {
    Result<Secret> read(const keys::ResourcePath&) override { return refused("no such secret"); }
    Status write(const keys::ResourcePath&, ByteSpan) override { return bad_input("disk full"); }
    Status remove(const keys::ResourcePath&) override { return refused("no such secret"); }
    Result<std::vector<keys::ResourcePath>> list() override { return std::vector<keys::ResourcePath>{}; }
};

TEST_F(KeyProvider, NothingIsWrappedUnderAKeyThatIsNotStored) {
    FullStore full;
    expect_error(answer_key_provider(wrap_request(""), kProviderName, full), {"disk full"});
}

}  // namespace
}  // namespace hallmark::owner
