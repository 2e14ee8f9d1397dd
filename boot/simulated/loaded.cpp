// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/loaded.hpp"

#include <cstring>

#include "boot/simulated/cpu_state.hpp"
#include "common/hex.hpp"
#include "measure/snp/launch.hpp"

namespace hallmark::boot {
namespace {

constexpr const char* kFirmwareInMemory = "firmware in guest memory";

/// Whether a launch measures pages of this type as zero, whatever lies there.
bool measured_as_zero(ovmf::SevSectionType type) {
    return type == ovmf::SevSectionType::kMemory || type == ovmf::SevSectionType::kSvsmCallingArea;
}

Status check_zero_pages(const GuestMemory& memory, const ovmf::SevFirmware& layout) {
    for (const auto& section : layout.sections) {
        if (!measured_as_zero(section.type)) continue;
        HALLMARK_TRY(const Bytes bytes, memory.read(section.gpa, section.size));
        if (all_zero(bytes)) continue;
        std::size_t offset = 0;
        while (bytes[offset] == 0) ++offset;
        return refused("guest memory at " + hex_number(section.gpa + offset) + " holds " +
                       hex_number(bytes[offset], 2) + ", expected 0: the firmware's metadata says that this page is " +
                       "measured as zero, so it was changed before the first instruction");
    }
    return {};
}

/// The page of the kernel hash section, or nothing where a launch measures it as zero.
Result<std::optional<Bytes>> read_hash_page(const GuestMemory& memory, const ovmf::SevFirmware& layout) {
    const auto* section = layout.kernel_hash_section();
    if (section == nullptr) return std::nullopt;
    HALLMARK_TRY(Bytes page, memory.read(section->gpa, snp::kPageSize));
    if (all_zero(page)) return std::nullopt;
    return page;
}

/// As many CPUs as QEMU says there are, in the order of their indexes.
Result<std::vector<Registers>> read_cpus(Guest& guest, Deadline deadline) {
    HALLMARK_TRY(const Json answer, guest.qmp().execute("query-cpus-fast", Json::object(), deadline));
    HALLMARK_TRY(auto cpus, guest.registers(deadline));
    if (!answer.is_array() || answer.size() != cpus.size())
        return refused("QEMU lists " + std::to_string(answer.size()) + " CPUs, but shows registers of " +
                       std::to_string(cpus.size()));
    return cpus;
}

Sha384 launch_digest(const Loaded& loaded) {
    snp::LaunchDigest digest;
    snp::add_firmware(digest, loaded.firmware);
    std::optional<snp::PageSpan> page;
    if (loaded.hash_page) page.emplace(snp::PageSpan(loaded.hash_page->data(), snp::kPageSize));
    snp::add_sections(digest, loaded.layout.sections, page);
    for (const auto& cpu : loaded.cpus) digest.vmsa_page(snp::kQemu.vmsa_gpa, cpu);
    return digest.value();
}

}  // namespace

std::optional<snp::HashTable> Loaded::hash_table() const {
    if (!hash_page || !layout.kernel_hash_table) return std::nullopt;
    const std::size_t offset = layout.kernel_hash_table->gpa % snp::kPageSize;
    if (offset + sizeof(snp::HashTable) > hash_page->size()) return std::nullopt;
    snp::HashTable table;
    std::memcpy(static_cast<void*>(&table), hash_page->data() + offset, sizeof table);
    if (table.guid != snp::hash_table({}).guid) return std::nullopt;
    return table;
}

Result<ovmf::SevFirmware> read_layout(Guest& guest, const GuestMemory& memory, Deadline deadline) {
    HALLMARK_TRY(const auto firmware, memory.firmware(guest.qmp(), deadline));
    return ovmf::parse_sev_firmware(firmware.bytes, kFirmwareInMemory);
}

Status write_hash_table(const GuestMemory& memory, const ovmf::SevFirmware& layout, const snp::KernelHashes& hashes) {
    HALLMARK_TRY(const bool untouched, memory.untouched());
    if (!untouched) return refused("guest memory is not zero before the launch");
    const auto& table = layout.kernel_hash_table;
    if (layout.kernel_hash_section() == nullptr || !table)
        return refused(std::string(kFirmwareInMemory) + ": names no page for kernel hashes; boot with OVMF.amdsev.fd");
    return memory.write(table->gpa, as_bytes(snp::hash_table(hashes)));
}

Result<Loaded> read_loaded(Guest& guest, const GuestMemory& memory, Deadline deadline) {
    Loaded loaded;
    HALLMARK_TRY(auto firmware, memory.firmware(guest.qmp(), deadline));
    loaded.firmware = std::move(firmware.bytes);
    HALLMARK_TRY(loaded.layout, ovmf::parse_sev_firmware(loaded.firmware, kFirmwareInMemory));
    HALLMARK_CHECK(check_zero_pages(memory, loaded.layout));
    HALLMARK_TRY(loaded.hash_page, read_hash_page(memory, loaded.layout));
    HALLMARK_TRY(const auto cpus, read_cpus(guest, deadline));
    HALLMARK_TRY(loaded.cpus, cpu_states(cpus, loaded.layout.application_cpu_reset));
    loaded.cpu_signature = static_cast<std::uint32_t>(loaded.cpus.front().rdx);
    loaded.digest = launch_digest(loaded);
    return loaded;
}

}  // namespace hallmark::boot
