// SPDX-License-Identifier: Apache-2.0
#include "agent/unpack/tar_reader.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "agent/oci/text.hpp"
#include "agent/unpack/sparse_map.hpp"

namespace hallmark::unpack {
namespace {

// Types, besides those that describe_type() knows.
constexpr std::uint8_t kPaxRecords = 'x';
constexpr std::uint8_t kGlobalPaxRecords = 'g';
constexpr std::uint8_t kLongNameOfGnu = 'L';
constexpr std::uint8_t kLongLinkOfGnu = 'K';
constexpr std::uint8_t kSparse = 'S';

/// The highest is what chown(2) takes for "leave it".
constexpr std::uint64_t kHighestId = UINT32_MAX - 1;

std::uint64_t padding_of(std::uint64_t size) { return (kBlock - size % kBlock) % kBlock; }

Error ends_inside() { return {Fault::kBadInput, "the tar ends inside this entry"}; }

Result<std::uint64_t> not_negative(ByteSpan field, std::string_view what) {
    HALLMARK_TRY(const auto number, field_number(field, what));
    if (number < 0) return bad_input(std::string(what) + ": " + std::to_string(number) + ", expected none below 0");
    return static_cast<std::uint64_t>(number);
}

/// The record's value, if there is one; else the header's.
Result<std::uint32_t> id_of(ByteSpan field, std::optional<std::uint64_t> record, std::string_view what) {
    auto id = record ? Result<std::uint64_t>(*record) : not_negative(field, what);
    if (!id) return std::unexpected(id.error());
    if (*id > kHighestId)
        return bad_input(std::string(what) + ": " + std::to_string(*id) + ", expected at most " +
                         std::to_string(kHighestId));
    return static_cast<std::uint32_t>(*id);
}

Result<std::uint32_t> device_number(ByteSpan field, std::uint64_t largest, std::string_view what) {
    HALLMARK_TRY(const auto number, not_negative(field, what));
    if (number > largest)
        return bad_input(std::string(what) + ": " + std::to_string(number) + ", expected at most " +
                         std::to_string(largest));
    return static_cast<std::uint32_t>(number);
}

}  // namespace

Error TarReader::at_header(const Error& error) const {
    const auto name = oci::printable(name_of(header_));
    return error.at("tar: entry '" + name + "' at byte " + std::to_string(header_position_));
}

Result<bool> TarReader::next(Entry& entry) {
    HALLMARK_CHECK(skip_data());
    Before before;
    for (;;) {
        HALLMARK_TRY(const bool there, next_header());
        if (!there) {
            if (before.any()) return std::unexpected(at_header(ends_inside()));
            return false;
        }
        auto taken = take_before(before);
        if (!taken) return std::unexpected(at_header(taken.error()));
        if (!*taken) break;
    }
    if (auto described = describe(entry, before); !described) return std::unexpected(at_header(described.error()));
    return true;
}

Status TarReader::skip_data() {
    const auto left = stored_ + padding_;
    HALLMARK_TRY(const auto skipped, source_.skip(left));
    if (skipped != left) return std::unexpected(at_header(ends_inside()));
    stored_ = padding_ = 0;
    return {};
}

/// Reads it into header_; false where there is none.
Result<bool> TarReader::next_header() {
    header_position_ = source_.position();
    const auto block = as_writable_bytes(header_);
    HALLMARK_TRY(const auto size, source_.fill(block));
    if (size == 0) return false;
    const auto place = "tar: byte " + std::to_string(header_position_);
    if (size != kBlock) return bad_input(place + ": the tar ends inside a header");
    if (all_zero(block)) {
        if (auto end = expect_end(); !end) return std::unexpected(end.error().at(place));
        return false;
    }
    if (!checksum_is_right(header_)) return bad_input(place + ": found no header, its checksum is wrong");
    return true;
}

/// Behind the first block of zeros: another or nothing; then whatever.
Status TarReader::expect_end() {
    Field<kBlock> block{};
    HALLMARK_TRY(const auto size, source_.fill(block));
    if (!all_zero(ByteSpan(block).first(size)))
        return bad_input("half an end mark: one block of zeros and then another header");
    HALLMARK_CHECK(source_.skip(std::numeric_limits<std::uint64_t>::max()));
    return {};
}

/// True where the header was one that belongs to the next.
Result<bool> TarReader::take_before(Before& before) {
    switch (header_.type) {
        case kPaxRecords: {
            HALLMARK_TRY(const auto records, special_data(kLargestPax));
            HALLMARK_TRY(before.pax, parse_pax(records));
            return true;
        }
        case kGlobalPaxRecords:
            HALLMARK_CHECK(special_data(kLargestPax));
            return true;
        case kLongNameOfGnu: {
            HALLMARK_TRY(before.name, long_name());
            return true;
        }
        case kLongLinkOfGnu: {
            HALLMARK_TRY(before.link, long_name());
            return true;
        }
        default:
            return false;
    }
}

Result<std::string> TarReader::special_data(std::uint64_t largest) {
    HALLMARK_TRY(const auto size, not_negative(header_.size, "size"));
    if (size > largest)
        return bad_input("size: " + std::to_string(size) + " bytes of names and records, expected at most " +
                         std::to_string(largest));
    std::string data(static_cast<std::size_t>(size), '\0');
    HALLMARK_TRY(const auto filled, source_.fill({reinterpret_cast<std::uint8_t*>(data.data()), data.size()}));
    HALLMARK_TRY(const auto skipped, source_.skip(padding_of(size)));
    if (filled != size || skipped != padding_of(size)) return std::unexpected(ends_inside());
    return data;
}

Result<std::string> TarReader::long_name() {
    HALLMARK_TRY(auto name, special_data(kLongestName + 1));
    while (name.ends_with('\0')) name.pop_back();
    if (name.contains('\0')) return bad_input("a name with a NUL");
    return name;
}

Status TarReader::describe(Entry& entry, const Before& before) {
    static const Pax kNothing;
    const Pax& pax = before.pax ? *before.pax : kNothing;
    entry = {};
    entry.name = before.name ? *before.name : pax.path ? *pax.path : name_of(header_);
    if (pax.sparse_name && !before.name) entry.name = *pax.sparse_name;
    entry.link = before.link ? *before.link : pax.link ? *pax.link : std::string(field_text(header_.link));
    if (entry.name.empty()) return bad_input("a name that is empty");
    HALLMARK_TRY(const auto mode, field_number(header_.mode, "mode"));
    entry.mode = static_cast<std::uint32_t>(mode & 07777);
    HALLMARK_TRY(entry.uid, id_of(header_.uid, pax.uid, "uid"));
    HALLMARK_TRY(entry.gid, id_of(header_.gid, pax.gid, "gid"));
    if (pax.modified) {
        entry.modified = *pax.modified;
    } else {
        HALLMARK_TRY(entry.modified.seconds, field_number(header_.modified, "mtime"));
    }
    entry.accessed = pax.accessed.value_or(entry.modified);
    entry.xattrs = pax.xattrs;
    HALLMARK_CHECK(describe_type(entry));
    return describe_extents(entry, before);
}

Status TarReader::describe_type(Entry& entry) {
    const bool is_link = header_.type == '1' || header_.type == '2';
    if (!is_link) entry.link.clear();
    if (is_link && entry.link.empty()) return bad_input("a link to nowhere");
    switch (header_.type) {
        case '0':
        case '\0':
        case '7':
        case kSparse:
            entry.type = entry.name.ends_with('/') ? Type::kFolder : Type::kFile;
            return {};
        case '1':
            entry.type = Type::kHardLink;
            return {};
        case '2':
            entry.type = Type::kSymbolicLink;
            return {};
        case '3':
        case '4': {
            entry.type = header_.type == '3' ? Type::kCharacterDevice : Type::kBlockDevice;
            if (!has_devices(header_)) return bad_input("a device without numbers");
            // As many bits as Linux' device numbers have.
            HALLMARK_TRY(entry.major, device_number(header_.major, (1U << 12U) - 1, "major"));
            HALLMARK_TRY(entry.minor, device_number(header_.minor, (1U << 20U) - 1, "minor"));
            return {};
        }
        case '5':
            entry.type = Type::kFolder;
            return {};
        case '6':
            entry.type = Type::kFifo;
            return {};
        default: {
            const char type = static_cast<char>(header_.type);
            return bad_input("type '" + oci::printable({&type, 1}) +
                             "', expected a file, folder, link, device or fifo");
        }
    }
}

Status TarReader::describe_extents(Entry& entry, const Before& before) {
    HALLMARK_TRY(const auto in_header, not_negative(header_.size, "size"));
    extent_ = 0;
    extent_read_ = 0;
    extents_.clear();
    stored_ = padding_ = 0;
    if (entry.type != Type::kFile) return {};
    const Pax* pax = before.pax ? &*before.pax : nullptr;
    stored_ = pax != nullptr && pax->size ? *pax->size : in_header;
    padding_ = padding_of(stored_);
    entry.size = stored_;
    entry.sparse = header_.type == kSparse || (pax != nullptr && pax->sparse);
    if (!entry.sparse) {
        if (stored_ != 0) extents_ = {{0, stored_}};
    } else {
        std::vector<std::uint64_t> map;
        if (header_.type == kSparse) {
            HALLMARK_TRY(map, sparse_header_map(entry));
        } else {
            if (!pax->real_size) return bad_input("GNU.sparse.realsize: missing");
            entry.size = *pax->real_size;
            map = pax->map;
            if (pax->map_in_data) {
                HALLMARK_TRY(map, sparse_data_map());
            }
        }
        HALLMARK_TRY(extents_, extents_of(map, entry.size, stored_));
    }
    entry.extents = extents_;
    return {};
}

Status TarReader::fill_block(std::span<std::uint8_t> block) {
    HALLMARK_TRY(const auto size, source_.fill(block));
    if (size != block.size()) return std::unexpected(ends_inside());
    return {};
}

/// GNU's own form: four extents in the header, more in blocks behind it.
Result<std::vector<std::uint64_t>> TarReader::sparse_header_map(Entry& entry) {
    SparseHeader header{};
    std::ranges::copy(as_bytes(header_), as_writable_bytes(header).begin());
    HALLMARK_TRY(entry.size, not_negative(header.real_size, "size with holes"));
    std::vector<std::uint64_t> map;
    HALLMARK_CHECK(append_fields(map, header.extents));
    SparseBlock block{};
    for (bool more = header.more != 0; more; more = block.more != 0) {
        HALLMARK_CHECK(fill_block(as_writable_bytes(block)));
        HALLMARK_CHECK(append_fields(map, block.extents));
    }
    return map;
}

/// GNU.sparse 1.0: lines of numbers, in as many blocks as they need, before the data.
Result<std::vector<std::uint64_t>> TarReader::sparse_data_map() {
    SparseMapText text;
    while (!text.complete()) {
        if (stored_ < kBlock) return bad_input("a sparse map that is longer than the entry");
        Field<kBlock> block{};
        HALLMARK_CHECK(fill_block(block));
        stored_ -= kBlock;
        HALLMARK_CHECK(text.take(block));
    }
    return text.map();
}

Result<TarReader::Data> TarReader::data() {
    while (extent_ < extents_.size() && extent_read_ == extents_[extent_].size) {
        ++extent_;
        extent_read_ = 0;
    }
    if (extent_ == extents_.size()) return Data{};
    const auto& extent = extents_[extent_];
    HALLMARK_TRY(const ByteSpan bytes, source_.some(extent.size - extent_read_));
    if (bytes.empty()) return std::unexpected(at_header(ends_inside()));
    const Data found{extent.offset + extent_read_, bytes};
    extent_read_ += bytes.size();
    stored_ -= bytes.size();
    return found;
}

}  // namespace hallmark::unpack
