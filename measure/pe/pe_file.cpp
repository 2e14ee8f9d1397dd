// SPDX-License-Identifier: Apache-2.0
#include "measure/pe/pe_file.hpp"

#include <algorithm>
#include <cstring>

#include "common/endian.hpp"
#include "common/hex.hpp"
#include "common/reader.hpp"

namespace hallmark::pe {
namespace {

std::string at_offset(const std::string& what, std::size_t offset) {
    return what + ": offset " + hex_number(offset) + ": ";
}

/// The structure at an offset of the image.
template <class T>
Result<T> read_at(ByteSpan image, std::size_t offset, const std::string& what) {
    const auto from = std::min(offset, image.size());
    return Reader(image.subspan(from), what, offset).structure<T>();
}

/// Where the COFF header begins: behind the signature that the DOS header names.
Result<std::size_t> find_coff_header(ByteSpan image, const std::string& what) {
    HALLMARK_TRY(const auto magic, read_at<Le16>(image, 0, what));
    if (magic != kDosMagic)
        return bad_input(at_offset(what, 0) + "found " + hex_number(magic, 4) +
                         ", expected 0x5a4d (MZ); name a PE image, such as a bzImage or a unified kernel image");
    HALLMARK_TRY(const auto place, read_at<Le32>(image, kPeHeaderField, what));
    HALLMARK_TRY(const auto signature, read_at<Le32>(image, place, what));
    if (signature != kPeSignature)
        return bad_input(at_offset(what, place) + "found " + hex_number(signature, 8) +
                         ", expected 0x00004550 (PE); name a kernel that was built with its EFI stub");
    return std::size_t{place} + sizeof signature;
}

/// The data directories' number and the certificate table's entry among them.
Status read_directories(ByteSpan image, std::size_t optional, std::size_t optional_size, PeFile& file,
                        const std::string& what) {
    const auto count_field = file.plus ? kDirectoryCountPe32Plus : kDirectoryCountPe32;
    if (optional_size < count_field + sizeof(Le32))
        return bad_input(at_offset(what, optional) + "optional header of " + std::to_string(optional_size) +
                         " bytes, expected at least " + std::to_string(count_field + sizeof(Le32)));
    HALLMARK_TRY(const auto count, read_at<Le32>(image, optional + count_field, what));
    const auto first = count_field + sizeof(Le32);
    if (count > (optional_size - first) / sizeof(DataDirectory))
        return bad_input(at_offset(what, optional + count_field) + std::to_string(count.get()) +
                         " data directories, expected at most " +
                         std::to_string((optional_size - first) / sizeof(DataDirectory)) + " in this optional header");
    if (count <= kCertificateTable) return {};
    const auto entry = optional + first + kCertificateTable * sizeof(DataDirectory);
    HALLMARK_TRY(const auto table, read_at<DataDirectory>(image, entry, what));
    file.certificate_entry = entry;
    file.certificate_offset = table.address;
    file.certificate_size = table.size;
    if (table.size != 0 && (table.address > image.size() || table.size > image.size() - table.address))
        return bad_input(at_offset(what, entry) + "certificate table at " + hex_number(table.address) + " of " +
                         std::to_string(table.size.get()) + " bytes, expected it in the file of " +
                         std::to_string(image.size()));
    return {};
}

Result<Section> read_section(ByteSpan image, const SectionHeader& header, std::size_t offset, const std::string& what) {
    Section section;
    section.name.assign(header.name.data(), ::strnlen(header.name.data(), header.name.size()));
    section.virtual_address = header.virtual_address;
    section.virtual_size = header.virtual_size;
    section.raw_offset = header.raw_offset;
    if (header.raw_size == 0) return section;
    if (header.raw_offset > image.size() || header.raw_size > image.size() - header.raw_offset)
        return bad_input(at_offset(what, offset) + "section at " + hex_number(header.raw_offset) + " of " +
                         std::to_string(header.raw_size.get()) + " bytes, expected it in the file of " +
                         std::to_string(image.size()) + "; the file may be cut short");
    section.raw = image.subspan(header.raw_offset, header.raw_size);
    return section;
}

/// Sections may stand in any order, but not say the same bytes again and again: each byte is read once at most.
Status read_sections(ByteSpan image, std::size_t table, std::size_t count, PeFile& file, const std::string& what) {
    std::size_t total = file.headers_size;
    for (std::size_t i = 0; i < count; ++i) {
        const auto offset = table + i * sizeof(SectionHeader);
        HALLMARK_TRY(const auto header, read_at<SectionHeader>(image, offset, what));
        HALLMARK_TRY(Section section, read_section(image, header, offset, what));
        if (section.raw.size() > image.size() - total)
            return bad_input(at_offset(what, offset) + "headers and sections cover more than the file's " +
                             std::to_string(image.size()) + " bytes, expected none to overlap");
        total += section.raw.size();
        file.sections.push_back(std::move(section));
    }
    return {};
}

}  // namespace

const Section* PeFile::find(std::string_view name) const {
    const auto found = std::ranges::find(sections, name, &Section::name);
    return found == sections.end() ? nullptr : &*found;
}

bool is_pe(ByteSpan image) { return find_coff_header(image, "").has_value(); }

Result<PeFile> parse_pe(ByteSpan image, const std::string& what) {
    if (image.size() > kLargestImage)
        return bad_input(what + ": " + std::to_string(image.size()) + " bytes, expected at most " +
                         std::to_string(kLargestImage));
    HALLMARK_TRY(const std::size_t coff_offset, find_coff_header(image, what));
    HALLMARK_TRY(const auto coff, read_at<CoffHeader>(image, coff_offset, what));
    const auto optional_offset = coff_offset + sizeof coff;
    HALLMARK_TRY(const auto optional, read_at<OptionalHeaderCommon>(image, optional_offset, what));
    if (optional.magic != kOptionalMagicPe32 && optional.magic != kOptionalMagicPe32Plus)
        return bad_input(at_offset(what, optional_offset) + "optional header of kind " + hex_number(optional.magic) +
                         ", expected 0x10b (PE32) or 0x20b (PE32+)");
    PeFile file;
    file.machine = Machine{coff.machine.get()};
    file.subsystem = Subsystem{optional.subsystem.get()};
    file.plus = optional.magic == kOptionalMagicPe32Plus;
    file.entry_point = optional.entry_point;
    file.checksum_offset = optional_offset + offsetof(OptionalHeaderCommon, checksum);
    file.headers_size = optional.headers_size;
    HALLMARK_CHECK(read_directories(image, optional_offset, coff.optional_header_size, file, what));
    const auto table = optional_offset + coff.optional_header_size;
    const auto table_end = table + coff.section_count * sizeof(SectionHeader);
    // The digest skips fields of the headers, so they must lie in what counts as headers.
    if (file.headers_size > image.size() || file.headers_size < table_end)
        return bad_input(at_offset(what, optional_offset + offsetof(OptionalHeaderCommon, headers_size)) +
                         "headers of " + std::to_string(file.headers_size) + " bytes, expected " +
                         std::to_string(table_end) + " (the end of the section table) to " +
                         std::to_string(image.size()) + " (the file)");
    HALLMARK_CHECK(read_sections(image, table, coff.section_count, file, what));
    return file;
}

}  // namespace hallmark::pe
