// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/tdx/firmware.hpp"

#include <algorithm>
#include <string>

#include "common/hex.hpp"
#include "measure/tdx/mrtd.hpp"
#include "measure/tdx/td_hob.hpp"

namespace hallmark::boot {
namespace {

using event_log::EventType;
using ovmf::TdxSectionType;

constexpr const char* kWhat = "firmware in guest memory";

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
    const auto volume =
        std::ranges::find(firmware.sections, TdxSectionType::kConfigurationVolume, &ovmf::TdxSection::type);
    if (volume == firmware.sections.end()) return refused(std::string(kWhat) + ": has no configuration volume");
    return std::vector<Extension>{
        {tdx::Register::kRtmr0, EventType::kEfiHandoffTables2, sha384(blocks)},
        {tdx::Register::kRtmr0, EventType::kEfiPlatformFirmwareBlob2, sha384(volume->data(firmware.image))}};
}

}  // namespace hallmark::boot
