// SPDX-License-Identifier: Apache-2.0
#include "measure/reference_values/reference_values.hpp"

#include <gtest/gtest.h>

#include "common/hex.hpp"
#include "common/json.hpp"
#include "measure/snp/kernel_hashes.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark {
namespace {

using namespace hallmark::test;
using Pointer = Json::json_pointer;

ReferenceValues example() {
    ReferenceValues values;
    values.name = "hallmark-guest";
    values.version = "0.1.0";
    values.locked = true;
    values.manifest.fill(0xab);
    values.snp.firmware = {"OVMF.amdsev.fd", 65536, sha256({})};
    values.snp.kernel = {"vmlinuz", 70001, sha256({})};
    values.snp.initrd = snp::hash_no_initrd();
    values.snp.command_lines = {{"hallmark", "panic=1", snp::hash_command_line("panic=1")}};
    values.snp.policy = 0x30000;
    SnpLaunch launch{"hallmark", "QEMU", "EPYC-v4", 0x800f12, 1, 1, {}};
    launch.launch_digest.fill(0x01);
    values.snp.launches.push_back(launch);
    launch.vcpus = 2;
    launch.launch_digest.fill(0x02);
    values.snp.launches.push_back(launch);
    return values;
}

Result<ReferenceValues> parse(const Json& json) {
    const auto text = to_text(json);
    return parse_reference_values(as_bytes(std::string_view(text)), "r.json");
}

Json document() { return parse_json(to_document(example()), "r.json").value(); }

TEST(ReferenceValues, ReadsWhatItWrites) {
    const auto text = to_document(example());
    const auto read = parse_reference_values(as_bytes(std::string_view(text)), "r.json");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(to_document(*read), text);
    EXPECT_EQ(read->snp.launches.size(), 2U);
    EXPECT_EQ(read->snp.launches[1].vcpus, 2U);
    EXPECT_EQ(read->snp.launches[1].vcpu_signature, 0x800f12U);
    EXPECT_EQ(read->snp.policy, 0x30000U);
}

TEST(ReferenceValues, FindsALaunch) {
    const auto values = example().snp;
    Sha384 digest;
    digest.fill(0x02);
    ASSERT_EQ(values.find(digest).size(), 1U);
    EXPECT_EQ(values.find(digest)[0]->vcpus, 2U);
    EXPECT_EQ(values.find("hallmark", "EPYC-v4", 2)->launch_digest, digest);
    EXPECT_EQ(values.find("hallmark", "EPYC-v4", 3), nullptr);
    EXPECT_EQ(values.find("hallmark", "EPYC", 2), nullptr);
    EXPECT_EQ(values.find("kata", "EPYC-v4", 2), nullptr);
    digest.fill(0x03);
    EXPECT_TRUE(values.find(digest).empty());
}

TEST(ReferenceValues, RefusesUnknownAndMissingKeys) {
    for (const std::string place : {"", "/snp", "/snp/kernel", "/snp/command_lines/0", "/snp/launches/1"}) {
        auto json = document();
        json[Pointer(place)]["colour"] = "blue";
        expect_error(parse(json), {"r.json: ", "colour: unknown key"});
        const auto whole = document();
        for (const auto& [key, value] : whole[Pointer(place)].items()) {
            json = whole;
            json[Pointer(place)].erase(key);
            expect_error(parse(json), {"r.json: ", key + ": missing"});
        }
    }
}

TEST(ReferenceValues, RefusesWrongValues) {
    const std::vector<std::tuple<const char*, Json, const char*>> all = {
        {"/schema", "hallmark/reference-values/v0", "schema"},
        {"/snp/policy", "196608", "snp.policy"},
        {"/snp/policy", "0x030000", "snp.policy"},
        {"/snp/launches/0/launch_digest", std::string(64, '0'), "snp.launches[0].launch_digest: found 64 digits"},
        {"/snp/launches/0/vcpus", 0x100000000, "snp.launches[0].vcpus"},
        {"/snp/launches/0/vcpu_signature", "0x100000000", "snp.launches[0].vcpu_signature"},
        {"/snp/launches/0/command_line", "kata", "snp.launches[0].command_line: found 'kata'"},
        {"/snp/launches/1/vcpus", 1, "snp.launches[1]: the same launch stands twice"},
        {"/snp/command_lines/0/text", "panic=2", "snp.command_lines[0].sha256"},
    };
    for (const auto& [place, value, message] : all) {
        auto json = document();
        json[Pointer(place)] = value;
        expect_error(parse(json), {"r.json: ", message});
    }
}

TEST(ReferenceValues, AreReadFromTheirFolder) {
    const TemporaryFolder folder;
    expect_error(read_reference_values(folder.path()), {"reference-values.json", "No such file"});
}

}  // namespace
}  // namespace hallmark
