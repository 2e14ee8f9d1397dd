// SPDX-License-Identifier: Apache-2.0
#include "measure/reference_values/matrix.hpp"

#include <map>

#include "common/file.hpp"
#include "common/hex.hpp"
#include "measure/ovmf/sev_firmware.hpp"
#include "measure/snp/launch.hpp"
#include "measure/snp/vcpu.hpp"

namespace hallmark {
namespace {

constexpr std::uint32_t kMostVcpus = 64;
/// What QEMU sets where it is told nothing else: SNP is active.
constexpr std::uint64_t kGuestFeatures = snp::kFeatureSnpActive;
/// Kata's default (snp_guest_policy): ABI 0.0 or newer, SMT allowed, the bit that must be one.
constexpr std::uint64_t kPolicy = 0x30000;

/// Digests for 1, 2, … CPUs; each is the one before and one more CPU.
using Chain = std::vector<Sha384>;

Chain extend(const Sha384& memory, const snp::VmmProfile& profile, const snp::CpuStates& states) {
    snp::LaunchDigest digest(memory);
    Chain chain;
    digest.vmsa_page(profile.vmsa_gpa, states.boot_cpu);
    chain.push_back(digest.value());
    const auto application_cpu = sha384(as_bytes(states.application_cpu));
    while (chain.size() < kMostVcpus) {
        digest.vmsa_page(profile.vmsa_gpa, application_cpu);
        chain.push_back(digest.value());
    }
    return chain;
}

/// The launches of one command line. Types with one signature share a chain, and are listed by name all the same.
void add_launches(SnpReferenceValues& values, const std::string& command_line, const Sha384& memory,
                  const ovmf::SevFirmware& firmware) {
    const auto& profile = snp::kQemu;
    std::map<std::uint32_t, Chain> chains;
    for (const auto& type : snp::vcpu_types()) {
        const auto signature = type.model.signature();
        auto& chain = chains[signature];
        if (chain.empty()) chain = extend(memory, profile, cpu_states(profile, firmware, signature, kGuestFeatures));
        for (std::uint32_t vcpus = 1; vcpus <= kMostVcpus; ++vcpus)
            values.launches.push_back({command_line, std::string(profile.name), std::string(type.name), signature,
                                       kGuestFeatures, vcpus, chain[vcpus - 1]});
    }
}

/// The firmware that was checked, and no other that took its place since.
Result<Bytes> read_checked(const std::filesystem::path& path, const Artefact& artefact) {
    HALLMARK_TRY(Bytes bytes, read_file(path, ovmf::kLargestFirmware));
    if (sha256(bytes) != artefact.sha256) return refused(path.string() + ": changed while it was read; try again");
    return bytes;
}

Result<SnpReferenceValues> measure_snp(const std::filesystem::path& folder, const Manifest& manifest) {
    const auto path = folder / manifest.firmware_amdsev.file;
    HALLMARK_TRY(const Bytes image, read_checked(path, manifest.firmware_amdsev));
    HALLMARK_TRY(const ovmf::SevFirmware firmware, ovmf::parse_sev_firmware(image, path.string()));
    SnpReferenceValues values;
    values.firmware = manifest.firmware_amdsev;
    values.kernel = manifest.kernel;
    values.initrd = snp::hash_no_initrd();
    values.policy = kPolicy;
    snp::LaunchDigest prefix;
    add_firmware(prefix, image);
    for (const auto& line : manifest.command_lines) {
        const auto hash = snp::hash_command_line(line.text);
        values.command_lines.push_back({line.name, line.text, hash});
        const snp::KernelHashes hashes{manifest.kernel.sha256, values.initrd, hash};
        HALLMARK_TRY(const Sha384 memory, predict_sections(prefix.value(), firmware, hashes, path.string()));
        add_launches(values, line.name, memory, firmware);
    }
    return values;
}

}  // namespace

Result<ReferenceValues> measure_image(const std::filesystem::path& folder, const Manifest& manifest) {
    HALLMARK_CHECK(verify_artefacts(folder, manifest));
    ReferenceValues values{manifest.name, manifest.version, manifest.locked, manifest.sha256, {}};
    HALLMARK_TRY(values.snp, measure_snp(folder, manifest));
    return values;
}

}  // namespace hallmark
