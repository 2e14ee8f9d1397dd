// SPDX-License-Identifier: Apache-2.0
#include "measure/ovmf/guid_table.hpp"

#include <algorithm>
#include <cstring>

#include "common/endian.hpp"
#include "common/hex.hpp"

namespace hallmark::ovmf {
namespace {

/// What closes every entry, and the table itself.
struct EntryTrailer {
    Le16 length;  ///< of the data and this trailer
    Guid guid;
};
static_assert(sizeof(EntryTrailer) == 18 && offsetof(EntryTrailer, guid) == 2);

constexpr Guid kFooter = guid("96b582de-1fb2-45f7-baea-a366c55a082d");

/// The reset vector: 16 bytes of code, and 16 that older firmware used.
constexpr std::size_t kAfterTable = 32;

/// The trailer that ends at `end`; the caller has checked that it lies in the image.
EntryTrailer trailer_before(const ImageEnd& image, std::size_t end) {
    EntryTrailer trailer;
    std::memcpy(&trailer, image.from(end - sizeof trailer).data(), sizeof trailer);
    return trailer;
}

std::string at_offset(const std::string& what, std::size_t offset) {
    return what + ": offset " + hex_number(offset) + ": ";
}

/// The extent of the table, from its footer.
Result<GuidTable> find_table(const ImageEnd& image, const std::string& what) {
    if (image.bytes.size() < kAfterTable + sizeof(EntryTrailer))
        return bad_input(what + ": " + std::to_string(image.size) + " bytes, too short for a GUIDed table");
    GuidTable table;
    table.end = image.size - kAfterTable;
    const auto footer = trailer_before(image, table.end);
    const auto footer_offset = table.end - sizeof footer;
    if (footer.guid != kFooter)
        return bad_input(at_offset(what, footer_offset) + "no footer of a GUIDed table (found " + footer.guid.text() +
                         ", expected " + kFooter.text() + "); name an OVMF image");
    if (footer.length < sizeof footer || footer.length > table.end - image.begin())
        return bad_input(at_offset(what, footer_offset) + "GUIDed table of " + std::to_string(footer.length) +
                         " bytes, expected " + std::to_string(sizeof footer) + " to " +
                         std::to_string(table.end - image.begin()));
    table.begin = table.end - footer.length;
    return table;
}

}  // namespace

const TableEntry* GuidTable::find(const Guid& guid) const {
    const auto found = std::ranges::find(entries, guid, &TableEntry::guid);
    return found == entries.end() ? nullptr : &*found;
}

Result<GuidTable> parse_guid_table(const ImageEnd& image, const std::string& what) {
    HALLMARK_TRY(GuidTable table, find_table(image, what));
    std::size_t end = table.end - sizeof(EntryTrailer);
    while (end > table.begin) {
        const auto available = end - table.begin;
        if (available < sizeof(EntryTrailer))
            return bad_input(at_offset(what, table.begin) + std::to_string(available) +
                             " bytes left in the GUIDed table, expected none or an entry");
        const auto trailer = trailer_before(image, end);
        const auto trailer_offset = end - sizeof trailer;
        // A shorter length would make the walk stand still, a longer one would leave the table.
        if (trailer.length < sizeof trailer || trailer.length > available)
            return bad_input(at_offset(what, trailer_offset) + "entry " + trailer.guid.text() + " has length " +
                             std::to_string(trailer.length) + ", expected " + std::to_string(sizeof trailer) + " to " +
                             std::to_string(available));
        if (table.find(trailer.guid) != nullptr)
            return bad_input(at_offset(what, trailer_offset) + "entry " + trailer.guid.text() + " stands twice");
        const auto begin = end - trailer.length;
        table.entries.push_back({trailer.guid, image.from(begin).first(trailer_offset - begin), begin});
        end = begin;
    }
    return table;
}

}  // namespace hallmark::ovmf
