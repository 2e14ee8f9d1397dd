// SPDX-License-Identifier: Apache-2.0
#include "measure/image/manifest.hpp"

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_guest.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark {
namespace {

using namespace hallmark::test;
using Pointer = Json::json_pointer;

Result<Manifest> parse(const Json& json) {
    const auto text = to_text(json);
    return parse_manifest(as_bytes(std::string_view(text)), "manifest.json");
}

TEST(Manifest, ReadsEveryField) {
    const auto read = parse(manifest());
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->name, "hallmark-guest");
    EXPECT_TRUE(read->locked);
    EXPECT_EQ(read->kernel.file, "vmlinuz");
    EXPECT_EQ(read->kernel.size, 70001U);
    EXPECT_EQ(read->disk.file, "guest.img");
    EXPECT_EQ(read->uki.file, "guest.efi");
    EXPECT_EQ(read->uki_disk.file, "guest-uki.img");
    EXPECT_EQ(read->boot_paths.at(0).name, "uki");
    EXPECT_EQ(read->verity.data_blocks, 512U);
    EXPECT_EQ(to_hex(read->verity.salt), "00ff");
    ASSERT_EQ(read->command_lines.size(), 2U);
    EXPECT_EQ(read->find_command_line("other")->text, kOtherCommandLine);
    EXPECT_EQ(read->find_command_line("none"), nullptr);
    EXPECT_EQ(read->inputs.at(0).architecture, "amd64");
    EXPECT_EQ(read->tools.at(0).version, "14.2.0-19");
    EXPECT_EQ(read->sha256, sha256(as_bytes(std::string_view(to_text(manifest())))));
}

TEST(Manifest, RefusesAnUnknownKeyAnywhere) {
    for (const std::string place : {"", "/artefacts", "/artefacts/disk", "/verity", "/command_lines/1", "/boot_paths/0",
                                    "/boot_paths/0/covered_by", "/inputs/0"}) {
        auto json = manifest();
        json[Pointer(place)]["colour"] = "blue";
        expect_error(parse(json), {"manifest.json: ", "colour: unknown key"});
    }
}

TEST(Manifest, RefusesAMissingKeyAnywhere) {
    const auto whole = manifest();
    for (const std::string place : {"", "/artefacts", "/artefacts/kernel", "/verity", "/command_lines/0",
                                    "/boot_paths/0", "/boot_paths/0/covered_by", "/inputs/0"})
        for (const auto& [key, value] : whole[Pointer(place)].items()) {
            auto json = whole;
            json[Pointer(place)].erase(key);
            expect_error(parse(json), {"manifest.json: ", key + ": missing"});
        }
}

TEST(Manifest, RefusesAnotherTypeAnywhere) {
    const auto whole = manifest();
    const auto fields = whole.flatten();
    for (const auto& [place, value] : fields.items()) {
        auto json = whole;
        json[Pointer(place)] = nullptr;
        expect_error(parse(json), {"manifest.json: ", "found null"});
    }
}

struct Broken {
    const char* place;
    Json value;
    const char* message;
};

TEST(Manifest, RefusesWrongValues) {
    const std::vector<Broken> all = {
        {"/schema", "hallmark/manifest/v2", "schema: found 'hallmark/manifest/v2'"},
        {"/artefacts/kernel/file", "", "artefacts.kernel.file: found ''"},
        {"/artefacts/kernel/file", "../vmlinuz", "artefacts.kernel.file: found '../vmlinuz'"},
        {"/artefacts/kernel/file", "/etc/passwd", "artefacts.kernel.file"},
        {"/artefacts/kernel/file", "..", "artefacts.kernel.file"},
        {"/artefacts/kernel/file", std::string("a\0b", 3), "artefacts.kernel.file"},
        {"/artefacts/disk/sha256", std::string(63, '0'), "artefacts.disk.sha256"},
        {"/artefacts/disk/sha256", std::string(62, '0'), "found 62 digits, expected 64"},
        {"/artefacts/disk/sha256", std::string(64, 'A'), "artefacts.disk.sha256"},
        {"/artefacts/disk/size", -1, "artefacts.disk.size"},
        {"/artefacts/disk/size", 1.5, "artefacts.disk.size"},
        {"/verity/root_hash", "00", "verity.root_hash"},
        {"/verity/salt", "0g", "verity.salt"},
        {"/verity/hash_algorithm", "md5", "verity.hash_algorithm: found 'md5'"},
        {"/verity/data_block_size", 0, "verity.data_block_size: found 0"},
        {"/verity/hash_block_size", 1000, "verity.hash_block_size: found 1000"},
        {"/command_lines", Json::array(), "command_lines: empty"},
        {"/command_lines/1/name", "hallmark", "command_lines[1].name: 'hallmark' stands twice"},
        {"/command_lines/0/name", "", "command_lines[0].name: empty"},
        {"/command_lines/0/text", std::string(2048, 'x'), "command_lines[0].text: 2048 bytes"},
        {"/command_lines/0/text", "a\nb", "command_lines[0].text: has a control character"},
        {"/inputs/0/sha256", "", "inputs[0].sha256: found 0 digits"},
    };
    for (const auto& broken : all) {
        auto json = manifest();
        json[Pointer(broken.place)] = broken.value;
        expect_error(parse(json), {"manifest.json: ", broken.message});
    }
}

TEST(Manifest, RefusesWhatIsNotAManifest) {
    for (const std::string_view text : {"", "{", "[]", "null", "{\"schema\":\"x\"} x", "\xff\xfe"})
        expect_error(parse_manifest(as_bytes(text), "m.json"), {"m.json"});
    expect_error(parse_manifest(as_bytes(std::string_view("{\"schema\":\"a\",\"schema\":\"b\"}")), "m.json"),
                 {"twice"});
}

TEST(Manifest, IsReadFromItsFolder) {
    const TemporaryFolder folder;
    expect_error(read_manifest(folder.path()), {"manifest.json", "No such file"});
    write_guest(folder.path());
    EXPECT_TRUE(read_manifest(folder.path()));
}

TEST(Manifest, ArtefactsAreCompared) {
    const TemporaryFolder folder;
    write_guest(folder.path());
    const auto read = read_manifest(folder.path()).value();
    EXPECT_TRUE(verify_artefacts(folder.path(), read));

    auto kernel = synthetic_kernel();
    kernel[1000] ^= 1;
    write(folder.path() / "vmlinuz", kernel);
    expect_error(verify_artefacts(folder.path(), read), {"vmlinuz", "SHA-256"}, Fault::kNo);
    kernel.push_back(0);
    write(folder.path() / "vmlinuz", kernel);
    expect_error(verify_artefacts(folder.path(), read), {"vmlinuz", "70002 bytes", "70001"}, Fault::kNo);
    write(folder.path() / "vmlinuz", synthetic_kernel());
    write(folder.path() / "guest-uki.img", synthetic_kernel());
    expect_error(verify_artefacts(folder.path(), read), {"guest-uki.img", "70001 bytes", "4096"}, Fault::kNo);
    std::filesystem::remove(folder.path() / "vmlinuz");
    expect_error(verify_artefacts(folder.path(), read), {"vmlinuz", "No such file"});
}

}  // namespace
}  // namespace hallmark
