// SPDX-License-Identifier: Apache-2.0
#include "agent/data-hub/data_hub.hpp"

#include <gtest/gtest.h>

#include <string>

#include "common/base64.hpp"
#include "common/json.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/fake_hub.hpp"

namespace hallmark::hub {
namespace {

using test::expect_error;
using test::FakeHub;

// Made with python3-cryptography. The key kek is the bytes 0 to 31; what packets wrap is kOptions.
constexpr std::string_view kEnvelope =
    R"({"version":"0.1.0","type":"envelope","provider":"kbs","key_id":"kbs:///default/key/kek","encrypted_k)"
    R"(ey":"ZyP0OOHA5DylaL2gncRWQrPntQfETmlLAF7fviFUPo10lD4qJpv0/guJ0OSMfN0B","encrypted_data":"i1RuVFodZdG)"
    R"(oMIibgrAey0ujZovndWemWQLghQSU","wrap_type":"A256GCM","iv":"DA0ODxAREhMUFRYX","provider_settings":{},)"
    R"("annotations":{"iv":"AAECAwQFBgcICQoL"}})";
constexpr std::string_view kPacket =
    R"({"kid":"kbs:///default/key/kek","wrapped_data":"PCClYqiOp2Kve7XK8Kg5T/7WzmCaF0HADVqgwa8YGT0k","iv":")"
    R"(AAECAwQFBgcICQoL","wrap_type":"A256GCM"})";
constexpr std::string_view kCounterPacket =
    R"({"version":"0.1.0","provider":"kbs","kid":"kbs:///default/key/kek","wrapped_data":"IUx3LmWQFO/SFHd8Q)"
    R"(4LnsB0=","iv":"AAECAwQFBgcICQoLDA0ODw==","wrap_type":"A256CTR","provider_settings":{},"annotations":)"
    R"({}})";
constexpr std::string_view kOptions = R"({"symkey":"AAAA"})";
constexpr const char* kKek = "kbs:///default/key/kek";
// The sealed secret of sealed_secret_test.cpp with a vault in it, unsigned.
constexpr std::string_view kVault =
    R"({"version":"0.1.0","type":"vault","name":"kbs:///a/b/c","provider":"kbs","provider_settings":{},"annotations":{}})";

std::string kek() {
    std::string key;
    for (char c = 0; c < 32; ++c) key += c;
    return key;
}
std::string unsigned_secret(std::string_view payload) {
    return "sealed.header." + to_base64url(as_bytes(payload)) + ".signature";
}
std::string request(std::string_view packet) {
    return R"({"op":"keyunwrap","keywrapparams":{"ec":null,"optsdata":null},"keyunwrapparams":{"dc":null,"annotation":")" +
           to_base64(as_bytes(packet)) + R"("}})";
}
std::string text_of(const Result<Secret>& secret) {
    EXPECT_TRUE(secret) << secret.error().message;
    return secret ? std::string(secret->bytes().begin(), secret->bytes().end()) : "";
}
std::string with(std::string_view text, std::string_view from, std::string_view to) {
    return std::string(text).replace(text.find(from), from.size(), to);
}
Deadline soon() { return in(std::chrono::seconds(5)); }

TEST(DataHub, GetsResources) {
    FakeHub fake;
    fake.source().secrets["kbs:///a/b/c"] = "one";
    fake.source().secrets["kbs+pkcs11:///x/y?z=1"] = "two";
    EXPECT_EQ(text_of(fake.hub().resource("kbs:///a/b/c", soon())), "one");
    EXPECT_EQ(text_of(fake.hub().resource("kbs+resource://host:1/a/b/c", soon())), "one");
    EXPECT_EQ(text_of(fake.hub().resource("kbs+pkcs11:///x/y?z=1", soon())), "two");
    expect_error(fake.hub().resource("kbs:///a/b/d", soon()), {"PolicyDeny"}, Fault::kNo);
    const auto asked = fake.source().asked.size();
    expect_error(fake.hub().resource("kbs:///a/../c", soon()), {"resource URI"});
    EXPECT_EQ(fake.source().asked.size(), asked);
}

TEST(DataHub, UnsealsVaultsAndEnvelopes) {
    FakeHub fake(true);
    fake.source().secrets["kbs:///a/b/c"] = "of the vault";
    fake.source().secrets[kKek] = kek();
    const auto unseal = [&](std::string_view payload) {
        return fake.hub().unseal(as_bytes(unsigned_secret(payload)), soon());
    };
    EXPECT_EQ(text_of(unseal(kVault)), "of the vault");
    EXPECT_EQ(text_of(unseal(kEnvelope)), "in an envelope");
    expect_error(unseal(with(kVault, "\"kbs\"", "\"aliyun\"")), {"provider", "expected kbs"}, Fault::kNo);
    expect_error(unseal(with(kEnvelope, "\"kbs\"", "\"aws\"")), {"provider", "expected kbs"}, Fault::kNo);
    expect_error(unseal(with(kEnvelope, R"({"iv":)", R"({"vi":)")), {"annotations", "iv", "missing"});
    fake.source().secrets[kKek][0] ^= 1;
    expect_error(unseal(kEnvelope), {"encrypted_key", "this key"}, Fault::kNo);
    fake.source().secrets[kKek] = "short";
    expect_error(unseal(kEnvelope), {"encrypted_key", "5 bytes, expected 32"}, Fault::kNo);
}

TEST(DataHub, TakesNoUnsignedSecretUnlessToldTo) {
    FakeHub fake;
    fake.source().secrets["kbs:///a/b/c"] = "of the vault";
    EXPECT_FALSE(fake.hub().unseal(as_bytes(unsigned_secret(kVault)), soon()));
    EXPECT_TRUE(fake.source().asked.empty());
}

TEST(DataHub, FindsTheKeysOfSignatures) {
    FakeHub fake;
    const auto folder = fake.open();
    const auto sealed = [](std::string_view kid) {
        return "sealed." + to_base64url(as_bytes(R"({"alg":"ES256","kid":")" + std::string(kid) + "\"}")) + ".e30." +
               to_base64url(Bytes(64, 1));
    };
    const std::string jwk = R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                            R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
    ASSERT_TRUE(folder.write("sealed-secret/one", as_bytes(jwk)));
    ASSERT_TRUE(folder.write("kbs/two", as_bytes(jwk)));
    fake.source().secrets["kbs:///a/key/b"] = jwk;
    const auto unseal = [&](std::string_view kid) { return fake.hub().unseal(as_bytes(sealed(kid)), soon()); };
    // The key is there, and so the signature is what is wrong.
    expect_error(unseal("one"), {"signature"}, Fault::kNo);
    expect_error(unseal("kbs:///a/key/b"), {"signature"}, Fault::kNo);
    expect_error(unseal("kbs+resource:///a/key/b"), {"signature"}, Fault::kNo);
    expect_error(unseal("none"), {"sealed-secret/none", "No such file"}, Fault::kNo);
    for (const auto* kid : {"../kbs/two", "/etc/hostname", "", ".", "x/../one"})
        expect_error(unseal(kid), {"leads elsewhere"});
}

TEST(DataHub, UnwrapsKeysOfLayers) {
    FakeHub fake;
    fake.source().secrets[kKek] = kek();
    for (const auto packet : {kPacket, kCounterPacket}) {
        const auto json =
            parse_json(text_of(fake.hub().unwrap_key(as_bytes(request(packet)), soon())), "answer").value();
        std::string options;
        for (const auto& byte : json.at("keyunwrapresults").at("optsdata"))
            options += static_cast<char>(byte.get<int>());
        EXPECT_EQ(options, kOptions);
    }
    expect_error(fake.hub().unwrap_key(as_bytes(request(with(kPacket, "key/kek", "key/other"))), soon()),
                 {"PolicyDeny"}, Fault::kNo);
    expect_error(fake.hub().unwrap_key(as_bytes(request(with(kPacket, "\"iv\":\"A", "\"iv\":\"B"))), soon()),
                 {"this key"}, Fault::kNo);
    expect_error(fake.hub().unwrap_key(as_bytes(request("{}")), soon()), {"annotation packet"});
    expect_error(fake.hub().unwrap_key({}, soon()), {"key provider request"});
    const std::string wrap = R"({"op":"keywrap","keywrapparams":{"ec":{"Parameters":{"attestation-agent":["eA=="]}},)"
                             R"("optsdata":"e30="}})";
    expect_error(fake.hub().unwrap_key(as_bytes(wrap), soon()), {"expected keyunwrap"});
}

}  // namespace
}  // namespace hallmark::hub
