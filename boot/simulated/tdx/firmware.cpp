// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/tdx/firmware.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "common/endian.hpp"
#include "common/guid.hpp"
#include "common/hex.hpp"
#include "measure/tdx/mrtd.hpp"
#include "measure/tdx/td_hob.hpp"

namespace hallmark::boot {
namespace {

using event_log::EventType;
using ovmf::TdxSectionType;

constexpr const char* kWhat = "firmware in guest memory";

/// HANDOFF_TABLE_POINTERS2 of edk2, with one table.
struct HandOffData {
    std::uint8_t description_size = 9;                                           // 00
    std::array<char, 9> description{'T', 'd', 'x', 'T', 'a', 'b', 'l', 'e', 0};  // 01
    Le64 tables = std::uint64_t{1};                                              // 0a
    Guid name = guid("93bb96af-b9f2-4eb8-9462-e0ba74564236");                    // 12
    Le64 address;                                                                // 22
};
static_assert(sizeof(HandOffData) == 42 && offsetof(HandOffData, tables) == 10);
static_assert(offsetof(HandOffData, name) == 18 && offsetof(HandOffData, address) == 34);

/// UEFI_PLATFORM_FIRMWARE_BLOB2, of a volume whose name edk2 leaves open.
struct VolumeData {
    std::uint8_t description_size = 41;  // 00
    std::array<char, 41> description{};  // 01
    Le64 base;                           // 2a
    Le64 size;                           // 32
};
static_assert(sizeof(VolumeData) == 58 && offsetof(VolumeData, base) == 42 && offsetof(VolumeData, size) == 50);
constexpr std::string_view kVolumeName = "Fv(XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX)";

template <class T>
Bytes bytes_of(const T& structure) {
    const ByteSpan bytes = as_bytes(structure);
    return {bytes.begin(), bytes.end()};
}

Result<const ovmf::TdxSection*> section_of(const LoadedTdvf& firmware, TdxSectionType type) {
    const auto found = std::ranges::find(firmware.sections, type, &ovmf::TdxSection::type);
    if (found == firmware.sections.end()) return refused(std::string(kWhat) + ": has no " + std::string(name_of(type)));
    return &*found;
}

/// Parts with data lie in the firmware's region: a trust domain gets them from the file, this guest as it is mapped.
Status check_places(const LoadedTdvf& firmware) {
    for (const auto& section : firmware.sections) {
        if (section.data_size == 0 || section.gpa == firmware.address + section.data_offset) continue;
        return refused(std::string(kWhat) + ": " + std::string(name_of(section.type)) + " lies at " +
                       hex_number(firmware.address + section.data_offset) + ", its metadata says " +
                       hex_number(section.gpa));
    }
    return {};
}

}  // namespace

Result<LoadedTdvf> read_tdvf(Guest& guest, const GuestMemory& memory, Deadline deadline) {
    LoadedTdvf loaded;
    HALLMARK_TRY(auto firmware, memory.firmware(guest.qmp(), deadline));
    loaded.address = firmware.address;
    loaded.image = std::move(firmware.bytes);
    HALLMARK_TRY(loaded.sections, ovmf::parse_tdx_metadata(loaded.image, kWhat));
    HALLMARK_CHECK(check_places(loaded));
    loaded.single_pass = tdx::mrtd(loaded.image, loaded.sections, tdx::PageOrder::kSinglePass);
    loaded.two_pass = tdx::mrtd(loaded.image, loaded.sections, tdx::PageOrder::kTwoPass);
    return loaded;
}

Result<std::vector<Extension>> only_on_tdx(const LoadedTdvf& firmware, std::uint64_t memory_size) {
    HALLMARK_TRY(const Bytes blocks, tdx::td_hob(firmware.sections, memory_size, kWhat));
    HALLMARK_TRY(const auto* hand_off, section_of(firmware, TdxSectionType::kHandOff));
    HALLMARK_TRY(const auto* volume, section_of(firmware, TdxSectionType::kConfigurationVolume));
    HandOffData hand_off_data;
    hand_off_data.address = hand_off->gpa;
    VolumeData volume_data;
    std::ranges::copy(kVolumeName, volume_data.description.begin());
    volume_data.base = volume->gpa;
    volume_data.size = volume->memory_size;
    return std::vector<Extension>{
        {tdx::Register::kRtmr0, EventType::kEfiHandoffTables2, sha384(blocks), bytes_of(hand_off_data)},
        {tdx::Register::kRtmr0, EventType::kEfiPlatformFirmwareBlob2, sha384(volume->data(firmware.image)),
         bytes_of(volume_data)}};
}

}  // namespace hallmark::boot
