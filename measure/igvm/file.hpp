// SPDX-License-Identifier: Apache-2.0
// An IGVM file: its headers checked and in memory, its data where they lie.
// Source: as measure/igvm/format.hpp.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "common/bytes.hpp"
#include "common/random_access.hpp"
#include "common/result.hpp"
#include "measure/igvm/format.hpp"

namespace hallmark::igvm {

/// More than any known file has (a page takes 32 bytes of them); they are held in memory.
constexpr std::size_t kLargestHeaders = std::size_t{16} * 1024 * 1024;
/// More guest memory than any known file describes; keeps the work for a small hostile file small.
constexpr std::uint64_t kLargestMemory = 4ULL * 1024 * 1024 * 1024;

/// One variable header, by its place.
struct Header {
    std::uint32_t type = 0;  ///< HeaderType, or an unknown one; without the bit that lets it be ignored
    bool may_be_ignored = false;
    std::uint32_t offset = 0;  ///< of the structure in the file, in bytes
    std::uint32_t length = 0;  ///< of the structure, in bytes

    [[nodiscard]] bool is(HeaderType wanted) const { return type == static_cast<std::uint32_t>(wanted); }
};

class File {
public:
    /// Checks the checksum, the order and length of all headers, and what each says by itself and of others: alignment,
    /// reserved fields, data inside the file, parameter areas that are declared before and inserted once.
    /// `what` names the file in errors. What the data mean is not judged.
    static Result<File> parse(RandomAccess source, std::string what);

    [[nodiscard]] std::uint32_t version() const { return fixed_.format_version; }
    /// x86-64 and 4096 in version 1, which has no such fields.
    [[nodiscard]] Architecture architecture() const;
    [[nodiscard]] std::uint32_t page_size() const { return extension_.page_size; }
    [[nodiscard]] std::uint64_t size() const { return source_.size(); }
    [[nodiscard]] const std::string& what() const { return what_; }

    [[nodiscard]] const std::vector<SupportedPlatform>& platforms() const { return platforms_; }
    [[nodiscard]] const SupportedPlatform* find_platform(PlatformType type) const;

    /// All headers but those of platforms, in the file's order.
    [[nodiscard]] const std::vector<Header>& headers() const { return headers_; }
    /// The structure of a header whose type has this one; lengths were checked.
    template <class T>
    [[nodiscard]] T structure(const Header& header) const {
        static_assert(std::is_trivially_copyable_v<T> && alignof(T) == 1);
        T value;
        std::memcpy(static_cast<void*>(&value), bytes_.data() + (header.offset - base_), sizeof(T));
        return value;
    }
    /// The platforms that a header is for; nothing for parameter areas and parameters, which are for all, and for
    /// headers of unknown type.
    [[nodiscard]] std::optional<std::uint32_t> compatibility_mask(const Header& header) const;

    /// Data of the file, by an offset that a header gives.
    Status read(std::uint64_t offset, std::span<std::uint8_t> into) const;

private:
    File(RandomAccess source, std::string what) : source_(std::move(source)), what_(std::move(what)) {}
    Status read_fixed_header();
    Status read_variable_headers();
    Status add_header(const VariableHeader& header, std::size_t offset, ByteSpan content);

    RandomAccess source_;
    std::string what_;
    FixedHeader fixed_;
    FixedHeaderV2 extension_;
    Bytes bytes_;           // the variable headers
    std::size_t base_ = 0;  // where they begin in the file
    std::vector<SupportedPlatform> platforms_;
    std::vector<Header> headers_;
};

/// "IGVM_VHT_PAGE_DATA", or "type 0x…" for one that isn't known.
std::string name_of(const Header& header);
/// "SEV-SNP", or "platform 0x…".
std::string name_of(PlatformType type);

/// What headers say of one another; part of File::parse.
Status check_relations(const File& file);

}  // namespace hallmark::igvm
