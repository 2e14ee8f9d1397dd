// SPDX-License-Identifier: Apache-2.0
// manifest.json: what a guest image is made of, and the exact command lines to boot it with.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/json.hpp"
#include "common/result.hpp"
#include "measure/image/boot_path.hpp"

namespace hallmark {

struct Artefact {
    std::string file;  ///< in the folder of the manifest
    std::uint64_t size = 0;
    Sha256 sha256{};
};

/// An artefact as documents name it: exactly file, size and sha256.
Result<Artefact> artefact_field(const JsonObject& parent, std::string_view key);

/// dm-verity of the disk's root file system, without superblock.
struct Verity {
    std::string hash_algorithm;
    Bytes root_hash;
    Bytes salt;
    std::uint64_t data_blocks = 0;
    std::uint64_t data_block_size = 0;
    std::uint64_t hash_block_size = 0;
    std::uint64_t data_partition = 0;
    std::uint64_t hash_partition = 0;
};

struct CommandLine {
    std::string name;
    std::string text;  ///< byte for byte as it is measured
    std::string describes;
};

/// One package that went in.
struct ManifestInput {
    std::string purpose;
    std::string name;
    std::string version;
    std::string architecture;
    std::uint64_t size = 0;
    Sha256 sha256{};
    std::string suite;
    std::string path;
    bool locked = false;
};

struct Tool {
    std::string name;
    std::string version;
};

struct Manifest {
    std::string name;
    std::string version;
    bool locked = false;
    Artefact kernel;
    Artefact firmware_amdsev;
    Artefact firmware_generic;
    Artefact disk;
    Artefact uki;
    Artefact uki_disk;
    Verity verity;
    std::vector<CommandLine> command_lines;
    std::vector<BootPath> boot_paths;
    std::vector<ManifestInput> inputs;
    std::vector<Tool> tools;
    Sha256 sha256{};  ///< of the manifest's own bytes

    [[nodiscard]] std::array<const Artefact*, kArtefacts.size()> artefacts() const;

    /// A command line by name; nullptr where there is none.
    [[nodiscard]] const CommandLine* find_command_line(std::string_view wanted) const;
};

constexpr std::string_view kManifestFile = "manifest.json";

/// Reads the text of a manifest, schema hallmark/manifest/v1: no key may be missing or unknown. `what` names it.
Result<Manifest> parse_manifest(ByteSpan text, const std::string& what);

/// Reads DIR/manifest.json.
Result<Manifest> read_manifest(const std::filesystem::path& folder);

/// Size and SHA-256 of one artefact are those of the manifest; a difference is the answer no.
Status verify_artefact(const std::filesystem::path& folder, const Artefact& artefact);

/// The same for all artefacts of a manifest.
Status verify_artefacts(const std::filesystem::path& folder, const Manifest& manifest);

}  // namespace hallmark
