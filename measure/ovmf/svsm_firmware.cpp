// SPDX-License-Identifier: Apache-2.0
#include "measure/ovmf/svsm_firmware.hpp"

#include "common/endian.hpp"
#include "common/hex.hpp"
#include "common/reader.hpp"
#include "measure/ovmf/guid_table.hpp"
#include "measure/ovmf/layout.hpp"
#include "measure/ovmf/sev_firmware.hpp"

namespace hallmark::ovmf {
namespace {

constexpr Guid kSvsmInfo = guid("a789a612-0597-4c4b-a49f-cbb1fe9d1ddd");

/// Where the entry point lies in the image.
Result<std::uint32_t> read_launch_offset(const GuidTable& table, std::size_t size, const std::string& what) {
    const auto* entry = table.find(kSvsmInfo);
    if (entry == nullptr)
        return bad_input(what + ": no SVSM information (" + kSvsmInfo.text() +
                         ") in the GUIDed table; name an SVSM image (svsm.bin)");
    Reader reader(entry->data, what, entry->offset);
    HALLMARK_TRY(const Le32 offset, reader.structure<Le32>());
    HALLMARK_CHECK(reader.finished());
    if (offset < size) return offset.get();
    return bad_input(what + ": offset " + hex_number(entry->offset) + ": the SVSM starts at " +
                     hex_number(offset.get()) + " of the image, expected less than its size " + hex_number(size));
}

}  // namespace

Result<SvsmFirmware> parse_svsm_firmware(ByteSpan image, std::uint64_t end, const std::string& what,
                                         UnknownSections unknown) {
    HALLMARK_CHECK(check_firmware_size(image.size(), what));
    if (end > kFourGiB || end % kPageSize != 0 || end < image.size())
        return bad_input(what + ": the image would end at " + hex_number(end) +
                         ", expected a 4 KiB boundary with room below it; check the size of the variables");
    HALLMARK_TRY(const GuidTable table, parse_guid_table(image, what));
    SvsmFirmware svsm;
    svsm.gpa = end - image.size();
    HALLMARK_TRY(const std::uint32_t offset, read_launch_offset(table, image.size(), what));
    svsm.start = static_cast<std::uint32_t>(svsm.gpa + offset);
    HALLMARK_TRY(svsm.sections, parse_sev_metadata(image, table, what, {.image_end = end, .unknown = unknown}));
    return svsm;
}

}  // namespace hallmark::ovmf
