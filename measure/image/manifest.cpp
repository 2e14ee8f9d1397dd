// SPDX-License-Identifier: Apache-2.0
#include "measure/image/manifest.hpp"

#include <algorithm>

#include "common/file.hpp"
#include "common/json.hpp"
#include "common/text.hpp"
#include "measure/image/fields.hpp"

namespace hallmark {
namespace {

constexpr std::string_view kSchema = "hallmark/manifest/v1";
constexpr std::size_t kLargestManifest = 16 * 1024 * 1024;
/// Linux on x86 cuts longer ones (COMMAND_LINE_SIZE, with the NUL).
constexpr std::size_t kLongestCommandLine = 2047;

Status read_artefacts(const JsonObject& manifest, Manifest& into) {
    HALLMARK_TRY(const JsonObject object, manifest.object("artefacts"));
    HALLMARK_CHECK(object.only(kArtefacts));
    HALLMARK_TRY(into.kernel, artefact_field(object, "kernel"));
    HALLMARK_TRY(into.firmware_amdsev, artefact_field(object, "firmware_amdsev"));
    HALLMARK_TRY(into.firmware_generic, artefact_field(object, "firmware_generic"));
    HALLMARK_TRY(into.disk, artefact_field(object, "disk"));
    HALLMARK_TRY(into.uki, artefact_field(object, "uki"));
    HALLMARK_TRY(into.uki_disk, artefact_field(object, "uki_disk"));
    return {};
}

Result<std::uint64_t> block_size_field(const JsonObject& object, std::string_view key) {
    HALLMARK_TRY(const std::uint64_t size, object.number(key));
    if (size == 0 || size % 512 != 0)
        return bad_input(object.path_of(key) + ": found " + std::to_string(size) +
                         ", expected a positive multiple of 512");
    return size;
}

Result<Verity> read_verity(const JsonObject& manifest) {
    HALLMARK_TRY(const JsonObject object, manifest.object("verity"));
    HALLMARK_CHECK(object.only({"hash_algorithm", "root_hash", "salt", "data_blocks", "data_block_size",
                                "hash_block_size", "data_partition", "hash_partition"}));
    Verity verity;
    HALLMARK_TRY(verity.hash_algorithm, object.string("hash_algorithm"));
    if (verity.hash_algorithm != "sha256")
        return bad_input(object.path_of("hash_algorithm") + ": found '" + verity.hash_algorithm +
                         "', expected 'sha256'");
    HALLMARK_TRY(const Sha256 root_hash, digest_field<Sha256>(object, "root_hash"));
    verity.root_hash.assign(root_hash.begin(), root_hash.end());
    HALLMARK_TRY(verity.salt, hex_field(object, "salt"));
    HALLMARK_TRY(verity.data_blocks, object.number("data_blocks"));
    HALLMARK_TRY(verity.data_block_size, block_size_field(object, "data_block_size"));
    HALLMARK_TRY(verity.hash_block_size, block_size_field(object, "hash_block_size"));
    HALLMARK_TRY(verity.data_partition, object.number("data_partition"));
    HALLMARK_TRY(verity.hash_partition, object.number("hash_partition"));
    return verity;
}

Result<CommandLine> read_command_line(const JsonObject& object) {
    HALLMARK_CHECK(object.only({"name", "text", "describes"}));
    CommandLine line;
    HALLMARK_TRY(line.name, object.string("name"));
    HALLMARK_TRY(line.text, object.string("text"));
    HALLMARK_TRY(line.describes, object.string("describes"));
    if (line.name.empty()) return bad_input(object.path_of("name") + ": empty, expected a name");
    if (line.text.size() > kLongestCommandLine)
        return bad_input(object.path_of("text") + ": " + std::to_string(line.text.size()) +
                         " bytes, expected at most " + std::to_string(kLongestCommandLine));
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; };
    if (std::ranges::any_of(line.text, is_control))
        return bad_input(object.path_of("text") + ": has a control character, expected one line of text");
    return line;
}

Status read_command_lines(const JsonObject& manifest, Manifest& into) {
    HALLMARK_TRY(const auto objects, objects_field(manifest, "command_lines"));
    for (const auto& object : objects) {
        HALLMARK_TRY(CommandLine line, read_command_line(object));
        if (into.find_command_line(line.name) != nullptr)
            return bad_input(object.path_of("name") + ": '" + line.name + "' stands twice");
        into.command_lines.push_back(std::move(line));
    }
    if (into.command_lines.empty())
        return bad_input(manifest.path_of("command_lines") + ": empty, expected at least one command line");
    return {};
}

Status read_paths(const JsonObject& manifest, Manifest& into) {
    std::vector<std::string> names;
    for (const auto& line : into.command_lines) names.push_back(line.name);
    HALLMARK_TRY(into.boot_paths, read_boot_paths(manifest, names));
    return {};
}

Result<ManifestInput> read_input(const JsonObject& object) {
    HALLMARK_CHECK(
        object.only({"purpose", "name", "version", "architecture", "size", "sha256", "suite", "path", "locked"}));
    ManifestInput input;
    HALLMARK_TRY(input.purpose, object.string("purpose"));
    HALLMARK_TRY(input.name, object.string("name"));
    HALLMARK_TRY(input.version, object.string("version"));
    HALLMARK_TRY(input.architecture, object.string("architecture"));
    HALLMARK_TRY(input.size, object.number("size"));
    HALLMARK_TRY(input.sha256, digest_field<Sha256>(object, "sha256"));
    HALLMARK_TRY(input.suite, object.string("suite"));
    HALLMARK_TRY(input.path, object.string("path"));
    HALLMARK_TRY(input.locked, object.boolean("locked"));
    return input;
}

Status read_inputs_and_tools(const JsonObject& manifest, Manifest& into) {
    HALLMARK_TRY(const auto objects, objects_field(manifest, "inputs"));
    for (const auto& object : objects) {
        HALLMARK_TRY(ManifestInput input, read_input(object));
        into.inputs.push_back(std::move(input));
    }
    HALLMARK_TRY(const JsonObject tools, manifest.object("tools"));
    for (const auto& name : tools.keys()) {
        HALLMARK_TRY(std::string version, tools.string(name));
        into.tools.push_back({name, std::move(version)});
    }
    return {};
}

}  // namespace

Result<Artefact> artefact_field(const JsonObject& parent, std::string_view key) {
    HALLMARK_TRY(const JsonObject object, parent.object(key));
    HALLMARK_CHECK(object.only({"file", "size", "sha256"}));
    Artefact artefact;
    HALLMARK_TRY(artefact.file, file_name_field(object, "file"));
    HALLMARK_TRY(artefact.size, object.number("size"));
    HALLMARK_TRY(artefact.sha256, digest_field<Sha256>(object, "sha256"));
    return artefact;
}

std::array<const Artefact*, kArtefacts.size()> Manifest::artefacts() const {
    return {&kernel, &firmware_amdsev, &firmware_generic, &disk, &uki, &uki_disk};
}

const CommandLine* Manifest::find_command_line(std::string_view wanted) const {
    const auto found = std::ranges::find(command_lines, wanted, &CommandLine::name);
    return found == command_lines.end() ? nullptr : &*found;
}

Result<Manifest> parse_manifest(ByteSpan text, const std::string& what) {
    HALLMARK_TRY(const Json json, parse_json(text_of(text), what));
    HALLMARK_TRY(const JsonObject object, JsonObject::of(json, what));
    HALLMARK_CHECK(check_schema(object, kSchema));
    HALLMARK_CHECK(object.only({"schema", "name", "version", "locked", "artefacts", "verity", "command_lines",
                                "boot_paths", "inputs", "tools"}));
    Manifest manifest;
    manifest.sha256 = sha256(text);
    HALLMARK_TRY(manifest.name, object.string("name"));
    HALLMARK_TRY(manifest.version, object.string("version"));
    HALLMARK_TRY(manifest.locked, object.boolean("locked"));
    HALLMARK_CHECK(read_artefacts(object, manifest));
    HALLMARK_TRY(manifest.verity, read_verity(object));
    HALLMARK_CHECK(read_command_lines(object, manifest));
    HALLMARK_CHECK(read_paths(object, manifest));
    HALLMARK_CHECK(read_inputs_and_tools(object, manifest));
    return manifest;
}

Result<Manifest> read_manifest(const std::filesystem::path& folder) {
    const auto path = folder / kManifestFile;
    HALLMARK_TRY(const Bytes text, read_file(path, kLargestManifest));
    return parse_manifest(text, path.string());
}

Status verify_artefact(const std::filesystem::path& folder, const Artefact& artefact) {
    const auto path = folder / artefact.file;
    HALLMARK_TRY(const FileDigest found, digest_file(path));
    if (found.size != artefact.size)
        return refused(path.string() + ": " + std::to_string(found.size) + " bytes, the manifest says " +
                       std::to_string(artefact.size) + "; build the image again");
    if (found.sha256 != artefact.sha256)
        return refused(path.string() + ": SHA-256 " + to_hex(found.sha256) + ", the manifest says " +
                       to_hex(artefact.sha256) + "; build the image again");
    return {};
}

Status verify_artefacts(const std::filesystem::path& folder, const Manifest& manifest) {
    for (const auto* artefact : manifest.artefacts()) HALLMARK_CHECK(verify_artefact(folder, *artefact));
    return {};
}

}  // namespace hallmark
