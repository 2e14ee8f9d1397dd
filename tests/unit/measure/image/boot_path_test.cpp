// SPDX-License-Identifier: Apache-2.0
#include "measure/image/boot_path.hpp"

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_manifest.hpp"

namespace hallmark {
namespace {

using namespace hallmark::test;
using Pointer = Json::json_pointer;
using Texts = std::vector<std::string>;

Result<std::vector<BootPath>> read(const Json& manifest) {
    const auto object = JsonObject::of(manifest, "manifest.json").value();
    return read_boot_paths(object, {"hallmark", "other"});
}

TEST(BootPath, ReadsEveryField) {
    const auto paths = read(manifest());
    ASSERT_TRUE(paths) << paths.error().message;
    ASSERT_EQ(paths->size(), 1U);
    const auto& path = paths->front();
    EXPECT_EQ(path.name, "uki");
    EXPECT_EQ(path.artefacts, (Texts{"firmware_generic", "uki", "uki_disk", "disk"}));
    EXPECT_EQ(path.command_lines, Texts{"hallmark"});
    EXPECT_EQ(path.describes, "a kernel that the firmware starts");
    EXPECT_EQ(path.covered_by[0], Texts{});  // snp_launch_digest
    EXPECT_EQ(path.covered_by[3], (Texts{"uki", "command_line", "command_line_additions"}));
    EXPECT_EQ(path.covered_by[7], Texts{"command_line_additions"});
}

struct Broken {
    const char* place;
    Json value;
    const char* message;
};

TEST(BootPath, RefusesWrongValues) {
    const std::vector<Broken> all = {
        {"", Json::array(), "boot_paths: empty"},
        {"", Json::array({boot_path(), boot_path()}), "boot_paths[1].name: 'uki' stands twice"},
        {"/0/name", "", "boot_paths[0].name: empty"},
        {"/0/artefacts/1", "initrd",
         "boot_paths[0].artefacts: found 'initrd', expected one of kernel, firmware_amdsev"},
        {"/0/artefacts/1", "disk", "boot_paths[0].artefacts: 'disk' stands twice"},
        {"/0/artefacts", "disk", "boot_paths[0].artefacts: found string, expected a list"},
        {"/0/artefacts/0", 1, "boot_paths[0].artefacts[0]: found number"},
        {"/0/command_lines/0", "none", "boot_paths[0].command_lines: found 'none', expected one of hallmark, other"},
        {"/0/covered_by/tdx_mrtd/0", "firmware_amdsev",
         "covered_by.tdx_mrtd: found 'firmware_amdsev', expected one of firmware_generic, uki"},
        {"/0/covered_by/tdx_rtmr0", Json::array(), "covered_by.tdx_rtmr0: unknown key"},
        {"/0/covered_by/vtpm_pcr12", Json::array({"uki", "uki"}), "covered_by.vtpm_pcr12: 'uki' stands twice"},
    };
    for (const auto& broken : all) {
        auto json = manifest();
        json[Pointer("/boot_paths" + std::string(broken.place))] = broken.value;
        expect_error(read(json), {"manifest.json: ", broken.message});
    }
}

}  // namespace
}  // namespace hallmark
