// SPDX-License-Identifier: Apache-2.0
// The manifest of a small synthetic image.
#pragma once

#include <string>

#include "common/digest.hpp"
#include "common/hex.hpp"
#include "common/json.hpp"
#include "tests/support/synthetic_firmware.hpp"

namespace hallmark::test {

inline constexpr const char* kOwnCommandLine = "console=hvc0 panic=1";
inline constexpr const char* kOtherCommandLine = "console=ttyS0";

inline Json artefact(const char* file, ByteSpan bytes) {
    return {{"file", file}, {"size", bytes.size()}, {"sha256", to_hex(sha256(bytes))}};
}

/// Nothing reads it but to hash it.
inline Bytes synthetic_uki() { return Bytes(4096, 0x4d); }

inline Json boot_path() {
    return {
        {"name", "uki"},
        {"artefacts", Json::array({"firmware_generic", "uki", "uki_disk", "disk"})},
        {"command_lines", Json::array({"hallmark"})},
        {"covered_by",
         {{"snp_launch_digest", Json::array()},
          {"tdx_mrtd", Json::array({"firmware_generic"})},
          {"tdx_rtmr1", Json::array({"uki"})},
          {"tdx_rtmr2", Json::array({"uki", "command_line", "command_line_additions"})},
          {"vtpm_pcr4", Json::array({"uki"})},
          {"vtpm_pcr9", Json::array({"command_line"})},
          {"vtpm_pcr11", Json::array({"uki"})},
          {"vtpm_pcr12", Json::array({"command_line_additions"})}}},
        {"describes", "a kernel that the firmware starts"},
    };
}

/// A manifest that is right in every field, for the artefacts of write_guest.
inline Json manifest() {
    const std::string zeros(64, '0');
    return {
        {"schema", "hallmark/manifest/v1"},
        {"name", "hallmark-guest"},
        {"version", "0.1.0"},
        {"locked", true},
        {"artefacts",
         {{"kernel", artefact("vmlinuz", synthetic_kernel())},
          {"firmware_amdsev", artefact("OVMF.amdsev.fd", firmware())},
          {"firmware_generic", artefact("OVMF.fd", firmware_without_kernel_hashes())},
          {"disk", artefact("guest.img", synthetic_initrd())},
          {"uki", artefact("guest.efi", synthetic_uki())},
          {"uki_disk", artefact("guest-uki.img", synthetic_uki())}}},
        {"verity",
         {{"hash_algorithm", "sha256"},
          {"root_hash", zeros},
          {"salt", "00ff"},
          {"data_blocks", 512},
          {"data_block_size", 4096},
          {"hash_block_size", 4096},
          {"data_partition", 1},
          {"hash_partition", 2}}},
        {"command_lines", Json::array({{{"name", "hallmark"}, {"text", kOwnCommandLine}, {"describes", "its own"}},
                                       {{"name", "other"}, {"text", kOtherCommandLine}, {"describes", "another"}}})},
        {"boot_paths", Json::array({boot_path()})},
        {"inputs", Json::array({{{"purpose", "root"},
                                 {"name", "libc6"},
                                 {"version", "2.41-12"},
                                 {"architecture", "amd64"},
                                 {"size", 1},
                                 {"sha256", zeros},
                                 {"suite", "trixie"},
                                 {"path", "pool/main/g/glibc/libc6.deb"},
                                 {"locked", true}}})},
        {"tools", {{"gcc-14", "14.2.0-19"}}},
    };
}

}  // namespace hallmark::test
