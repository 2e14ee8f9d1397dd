// SPDX-License-Identifier: Apache-2.0
// The entries of a tar, one after another: v7, ustar, pax and GNU, with long names and sparse files. As Go's
// archive/tar reads it, which writes and reads most images: names are bytes, global pax records are passed over, links,
// devices and folders have no data, a tar may end without its end mark.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "agent/unpack/byte_source.hpp"
#include "agent/unpack/entry.hpp"
#include "agent/unpack/pax.hpp"
#include "agent/unpack/tar_header.hpp"
#include "common/result.hpp"

namespace hallmark::unpack {

class TarReader {
public:
    explicit TarReader(Pull pull) : source_(std::move(pull)) {}

    /// The next entry; what was not read of the last one's data is passed over. False: there is none, and the source
    /// is at its end too; what stands behind the end mark is passed over.
    Result<bool> next(Entry& entry);

    struct Data {
        std::uint64_t offset = 0;  ///< in the file
        ByteSpan bytes;            ///< empty: the entry has no more; stays until the next call
    };
    /// The next bytes of the entry's data.
    Result<Data> data();

private:
    /// What stands before a header and belongs to it.
    struct Before {
        std::optional<Pax> pax;
        std::optional<std::string> name;
        std::optional<std::string> link;
        [[nodiscard]] bool any() const { return pax || name || link; }
    };
    Status skip_data();
    Result<bool> next_header();
    Status expect_end();
    Result<bool> take_before(Before& before);
    Result<std::string> special_data(std::uint64_t largest);
    Result<std::string> long_name();
    Status describe(Entry& entry, const Before& before);
    Status describe_type(Entry& entry);
    Status describe_extents(Entry& entry, const Before& before);
    Result<std::vector<std::uint64_t>> sparse_header_map(Entry& entry);
    Result<std::vector<std::uint64_t>> sparse_data_map();
    Status fill_block(std::span<std::uint8_t> block);
    [[nodiscard]] Error at_header(const Error& error) const;

    ByteSource source_;
    TarHeader header_{};
    std::uint64_t header_position_ = 0;
    std::uint64_t stored_ = 0;   // bytes of data that are not read yet
    std::uint64_t padding_ = 0;  // behind them
    std::vector<Extent> extents_;
    std::size_t extent_ = 0;         // in which the data are
    std::uint64_t extent_read_ = 0;  // of its bytes
};

}  // namespace hallmark::unpack
