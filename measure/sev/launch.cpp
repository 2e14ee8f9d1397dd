// SPDX-License-Identifier: Apache-2.0
#include "measure/sev/launch.hpp"

#include "common/hex.hpp"
#include "measure/ovmf/sev_firmware.hpp"

namespace hallmark::sev {
namespace {

/// SEV_FEATURES of an SEV-ES guest: none; SNPActive would make it another kind of guest.
constexpr std::uint64_t kNoFeatures = 0;

}  // namespace

void LaunchDigest::add(ByteSpan bytes, std::string_view what) {
    hasher_.update(bytes);
    if (trace_ == nullptr) return;
    trace_->push_back({std::string(what), std::to_string(bytes.size()) + " bytes, SHA-256 " + to_hex(sha256(bytes)),
                       to_hex(value())});
}

void LaunchDigest::firmware(ByteSpan image) { add(image, "firmware"); }

void LaunchDigest::kernel_hashes(const snp::KernelHashes& hashes) {
    const auto table = snp::hash_table(hashes);
    add(as_bytes(table), "kernel hash table");
}

void LaunchDigest::vmsa(const snp::Vmsa& state, std::string_view what) { add(as_bytes(state), what); }

Result<Sha256> predict(ByteSpan image, const std::optional<snp::KernelHashes>& kernel,
                       const std::optional<snp::CpuStates>& cpus, std::uint32_t vcpus, const std::string& what,
                       Trace* trace) {
    HALLMARK_CHECK(ovmf::check_firmware_size(image.size(), what));
    LaunchDigest digest(trace);
    digest.firmware(image);
    if (kernel) {
        HALLMARK_TRY(const ovmf::SevTables tables, ovmf::parse_sev_tables(image, what));
        if (!tables.kernel_hash_table)
            return bad_input(what +
                             ": no table for kernel hashes, so the kernel would not be measured; name a firmware built "
                             "for that (AmdSev), or no kernel");
        digest.kernel_hashes(*kernel);
    }
    if (cpus)
        for (std::uint32_t i = 0; i < vcpus; ++i)
            digest.vmsa(i == 0 ? cpus->boot_cpu : cpus->application_cpu, i == 0 ? "boot CPU" : "application CPU");
    return digest.value();
}

Result<snp::CpuStates> cpu_states(const snp::VmmProfile& profile, ByteSpan image, std::uint32_t signature,
                                  const std::string& what) {
    HALLMARK_TRY(const ovmf::SevTables tables, ovmf::parse_sev_tables(image, what));
    if (!tables.application_cpu_reset)
        return bad_input(what + ": no SEV-ES reset block in the GUIDed table; name a firmware built for SEV-ES");
    ovmf::SevFirmware firmware;
    firmware.application_cpu_reset = *tables.application_cpu_reset;
    return snp::cpu_states(profile, firmware, signature, kNoFeatures);
}

}  // namespace hallmark::sev
