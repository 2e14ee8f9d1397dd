// SPDX-License-Identifier: Apache-2.0
#include "measure/snp/launch.hpp"

#include <array>

namespace hallmark::snp {
namespace {

using ovmf::SevSectionType;

void add_memory_page(LaunchDigest& digest, std::uint64_t gpa, const VmmProfile& profile) {
    if (profile.memory_pages == PageType::kUnmeasured) return digest.unmeasured_page(gpa);
    digest.zero_page(gpa);
}

void add_section_page(LaunchDigest& digest, SevSectionType type, std::uint64_t gpa, std::optional<PageSpan> hash_page,
                      const VmmProfile& profile) {
    switch (type) {
        case SevSectionType::kMemory:
            return add_memory_page(digest, gpa, profile);
        case SevSectionType::kSvsmCallingArea:
            return digest.zero_page(gpa);
        case SevSectionType::kSecrets:
            return digest.secrets_page(gpa);
        case SevSectionType::kCpuid:
            return digest.cpuid_page(gpa);
        case SevSectionType::kKernelHashes:
            return hash_page ? digest.normal_page(gpa, *hash_page) : digest.zero_page(gpa);
    }
    digest.zero_page(gpa);
}

void add_section(LaunchDigest& digest, const ovmf::SevSection& section, std::optional<PageSpan> hash_page,
                 const VmmProfile& profile) {
    digest.part(ovmf::name_of(section.type));
    for (std::uint64_t gpa = section.gpa; gpa < section.end(); gpa += kPageSize)
        add_section_page(digest, section.type, gpa, hash_page, profile);
}

}  // namespace

void add_firmware(LaunchDigest& digest, ByteSpan image) {
    const auto begin = ovmf::kFourGiB - image.size();
    digest.part("firmware");
    for (std::size_t offset = 0; offset < image.size(); offset += kPageSize)
        digest.normal_page(begin + offset, PageSpan(image.subspan(offset, kPageSize)));
}

void add_sections(LaunchDigest& digest, std::span<const ovmf::SevSection> sections, std::optional<PageSpan> hash_page,
                  const VmmProfile& profile) {
    const auto is_late = [&](const ovmf::SevSection& section) {
        return profile.cpuid_pages_last && section.type == SevSectionType::kCpuid;
    };
    for (const auto& section : sections)
        if (!is_late(section)) add_section(digest, section, hash_page, profile);
    for (const auto& section : sections)
        if (is_late(section)) add_section(digest, section, hash_page, profile);
}

CpuStates cpu_states(const VmmProfile& profile, const ovmf::SevFirmware& firmware, std::uint32_t signature,
                     std::uint64_t features) {
    return {initial_state(profile, CpuRole::kBoot, profile.boot_cpu_start, signature, features),
            initial_state(profile, CpuRole::kApplication, firmware.application_cpu_reset, signature, features)};
}

void add_cpus(LaunchDigest& digest, const VmmProfile& profile, const CpuStates& states, std::uint32_t count) {
    if (count == 0) return;
    digest.part("boot CPU");
    digest.vmsa_page(profile.vmsa_gpa, states.boot_cpu);
    const auto application_cpu = sha384(as_bytes(states.application_cpu));
    digest.part("application CPU");
    for (std::uint32_t i = 1; i < count; ++i) digest.vmsa_page(profile.vmsa_gpa, application_cpu);
}

Result<Sha384> predict_sections(const Sha384& after_firmware, const ovmf::SevFirmware& firmware,
                                const std::optional<KernelHashes>& kernel, const std::string& what,
                                const VmmProfile& profile, Trace* trace) {
    LaunchDigest digest(after_firmware, trace);
    if (!kernel) {
        add_sections(digest, firmware.sections, std::nullopt, profile);
        return digest.value();
    }
    if (firmware.kernel_hash_section() == nullptr)
        return bad_input(what +
                         ": no section for kernel hashes, so the kernel would not be measured; name a firmware "
                         "built for that (AmdSev), or no kernel");
    const auto page = hash_page(*kernel, firmware.kernel_hash_table->gpa);
    add_sections(digest, firmware.sections, PageSpan(page), profile);
    return digest.value();
}

}  // namespace hallmark::snp
