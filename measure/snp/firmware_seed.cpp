// SPDX-License-Identifier: Apache-2.0
#include "measure/snp/firmware_seed.hpp"

#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "common/hex.hpp"
#include "common/text.hpp"
#include "measure/image/fields.hpp"
#include "measure/snp/launch.hpp"

namespace hallmark::snp {
namespace {

constexpr std::string_view kSchema = "hallmark/sev-firmware-seed/v1";

Result<std::uint32_t> address_field(const JsonObject& object, std::string_view key) {
    HALLMARK_TRY(const std::uint64_t value, hex_number_field(object, key));
    if (value <= std::numeric_limits<std::uint32_t>::max()) return static_cast<std::uint32_t>(value);
    return bad_input(object.path_of(key) + ": found " + hex_number(value) + ", expected 32 bits");
}

Json area_json(std::uint32_t gpa, std::uint32_t size) { return {{"gpa", hex_number(gpa)}, {"size", hex_number(size)}}; }

Result<ovmf::Area> area_field(const JsonObject& seed, std::string_view key) {
    HALLMARK_TRY(const JsonObject object, seed.object(key));
    HALLMARK_CHECK(object.only({"gpa", "size"}));
    ovmf::Area area;
    HALLMARK_TRY(area.gpa, address_field(object, "gpa"));
    HALLMARK_TRY(area.size, address_field(object, "size"));
    return area;
}

Result<std::vector<ovmf::SevSection>> sections_field(const JsonObject& seed) {
    HALLMARK_TRY(const auto objects, objects_field(seed, "sections"));
    std::vector<ovmf::SevSection> sections;
    for (const auto& object : objects) {
        HALLMARK_CHECK(object.only({"gpa", "size", "type"}));
        ovmf::SevSection section;
        HALLMARK_TRY(section.gpa, address_field(object, "gpa"));
        HALLMARK_TRY(section.size, address_field(object, "size"));
        HALLMARK_TRY(const std::uint32_t type, address_field(object, "type"));
        section.type = static_cast<ovmf::SevSectionType>(type);
        sections.push_back(section);
    }
    return sections;
}

}  // namespace

Result<MeasuredFirmware> measure_firmware(ByteSpan image, const std::string& what, ovmf::UnknownSections unknown,
                                          Trace* trace) {
    MeasuredFirmware measured;
    HALLMARK_TRY(measured.layout, ovmf::parse_sev_firmware(image, what, unknown));
    LaunchDigest digest({}, trace);
    add_firmware(digest, image);
    measured.after_firmware = digest.value();
    return measured;
}

Result<FirmwareSeed> seed_of(ByteSpan image, const std::string& what, ovmf::UnknownSections unknown) {
    HALLMARK_TRY(MeasuredFirmware measured, measure_firmware(image, what, unknown));
    return FirmwareSeed{std::move(measured), sha256(image)};
}

Json to_json(const FirmwareSeed& seed) {
    Json sections = Json::array();
    for (const auto& section : seed.layout.sections) {
        auto json = area_json(section.gpa, section.size);
        json["type"] = hex_number(static_cast<std::uint32_t>(section.type));
        sections.push_back(std::move(json));
    }
    Json json = {{"schema", kSchema},
                 {"firmware_sha256", to_hex(seed.sha256)},
                 {"firmware_size", seed.layout.size},
                 {"digest_after_firmware", to_hex(seed.after_firmware)},
                 {"application_cpu_reset", hex_number(seed.layout.application_cpu_reset)}};
    if (const auto& table = seed.layout.kernel_hash_table)
        json["kernel_hash_table"] = area_json(table->gpa, table->size);
    json["sections"] = std::move(sections);
    return json;
}

Result<FirmwareSeed> parse_firmware_seed(ByteSpan text, const std::string& what, ovmf::UnknownSections unknown) {
    HALLMARK_TRY(const Json json, parse_json(text_of(text), what));
    HALLMARK_TRY(const JsonObject object, JsonObject::of(json, what));
    HALLMARK_CHECK(check_schema(object, kSchema));
    HALLMARK_CHECK(object.only({"schema", "firmware_sha256", "firmware_size", "digest_after_firmware",
                                "application_cpu_reset", "kernel_hash_table", "sections"}));
    FirmwareSeed seed;
    HALLMARK_TRY(seed.sha256, digest_field<Sha256>(object, "firmware_sha256"));
    HALLMARK_TRY(seed.layout.size, object.number("firmware_size"));
    HALLMARK_TRY(seed.after_firmware, digest_field<Sha384>(object, "digest_after_firmware"));
    HALLMARK_TRY(seed.layout.application_cpu_reset, address_field(object, "application_cpu_reset"));
    if (object.has("kernel_hash_table")) {
        HALLMARK_TRY(seed.layout.kernel_hash_table, area_field(object, "kernel_hash_table"));
    }
    HALLMARK_TRY(seed.layout.sections, sections_field(object));
    HALLMARK_CHECK(ovmf::check_sev_firmware(seed.layout, unknown, what));
    return seed;
}

}  // namespace hallmark::snp
