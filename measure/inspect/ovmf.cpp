// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "common/digest.hpp"
#include "common/hex.hpp"
#include "measure/inspect/format.hpp"
#include "measure/ovmf/guid_table.hpp"
#include "measure/ovmf/layout.hpp"
#include "measure/ovmf/sev_metadata.hpp"
#include "measure/ovmf/tdx_metadata.hpp"
#include "measure/ovmf/traits.hpp"

namespace hallmark::inspect {
namespace {

using ovmf::GuidTable;

constexpr Guid kSevMetadata = guid("dc886566-984a-4798-a75e-5585a7bf67cc");
constexpr Guid kTdxMetadata = guid("e47a6535-984a-4798-865e-4685a7bf8ec2");

struct KnownEntry {
    Guid guid;
    const char* name;
};

/// edk2, OvmfPkg/ResetVector/Ia16/ResetVectorVtf0.asm, edk2-stable202405; IGVM metadata: edk2-stable202508; SVSM
/// information: coconut-svsm/svsm, stage1/meta.S.
constexpr std::array kKnownEntries = {
    KnownEntry{guid("00f771de-1a7e-4fcb-890e-68c77e2fb44e"), "SEV-ES reset block"},
    KnownEntry{guid("4c2eb361-7d9b-4cc3-8081-127c90d3d294"), "SEV secret"},
    KnownEntry{guid("7255371f-3a3b-4b04-927b-1da6efa8d454"), "SEV hash table"},
    KnownEntry{kSevMetadata, "SEV metadata"},
    KnownEntry{kTdxMetadata, "TDX metadata"},
    KnownEntry{guid("784fa70e-3176-4677-8a20-04b68699e374"), "IGVM metadata"},
    KnownEntry{guid("a789a612-0597-4c4b-a49f-cbb1fe9d1ddd"), "SVSM information"},
};

std::string name_of(const Guid& guid) {
    for (const auto& entry : kKnownEntries)
        if (entry.guid == guid) return entry.name;
    return "unknown";
}

/// A part that can't be read doesn't hide the others.
Json error_of(const Error& error) { return {{"error", error.message}}; }

Json sev_sections(ByteSpan image, const GuidTable& table, const std::string& what) {
    // A section of unknown type is shown, whatever a hypervisor makes of it.
    const auto sections = ovmf::parse_sev_metadata(image, table, what, {.unknown = ovmf::UnknownSections::kTake});
    if (!sections) return error_of(sections.error());
    Json list = Json::array();
    for (const auto& section : *sections)
        list.push_back({{"type", std::string(ovmf::name_of(section.type))},
                        {"number", static_cast<std::uint32_t>(section.type)},
                        {"gpa", hex_number(section.gpa)},
                        {"size", hex_number(section.size)}});
    return list;
}

Json tdx_sections(ByteSpan image, const std::string& what) {
    const auto sections = ovmf::parse_tdx_metadata(image, what);
    if (!sections) return error_of(sections.error());
    Json list = Json::array();
    for (const auto& section : *sections)
        list.push_back({{"type", std::string(ovmf::name_of(section.type))},
                        {"gpa", hex_number(section.gpa)},
                        {"size", hex_number(section.memory_size)},
                        {"offset", hex_number(section.data_offset)},
                        {"data_size", hex_number(section.data_size)},
                        {"measured", (section.attributes & ovmf::kMeasured) != 0},
                        {"added_later", (section.attributes & ovmf::kAddedLater) != 0}});
    return list;
}

/// What is recognised in the firmware's content.
Json traits_of(ByteSpan image) {
    const auto traits = ovmf::firmware_traits(image);
    if (!traits.readable) return {{"readable", false}};
    Json json = {{"readable", true},
                 {"measures_td", traits.measures_td},
                 {"tdx_only", traits.tdx_only},
                 {"secure_boot", traits.secure_boot},
                 {"named_blobs", traits.named_blobs},
                 {"boot_menu", traits.boot_menu},
                 {"initrd_first", traits.initrd_first},
                 {"initrd_last", traits.initrd_last}};
    if (traits.version) json["version"] = *traits.version;
    return json;
}

bool is_ovmf(ByteSpan bytes) {
    return bytes.size() % ovmf::kPageSize == 0 && bytes.size() <= ovmf::kLargestFirmware &&
           ovmf::parse_guid_table(bytes, "").has_value();
}

Result<Json> describe(ByteSpan bytes, const std::string& what) {
    HALLMARK_TRY(const GuidTable table, ovmf::parse_guid_table(bytes, what));
    Json json = {{"size", bytes.size()}, {"sha256", to_hex(sha256(bytes))}, {"guid_table", Json::array()}};
    for (const auto& entry : table.entries)
        json["guid_table"].push_back({{"guid", entry.guid.text()},
                                      {"name", name_of(entry.guid)},
                                      {"offset", hex_number(entry.offset)},
                                      {"data", to_hex(entry.data)}});
    if (table.find(kSevMetadata) != nullptr) json["sev_sections"] = sev_sections(bytes, table, what);
    if (table.find(kTdxMetadata) != nullptr) json["tdx_sections"] = tdx_sections(bytes, what);
    json["traits"] = traits_of(bytes);
    return json;
}

}  // namespace

const Format kOvmf{.name = "ovmf",
                   .title = "OVMF firmware, with its SEV and TDX metadata",
                   .recognise = is_ovmf,
                   .describe = describe};

}  // namespace hallmark::inspect
