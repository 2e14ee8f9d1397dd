// SPDX-License-Identifier: Apache-2.0
#include "measure/reference_values/reference_values.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <tuple>

#include "common/file.hpp"
#include "common/json.hpp"
#include "common/text.hpp"
#include "measure/image/fields.hpp"
#include "measure/snp/kernel_hashes.hpp"

namespace hallmark {
namespace {

constexpr std::string_view kSchema = "hallmark/reference-values/v1";
constexpr std::size_t kLargestDocument = 64 * 1024 * 1024;

Json artefact_json(const Artefact& artefact) {
    return {{"file", artefact.file}, {"size", artefact.size}, {"sha256", to_hex(artefact.sha256)}};
}

Json launch_json(const SnpLaunch& launch) {
    return {{"command_line", launch.command_line},
            {"vmm_type", launch.vmm_type},
            {"vcpu_type", launch.vcpu_type},
            {"vcpu_signature", hex_number(launch.vcpu_signature)},
            {"guest_features", hex_number(launch.guest_features)},
            {"vcpus", launch.vcpus},
            {"launch_digest", to_hex(launch.launch_digest)}};
}

Json snp_json(const SnpReferenceValues& values) {
    Json lines = Json::array();
    for (const auto& line : values.command_lines)
        lines.push_back({{"name", line.name}, {"text", line.text}, {"sha256", to_hex(line.sha256)}});
    Json launches = Json::array();
    for (const auto& launch : values.launches) launches.push_back(launch_json(launch));
    return {{"firmware", artefact_json(values.firmware)}, {"kernel", artefact_json(values.kernel)},
            {"initrd_sha256", to_hex(values.initrd)},     {"command_lines", std::move(lines)},
            {"policy", hex_number(values.policy)},        {"launches", std::move(launches)}};
}

Result<std::uint32_t> narrow(const JsonObject& object, std::string_view key, std::uint64_t value) {
    if (value <= std::numeric_limits<std::uint32_t>::max()) return static_cast<std::uint32_t>(value);
    return bad_input(object.path_of(key) + ": found " + std::to_string(value) + ", expected 32 bits");
}

Result<SnpLaunch> read_launch(const JsonObject& object) {
    HALLMARK_CHECK(object.only(
        {"command_line", "vmm_type", "vcpu_type", "vcpu_signature", "guest_features", "vcpus", "launch_digest"}));
    SnpLaunch launch;
    HALLMARK_TRY(launch.command_line, object.string("command_line"));
    HALLMARK_TRY(launch.vmm_type, object.string("vmm_type"));
    HALLMARK_TRY(launch.vcpu_type, object.string("vcpu_type"));
    HALLMARK_TRY(const std::uint64_t signature, hex_number_field(object, "vcpu_signature"));
    HALLMARK_TRY(launch.vcpu_signature, narrow(object, "vcpu_signature", signature));
    HALLMARK_TRY(launch.guest_features, hex_number_field(object, "guest_features"));
    HALLMARK_TRY(const std::uint64_t vcpus, object.number("vcpus"));
    HALLMARK_TRY(launch.vcpus, narrow(object, "vcpus", vcpus));
    HALLMARK_TRY(launch.launch_digest, digest_field<Sha384>(object, "launch_digest"));
    return launch;
}

Result<std::vector<MeasuredCommandLine>> read_command_lines(const JsonObject& snp) {
    HALLMARK_TRY(const auto objects, objects_field(snp, "command_lines"));
    std::vector<MeasuredCommandLine> lines;
    for (const auto& object : objects) {
        HALLMARK_CHECK(object.only({"name", "text", "sha256"}));
        MeasuredCommandLine line;
        HALLMARK_TRY(line.name, object.string("name"));
        HALLMARK_TRY(line.text, object.string("text"));
        HALLMARK_TRY(line.sha256, digest_field<Sha256>(object, "sha256"));
        const auto expected = snp::hash_command_line(line.text);
        if (line.sha256 != expected)
            return bad_input(object.path_of("sha256") + ": found " + to_hex(line.sha256) + ", expected " +
                             to_hex(expected) + ", the hash of the text");
        lines.push_back(std::move(line));
    }
    return lines;
}

Status read_launches(const JsonObject& snp, SnpReferenceValues& into) {
    HALLMARK_TRY(const auto objects, objects_field(snp, "launches"));
    std::set<std::tuple<std::string, std::string, std::string, std::uint64_t, std::uint32_t>> seen;
    for (const auto& object : objects) {
        HALLMARK_TRY(SnpLaunch launch, read_launch(object));
        const auto known = std::ranges::find(into.command_lines, launch.command_line, &MeasuredCommandLine::name);
        if (known == into.command_lines.end())
            return bad_input(object.path_of("command_line") + ": found '" + launch.command_line +
                             "', expected the name of one of the command lines");
        if (!seen.emplace(launch.command_line, launch.vmm_type, launch.vcpu_type, launch.guest_features, launch.vcpus)
                 .second)
            return bad_input(object.where() + ": the same launch stands twice");
        into.launches.push_back(std::move(launch));
    }
    return {};
}

Result<SnpReferenceValues> read_snp(const JsonObject& document) {
    HALLMARK_TRY(const JsonObject object, document.object("snp"));
    HALLMARK_CHECK(object.only({"firmware", "kernel", "initrd_sha256", "command_lines", "policy", "launches"}));
    SnpReferenceValues values;
    HALLMARK_TRY(values.firmware, artefact_field(object, "firmware"));
    HALLMARK_TRY(values.kernel, artefact_field(object, "kernel"));
    HALLMARK_TRY(values.initrd, digest_field<Sha256>(object, "initrd_sha256"));
    HALLMARK_TRY(values.command_lines, read_command_lines(object));
    HALLMARK_TRY(values.policy, hex_number_field(object, "policy"));
    HALLMARK_CHECK(read_launches(object, values));
    return values;
}

}  // namespace

std::vector<const SnpLaunch*> SnpReferenceValues::find(const Sha384& launch_digest) const {
    std::vector<const SnpLaunch*> found;
    for (const auto& launch : launches)
        if (launch.launch_digest == launch_digest) found.push_back(&launch);
    return found;
}

const SnpLaunch* SnpReferenceValues::find(std::string_view command_line, std::string_view vcpu_type,
                                          std::uint32_t vcpus) const {
    const auto found = std::ranges::find_if(launches, [&](const SnpLaunch& launch) {
        return launch.command_line == command_line && launch.vcpu_type == vcpu_type && launch.vcpus == vcpus;
    });
    return found == launches.end() ? nullptr : &*found;
}

std::string to_document(const ReferenceValues& values) {
    return to_text({{"schema", kSchema},
                    {"name", values.name},
                    {"version", values.version},
                    {"locked", values.locked},
                    {"manifest_sha256", to_hex(values.manifest)},
                    {"snp", snp_json(values.snp)}});
}

Result<ReferenceValues> parse_reference_values(ByteSpan text, const std::string& what) {
    HALLMARK_TRY(const Json json, parse_json(text_of(text), what));
    HALLMARK_TRY(const JsonObject object, JsonObject::of(json, what));
    HALLMARK_CHECK(check_schema(object, kSchema));
    HALLMARK_CHECK(object.only({"schema", "name", "version", "locked", "manifest_sha256", "snp"}));
    ReferenceValues values;
    HALLMARK_TRY(values.name, object.string("name"));
    HALLMARK_TRY(values.version, object.string("version"));
    HALLMARK_TRY(values.locked, object.boolean("locked"));
    HALLMARK_TRY(values.manifest, digest_field<Sha256>(object, "manifest_sha256"));
    HALLMARK_TRY(values.snp, read_snp(object));
    return values;
}

Result<ReferenceValues> read_reference_values(const std::filesystem::path& folder) {
    const auto path = folder / kReferenceValuesFile;
    HALLMARK_TRY(const Bytes text, read_file(path, kLargestDocument));
    return parse_reference_values(text, path.string());
}

}  // namespace hallmark
