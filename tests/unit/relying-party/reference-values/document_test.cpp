// SPDX-License-Identifier: Apache-2.0
#include "relying-party/reference-values/document.hpp"

#include <gtest/gtest.h>

#include <map>

#include "tests/support/expect_error.hpp"

namespace hallmark::reference {
namespace {

/// Hexadecimal text that begins so.
std::string hex(const std::string& begin, std::size_t digits) {
    return begin + std::string(digits - begin.size(), '0');
}

/// What hallmark-measure writes, with three launches, two of them with one digest.
std::string image() {
    const auto launch = [](const std::string& digest, int vcpus) {
        return R"({"command_line": "own", "vmm_type": "QEMU", "vcpu_type": "EPYC-v4", "vcpu_signature": "0x800f12",)"
               R"("guest_features": "0x1", "vcpus": )" +
               std::to_string(vcpus) + R"(, "launch_digest": ")" + hex(digest, 96) + "\"}";
    };
    return R"({"schema": "hallmark/reference-values/v1", "name": "hallmark-guest", "version": "0.1.0", "locked": true,)"
           R"("manifest_sha256": ")" +
           hex("ab", 64) + R"(", "snp": {"firmware": {}, "kernel": {}, "initrd_sha256": "", "command_lines": [],)" +
           R"("policy": "0x130102", "launches": [)" + launch("01", 1) + "," + launch("02", 2) + "," + launch("01", 3) +
           "]}}";
}

std::multimap<std::string, std::string> by_name(const Document& document) {
    std::multimap<std::string, std::string> map;
    for (const auto& [name, value] : document.values) map.emplace(name, value.dump());
    return map;
}

/// The guest policy 0x130102 is ABI 1.2, SMT allowed (bit 16), bit 17 always set, one socket (bit 20).
std::multimap<std::string, std::string> image_values() {
    return {{"snp_launch_measurement", "\"01" + std::string(94, '0') + "\""},
            {"snp_launch_measurement", "\"02" + std::string(94, '0') + "\""},
            {"snp_guest_abi_major", "1"},
            {"snp_guest_abi_minor", "2"},
            {"snp_smt_allowed", "true"},
            {"snp_single_socket", "true"}};
}

TEST(Document, OurOwn) {
    const auto document = read_document(image(), "reference-values.json");
    ASSERT_TRUE(document) << document.error().message;
    EXPECT_EQ(document->source, "hallmark-guest 0.1.0");
    EXPECT_EQ(document->set, "manifest ab" + std::string(62, '0'));
    EXPECT_EQ(by_name(*document), image_values());
    EXPECT_TRUE(document->replaces.empty());
}

/// {"svn": [1, 1, 2], "debug": false, "minor": [], "uri": "x"}, encoded by coreutils' base64.
constexpr const char* kPayload = "eyJzdm4iOiBbMSwgMSwgMl0sICJkZWJ1ZyI6IGZhbHNlLCAibWlub3IiOiBbXSwgInVyaSI6ICJ4In0=";

std::string message(const std::string& payload) {
    return R"({"version":"0.1.0","type":"sample","payload":")" + payload + "\"}";
}

TEST(Document, AMessageHasValuesAndLists) {
    const auto document = read_message(message(kPayload), "m");
    ASSERT_TRUE(document) << document.error().message;
    EXPECT_EQ(by_name(*document), (std::multimap<std::string, std::string>{
                                      {"svn", "1"}, {"svn", "2"}, {"debug", "false"}, {"uri", "\"x\""}}));
    EXPECT_EQ(document->replaces, (std::vector<std::string>{"svn", "debug", "minor", "uri"}));
    // sha256sum of the payload.
    EXPECT_EQ(document->set, "message d959d79783f0a2ec36a6e7cca93464ffdffd2d54426a99cbf3c06332d1763f54");
}

TEST(Document, WrongMessagesAreRefused) {
    const auto refuse = [](const std::string& text, std::initializer_list<std::string_view> words) {
        test::expect_error(read_document(text, "m"), words);
    };
    refuse("", {"m", "not JSON"});
    refuse("[]", {"m"});
    refuse(R"({"type":"sample"})", {"m", "payload"});
    refuse(R"({"version":"0.2.0","type":"sample","payload":"e30="})", {"version", "0.2.0", "0.1.0"});
    refuse(R"({"type":"corim","payload":"e30="})", {"type", "corim", "sample"});
    refuse(R"({"type":"sample","payload":"e30=","provenance":"x"})", {"provenance"});
    refuse(message("e30"), {"payload"});
    refuse(message("e30="), {"payload", "no name"});
    refuse(message("W10="), {"payload", "array", "object"});
    // {"a": 1.5}, {"a": null}, {"a": [[1]]}, {"a b": 1}, {"a": 1, "a": 2}
    refuse(message("eyJhIjogMS41fQ=="), {"payload: a", "fraction"});
    refuse(message("eyJhIjogbnVsbH0="), {"payload: a", "null"});
    refuse(message("eyJhIjogW1sxXV19"), {"payload: a", "array"});
    refuse(message("eyJhIGIiOiAxfQ=="), {"payload", "name"});
    refuse(message("eyJhIjogMSwgImEiOiAyfQ=="), {"payload", "twice"});
    test::expect_error(read_message(std::string(kLargestDocument + 1, ' '), "m"), {"expected at most"});
}

TEST(Document, WrongReferenceValuesAreRefused) {
    const std::string good = image();
    const auto with = [&](const std::string& from, const std::string& to) {
        std::string text = good;
        const auto at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        return text.replace(at, from.size(), to);
    };
    test::expect_error(read_document(with("values/v1", "values/v2"), "f"), {"schema", "values/v2", "values/v1"});
    test::expect_error(read_document(with("\"locked\"", "\"looked\""), "f"), {"looked"});
    test::expect_error(read_document(with("\"01000", "\"0100"), "f"), {"snp.launches[0]", "launch_digest", "96"});
    test::expect_error(read_document(with("\"ab000", "\"AB000"), "f"), {"manifest_sha256", "lower-case"});
    test::expect_error(read_document(with("\"0x130102\"", "\"x\""), "f"), {"'x'"});
    const auto at = good.find("\"launches\": [");
    test::expect_error(read_document(good.substr(0, at) + "\"launches\": []}}", "f"), {"launches is empty"});
}

}  // namespace
}  // namespace hallmark::reference
