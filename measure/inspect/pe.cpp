// SPDX-License-Identifier: Apache-2.0
#include "measure/inspect/pe.hpp"

#include "common/hex.hpp"
#include "measure/inspect/format.hpp"
#include "measure/pe/authenticode.hpp"

namespace hallmark::inspect {
namespace {

std::string machine_name(pe::Machine machine) {
    switch (machine) {
        case pe::Machine::kI386:
            return "i386";
        case pe::Machine::kAmd64:
            return "x86-64";
        case pe::Machine::kArm64:
            return "arm64";
    }
    return hex_number(static_cast<std::uint16_t>(machine), 4);
}

std::string subsystem_name(pe::Subsystem subsystem) {
    switch (subsystem) {
        case pe::Subsystem::kEfiApplication:
            return "EFI application";
        case pe::Subsystem::kEfiBootServiceDriver:
            return "EFI boot service driver";
        case pe::Subsystem::kEfiRuntimeDriver:
            return "EFI runtime driver";
    }
    return std::to_string(static_cast<std::uint16_t>(subsystem));
}

Json describe_section(const pe::Section& section) {
    return {{"name", section.name},
            {"virtual_address", hex_number(section.virtual_address)},
            {"virtual_size", section.virtual_size},
            {"offset", hex_number(section.raw_offset)},
            {"size", section.raw.size()}};
}

Result<Json> describe_file(ByteSpan bytes, const std::string& what) {
    HALLMARK_TRY(const pe::PeFile file, pe::parse_pe(bytes, what));
    return describe_pe(bytes, file, what);
}

}  // namespace

Result<Json> describe_pe(ByteSpan bytes, const pe::PeFile& file, const std::string& what) {
    Json json = {{"size", bytes.size()},
                 {"kind", file.plus ? "PE32+" : "PE32"},
                 {"machine", machine_name(file.machine)},
                 {"subsystem", subsystem_name(file.subsystem)},
                 {"entry_point", hex_number(file.entry_point)},
                 {"signed", file.certificate_size != 0}};
    HALLMARK_TRY(const Sha256 small, pe::authenticode<Sha256>(bytes, file, what));
    HALLMARK_TRY(const Sha384 large, pe::authenticode<Sha384>(bytes, file, what));
    json["authenticode"] = {{"sha256", to_hex(small)}, {"sha384", to_hex(large)}};
    Json sections = Json::array();
    for (const auto& section : file.sections) sections.push_back(describe_section(section));
    json["sections"] = std::move(sections);
    return json;
}

const Format kPe{
    .name = "pe", .title = "PE image, as UEFI loads it", .recognise = pe::is_pe, .describe = describe_file};

}  // namespace hallmark::inspect
