// SPDX-License-Identifier: Apache-2.0
#include "measure/snp/launch.hpp"

#include <array>

namespace hallmark::snp {
namespace {

void add_section_page(LaunchDigest& digest, ovmf::SevSectionType type, std::uint64_t gpa,
                      std::optional<PageSpan> hash_page) {
    switch (type) {
        case ovmf::SevSectionType::kMemory:
        case ovmf::SevSectionType::kSvsmCallingArea:
            return digest.zero_page(gpa);
        case ovmf::SevSectionType::kSecrets:
            return digest.secrets_page(gpa);
        case ovmf::SevSectionType::kCpuid:
            return digest.cpuid_page(gpa);
        case ovmf::SevSectionType::kKernelHashes:
            return hash_page ? digest.normal_page(gpa, *hash_page) : digest.zero_page(gpa);
    }
}

}  // namespace

void add_firmware(LaunchDigest& digest, ByteSpan image) {
    const auto begin = ovmf::kFourGiB - image.size();
    for (std::size_t offset = 0; offset < image.size(); offset += kPageSize)
        digest.normal_page(begin + offset, PageSpan(image.subspan(offset, kPageSize)));
}

void add_sections(LaunchDigest& digest, std::span<const ovmf::SevSection> sections, std::optional<PageSpan> hash_page) {
    for (const auto& section : sections)
        for (std::uint64_t gpa = section.gpa; gpa < section.end(); gpa += kPageSize)
            add_section_page(digest, section.type, gpa, hash_page);
}

CpuStates cpu_states(const VmmProfile& profile, const ovmf::SevFirmware& firmware, std::uint32_t signature,
                     std::uint64_t features) {
    return {initial_state(profile, profile.boot_cpu_start, signature, features),
            initial_state(profile, firmware.application_cpu_reset, signature, features)};
}

void add_cpus(LaunchDigest& digest, const VmmProfile& profile, const CpuStates& states, std::uint32_t count) {
    if (count == 0) return;
    digest.vmsa_page(profile.vmsa_gpa, states.boot_cpu);
    const auto application_cpu = sha384(as_bytes(states.application_cpu));
    for (std::uint32_t i = 1; i < count; ++i) digest.vmsa_page(profile.vmsa_gpa, application_cpu);
}

Result<Sha384> predict_sections(const Sha384& after_firmware, const ovmf::SevFirmware& firmware,
                                const std::optional<KernelHashes>& kernel, const std::string& what) {
    LaunchDigest digest(after_firmware);
    if (!kernel) {
        add_sections(digest, firmware.sections, std::nullopt);
        return digest.value();
    }
    if (firmware.kernel_hash_section() == nullptr)
        return bad_input(what +
                         ": no section for kernel hashes, so the kernel would not be measured; name a firmware "
                         "built for that (AmdSev), or no kernel");
    const auto page = hash_page(*kernel, firmware.kernel_hash_table->gpa);
    add_sections(digest, firmware.sections, PageSpan(page));
    return digest.value();
}

}  // namespace hallmark::snp
