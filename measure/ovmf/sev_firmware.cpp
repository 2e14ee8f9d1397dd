// SPDX-License-Identifier: Apache-2.0
#include "measure/ovmf/sev_firmware.hpp"

#include <algorithm>
#include <span>

#include "common/endian.hpp"
#include "common/hex.hpp"
#include "common/reader.hpp"
#include "measure/ovmf/guid_table.hpp"

namespace hallmark::ovmf {
namespace {

constexpr Guid kResetBlock = guid("00f771de-1a7e-4fcb-890e-68c77e2fb44e");
constexpr Guid kHashTable = guid("7255371f-3a3b-4b04-927b-1da6efa8d454");
/// The hash table, padded: what the hypervisor writes.
constexpr std::uint32_t kHashTableSize = 176;

struct RawArea {
    Le32 gpa;   // 00
    Le32 size;  // 04
};
static_assert(sizeof(RawArea) == 8 && offsetof(RawArea, size) == 4);

/// Exactly one structure of type T; `entry` names it by its GUID.
template <class T>
Result<T> read_entry(const TableEntry& entry, const std::string& what) {
    Reader reader(entry.data, what + ": entry " + entry.guid.text(), entry.offset);
    HALLMARK_TRY(const T value, reader.structure<T>());
    HALLMARK_CHECK(reader.finished());
    return value;
}

std::string no_reset_block(const std::string& what) {
    return what + ": no SEV-ES reset block (" + kResetBlock.text() +
           ") in the GUIDed table; name a firmware built for SEV-SNP";
}

Result<std::optional<std::uint32_t>> read_reset_address(const GuidTable& table, const std::string& what) {
    const auto* entry = table.find(kResetBlock);
    if (entry == nullptr) return std::optional<std::uint32_t>{};
    HALLMARK_TRY(const Le32 address, read_entry<Le32>(*entry, what));
    if (address == 0)
        return bad_input(what + ": offset " + hex_number(entry->offset) +
                         ": the application CPUs' reset address is 0, expected an address in the firmware's memory");
    return std::optional(address.get());
}

Result<std::optional<Area>> read_hash_table(const GuidTable& table, const std::string& what) {
    const auto* entry = table.find(kHashTable);
    if (entry == nullptr) return std::optional<Area>{};
    HALLMARK_TRY(const RawArea raw, read_entry<RawArea>(*entry, what));
    if (raw.gpa == 0) return std::optional<Area>{};
    if (raw.size < kHashTableSize)
        return bad_input(what + ": offset " + hex_number(entry->offset) + ": kernel hash table of " +
                         std::to_string(raw.size.get()) + " bytes, expected at least " +
                         std::to_string(kHashTableSize));
    return std::optional<Area>{Area{raw.gpa, raw.size}};
}

/// At most one section for the hashes, one page large, and the table's begin in it: the hypervisor measures that page,
/// the firmware looks at the table's address, and they must be the same bytes.
Status check_hash_section(const SevFirmware& firmware, const std::string& what) {
    const auto is_hashes = [](const SevSection& section) { return section.type == SevSectionType::kKernelHashes; };
    const auto count = std::ranges::count_if(firmware.sections, is_hashes);
    if (count == 0) return {};
    if (count > 1)
        return bad_input(what + ": " + std::to_string(count) + " kernel hash sections, expected at most one");
    const auto& section = *std::ranges::find_if(firmware.sections, is_hashes);
    if (section.size != kPageSize)
        return bad_input(what + ": kernel hash section of " + std::to_string(section.size) + " bytes, expected " +
                         std::to_string(kPageSize));
    const auto& table = firmware.kernel_hash_table;
    if (table && (table->gpa < section.gpa || std::uint64_t{table->gpa} + kHashTableSize > section.end()))
        return bad_input(what + ": kernel hash table at " + hex_number(table->gpa) +
                         ", expected inside the kernel hash section at " + hex_number(section.gpa));
    return {};
}

}  // namespace

const SevSection* SevFirmware::kernel_hash_section() const {
    if (!kernel_hash_table) return nullptr;
    const auto found = std::ranges::find(sections, SevSectionType::kKernelHashes, &SevSection::type);
    return found == sections.end() ? nullptr : &*found;
}

Status check_firmware_size(std::size_t size, const std::string& what) {
    if (size != 0 && size % kPageSize == 0 && size <= kLargestFirmware) return {};
    return bad_input(what + ": firmware of " + std::to_string(size) + " bytes, expected a multiple of " +
                     std::to_string(kPageSize) + " from " + std::to_string(kPageSize) + " to " +
                     std::to_string(kLargestFirmware));
}

Result<SevTables> parse_sev_tables(const ImageEnd& image, const std::string& what) {
    HALLMARK_CHECK(check_firmware_size(image.size, what));
    HALLMARK_TRY(const GuidTable table, parse_guid_table(image, what));
    SevTables tables;
    HALLMARK_TRY(tables.application_cpu_reset, read_reset_address(table, what));
    HALLMARK_TRY(tables.kernel_hash_table, read_hash_table(table, what));
    return tables;
}

Result<SevFirmware> parse_sev_firmware(const ImageEnd& image, const std::string& what, UnknownSections unknown) {
    HALLMARK_CHECK(check_firmware_size(image.size, what));
    HALLMARK_TRY(const GuidTable table, parse_guid_table(image, what));
    SevFirmware firmware;
    firmware.size = image.size;
    HALLMARK_TRY(const auto reset, read_reset_address(table, what));
    if (!reset) return bad_input(no_reset_block(what));
    firmware.application_cpu_reset = *reset;
    HALLMARK_TRY(firmware.kernel_hash_table, read_hash_table(table, what));
    HALLMARK_TRY(firmware.sections, parse_sev_metadata(image, table, what, {.unknown = unknown}));
    HALLMARK_CHECK(check_hash_section(firmware, what));
    return firmware;
}

Status check_sev_firmware(const SevFirmware& firmware, UnknownSections unknown, const std::string& what) {
    HALLMARK_CHECK(check_firmware_size(firmware.size, what));
    if (firmware.application_cpu_reset == 0)
        return bad_input(what + ": the application CPUs' reset address is 0, expected an address");
    if (firmware.sections.empty() || firmware.sections.size() > kMostSections)
        return bad_input(what + ": " + std::to_string(firmware.sections.size()) + " sections, expected 1 to " +
                         std::to_string(kMostSections));
    const auto& table = firmware.kernel_hash_table;
    if (table && (table->gpa == 0 || table->size < kHashTableSize))
        return bad_input(what + ": kernel hash table of " + std::to_string(table->size) + " bytes at " +
                         hex_number(table->gpa) + ", expected at least " + std::to_string(kHashTableSize) +
                         " at another address");
    const std::span sections(firmware.sections);
    for (std::size_t i = 0; i < sections.size(); ++i)
        HALLMARK_CHECK(check_section(sections.first(i), sections[i], firmware.gpa(), unknown,
                                     what + ": SEV section " + std::to_string(i) + ": "));
    return check_hash_section(firmware, what);
}

}  // namespace hallmark::ovmf
