// SPDX-License-Identifier: Apache-2.0
#include "common/formats/init_data.hpp"

#include <gtest/gtest.h>

#include "common/file.hpp"
#include "common/hex.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_init_data.hpp"
#include "tests/support/vectors.hpp"

namespace hallmark::init_data {
namespace {

using test::kInitData;

TEST(InitData, ADocument) {
    const auto document = parse_document(kInitData, "f.toml");
    ASSERT_TRUE(document) << document.error().message;
    EXPECT_EQ(document->version, "0.1.0");
    EXPECT_EQ(document->algorithm, Algorithm::kSha384);
    ASSERT_EQ(document->data.size(), 2U);
    EXPECT_EQ(document->data.at("aa.toml"), "[token_configs.kbs]\nurl = \"http://127.0.0.1:8080\"\n");
    EXPECT_EQ(document->data.at("policy.rego"), "package agent_policy\n");
    EXPECT_TRUE(document->unknown.empty());
}

TEST(InitData, TheDigestIsThatOfTheVeryBytes) {
    const auto bytes = as_bytes(kInitData);
    const std::string small = "ff2408eddb84953d1f8020139508b2db388f9631b2bbdb1f4102dbf5ac5232b7";
    const std::string medium =
        "a413e223f56b56436fd4961a9d5eafe7abe702989d3ae05b1ed3dab238c34254983802c7f1d78b5de136172115e44d64";
    const std::string large =
        "d4918568090b86471a7124194076be9745336e9417a1ee6d8ba8d7dd97b50f2d"
        "11763212904dc1bd094bb32680c7587c9f65cbf46bfb724289e7e4265654fb2b";
    EXPECT_EQ(to_hex(digest(Algorithm::kSha256, bytes)), small);
    EXPECT_EQ(to_hex(digest(Algorithm::kSha384, bytes)), medium);
    EXPECT_EQ(to_hex(digest(Algorithm::kSha512, bytes)), large);
    // Cut at the end, or zeros at the end.
    EXPECT_EQ(to_hex(host_data(from_hex(small).value())), small);
    EXPECT_EQ(to_hex(host_data(from_hex(large).value())), large.substr(0, 64));
    EXPECT_EQ(to_hex(mr_config_id(from_hex(small).value())), small + std::string(32, '0'));
    EXPECT_EQ(to_hex(mr_config_id(from_hex(medium).value())), medium);
    EXPECT_EQ(to_hex(mr_config_id(from_hex(large).value())), large.substr(0, 96));
}

TEST(InitData, UnknownKeysAreNamed) {
    const auto document = parse_document("extra = 1\n" + std::string(kInitData), "f.toml");
    ASSERT_TRUE(document) << document.error().message;
    EXPECT_EQ(document->unknown, std::vector<std::string>{"extra"});
}

TEST(InitData, AKeyOfManyPartsDoesNotOverflowTheStack) {
    std::string text = "a";
    for (int i = 0; i < 500'000; ++i) text += ".a";
    test::expect_error(parse_document(text + " = 1\n", "f.toml"), {"f.toml", "500000 dots"});
    // In texts they mean nothing.
    const std::string policy = "data = { p = \"" + std::string(5000, '.') + "\" }";
    EXPECT_TRUE(parse_document("version = \"0.1.0\"\nalgorithm = \"sha256\"\n" + policy, "f.toml"));
}

TEST(InitData, WrongDocumentsAreRefused) {
    const auto refuse = [](std::string_view text, std::initializer_list<std::string_view> words) {
        test::expect_error(parse_document(text, "f.toml"), words);
    };
    refuse("", {"f.toml", "version"});
    refuse("version = 1", {"version"});
    refuse("version = \"0.2.0\"", {"0.2.0", "0.1.0"});
    refuse("version = \"0.1.0\"", {"algorithm"});
    refuse("version = \"0.1.0\"\nalgorithm = \"sha-256\"", {"sha-256", "sha256"});
    refuse("version = \"0.1.0\"\nalgorithm = \"sha256\"", {"[data]"});
    refuse("version = \"0.1.0\"\nalgorithm = \"sha256\"\ndata = 1", {"[data]"});
    refuse("version = \"0.1.0\"\nalgorithm = \"sha256\"\n[data]\n\"aa.toml\" = 3", {"line 4", "aa.toml", "text"});
    refuse("version = \"0.1.0\"\nversion = \"0.1.0\"", {"line 2", "no TOML"});
    refuse("a = 1\n[/1]\n", {"line 2", "no TOML"});
    refuse("version = \xff", {"line 1", "no TOML"});
    refuse("a = " + std::string(100'000, '['), {"line 1"});
    refuse(std::string(kLargestDocument + 1, '\n'), {"at most 4194304"});
}

TEST(InitData, ARealDisk) {
    HALLMARK_VECTOR(path, "confidential-containers/initdata.img");
    const auto disk = read_file(path, 4096).value();
    EXPECT_TRUE(is_disk(disk));
    const auto document = read_disk(disk, "f.img");
    ASSERT_TRUE(document) << document.error().message;
    EXPECT_TRUE(equal(*document, as_bytes(std::string_view("some content"))));
}

TEST(InitData, WrongDisksAreRefused) {
    const auto good = test::init_data_disk(from_hex(test::kSomeContentGzip).value());
    ASSERT_TRUE(read_disk(good, "f.img"));
    for (std::size_t size = 0; size < 16 + test::kSomeContentGzip.size() / 2; ++size)
        EXPECT_FALSE(read_disk(ByteSpan(good).first(size), "f.img")) << size;
    auto changed = good;
    changed[0] = 'I';
    EXPECT_FALSE(is_disk(changed));
    test::expect_error(read_disk(changed, "f.img"), {"offset 0x0", "initdata"});
    changed = good;
    changed[10] = 1;
    test::expect_error(read_disk(changed, "f.img"), {"bytes left", "expected 655"});
    changed[15] = 0x80;
    test::expect_error(read_disk(changed, "f.img"), {"offset 0x8", "at most 0x400000"});
    changed = good;
    ++changed[8];
    test::expect_error(read_disk(changed, "f.img"), {"offset 0x10", "left over"});
}

}  // namespace
}  // namespace hallmark::init_data
