// SPDX-License-Identifier: Apache-2.0
#include "common/key-provider/annotation_packet.hpp"

#include <gtest/gtest.h>

#include <string>

#include "common/file.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/vectors.hpp"

namespace hallmark::key_provider {
namespace {

using test::expect_error;

constexpr std::string_view kPacket =
    R"({"kid":"kbs:///default/key/1","wrapped_data":"AAECAw==","iv":"AAAAAAAAAAAAAAAA","wrap_type":"A256GCM"})";

std::string with(std::string_view from, std::string_view to) {
    std::string text(kPacket);
    return text.replace(text.find(from), from.size(), to);
}

TEST(AnnotationPacket, OfCocoIsReadAndWrittenByteForByte) {
    HALLMARK_VECTOR(path, "confidential-containers/annotation-packet-v1.json");
    const Bytes file = read_file(path, 4096).value();
    const std::string text(file.begin(), file.end());
    const auto packet = parse_annotation_packet(text);
    ASSERT_TRUE(packet) << packet.error().message;
    EXPECT_EQ(packet->kid, "kbs:///kbs:///default/key/1");
    EXPECT_EQ(packet->iv.size(), 12U);
    EXPECT_EQ(packet->wrapped_data.size(), 209U);
    // The vector is laid out for people; its packets are not.
    std::string compact;
    for (const char c : text)
        if (c != ' ' && c != '\n') compact += c;
    EXPECT_EQ(write_annotation_packet(*packet), compact);
}

TEST(AnnotationPacket, OfVersion2IsReadWhereTheBrokerHasTheKey) {
    const auto packet = parse_annotation_packet(
        with("{", R"({"version":"0.1.0","provider":"kbs","provider_settings":{},"annotations":{},)"));
    ASSERT_TRUE(packet) << packet.error().message;
    EXPECT_EQ(packet->wrapped_data, (Bytes{0, 1, 2, 3}));
    expect_error(parse_annotation_packet(with("{", R"({"provider":"aliyun",)")), {"provider", "expected kbs"});
    expect_error(parse_annotation_packet(with("{", R"({"version":"0.2.0",)")), {"version", "expected 0.1.0"});
}

TEST(AnnotationPacket, WithoutWhatItNeedsIsRefused) {
    EXPECT_EQ(parse_annotation_packet(with("A256GCM", "A256CTR")).value().wrap_type, WrapType::kA256Ctr);
    expect_error(parse_annotation_packet(with("A256GCM", "A128GCM")), {"wrap_type", "A256GCM"});
    expect_error(parse_annotation_packet(with("AAECAw==", "AAECAw")), {"wrapped_data"});
    expect_error(parse_annotation_packet(with("\"iv\"", "\"iw\"")), {"iw"});
    expect_error(parse_annotation_packet(with(R"("iv":"AAAAAAAAAAAAAAAA",)", "")), {"iv"});
    expect_error(parse_annotation_packet("[]"), {"annotation packet", "object"});
    expect_error(parse_annotation_packet(""), {"annotation packet", "JSON"});
}

}  // namespace
}  // namespace hallmark::key_provider
