// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "common/bytes.hpp"
#include "common/descriptor.hpp"
#include "common/result.hpp"

namespace hallmark {

/// Bytes that are read by their place: a regular file, of which nothing is held in memory, or memory.
class RandomAccess {
public:
    /// Memory, borrowed: it must outlive this and its copies.
    static RandomAccess of(ByteSpan bytes);
    static Result<RandomAccess> open(const std::filesystem::path& path);

    [[nodiscard]] std::uint64_t size() const { return size_; }

    /// Fills `into` from `offset` on; what isn't there is an error. The file's name is not in it.
    Status read(std::uint64_t offset, std::span<std::uint8_t> into) const;

private:
    ByteSpan bytes_;
    std::shared_ptr<const FileDescriptor> file_;
    std::uint64_t size_ = 0;
};

}  // namespace hallmark
