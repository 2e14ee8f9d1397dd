// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/payload.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/expect_error.hpp"

namespace hallmark::image_policy {
namespace {

using test::expect_error;

const std::string kDigest = "sha256:" + std::string(64, 'a');

std::string critical(const std::string& type = "atomic container signature", const std::string& digest = kDigest) {
    return R"({"type":")" + type + R"(","image":{"docker-manifest-digest":")" + digest +
           R"("},"identity":{"docker-reference":"r.example/a:1"}})";
}

Result<Payload> parse(const std::string& text, PayloadKind kind = PayloadKind::kSimpleSigning) {
    return parse_payload(as_bytes(text), kind, "payload");
}

Result<Payload> with(const std::string& critical_member, const std::string& optional = "{}",
                     PayloadKind kind = PayloadKind::kSimpleSigning) {
    return parse(R"({"critical":)" + critical_member + R"(,"optional":)" + optional + "}", kind);
}

TEST(ParsePayload, ReadsWhatWasSigned) {
    const auto payload = with(critical(), R"({"creator":"a","timestamp":1,"more":[null]})");
    ASSERT_TRUE(payload) << payload.error().message;
    EXPECT_EQ(payload->manifest.text(), kDigest);
    EXPECT_EQ(payload->reference, "r.example/a:1");
    EXPECT_TRUE(with(critical("cosign container image signature"), "null", PayloadKind::kCosign));
}

TEST(ParsePayload, RefusesTheOtherKind) {
    expect_error(with(critical(), "{}", PayloadKind::kCosign), {"critical.type", "cosign container image signature"});
    expect_error(with(critical("cosign container image signature")), {"critical.type", "atomic container signature"});
}

TEST(ParsePayload, RefusesOtherMembersOfWhatCounts) {
    expect_error(parse("{}"), {"optional", "missing"});
    expect_error(parse(R"({"critical":)" + critical() + R"(,"optional":{},"more":1})"), {"more", "unknown key"});
    expect_error(with(critical(), "null"), {"optional", "null", "object"});
    expect_error(with(critical(), R"({"creator":1})"), {"creator"});
    expect_error(with(critical(), R"({"timestamp":"1"})"), {"timestamp", "whole number"});
    expect_error(with(critical(), R"({"timestamp":1.5})"), {"timestamp", "whole number"});
    expect_error(with("{}"), {"critical.type", "missing"});
    expect_error(with(critical().insert(1, R"("more":1,)")), {"critical.more", "unknown key"});
    expect_error(with(critical().insert(1, R"("type":"x",)")), {"'type' stands twice"});
    expect_error(with(critical("atomic container signature", "sha256:" + std::string(64, 'A'))),
                 {"docker-manifest-digest"});
    expect_error(with(critical("atomic container signature", "md5:" + std::string(32, 'a'))),
                 {"docker-manifest-digest"});
    expect_error(with(R"({"type":"atomic container signature","image":{"docker-manifest-digest":")" + kDigest +
                      R"("},"identity":{"docker-reference":null}})"),
                 {"docker-reference", "null"});
    expect_error(parse(std::string(kLargestPayload + 1, ' ')), {"65537 bytes"});
}

}  // namespace
}  // namespace hallmark::image_policy
