// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "common/bytes.hpp"
#include "common/descriptor.hpp"
#include "common/digest.hpp"
#include "common/result.hpp"

namespace hallmark {

/// A regular file, open for reading.
Result<FileDescriptor> open_regular(const std::filesystem::path& path);

/// A whole regular file of at most `limit` bytes.
Result<Bytes> read_file(const std::filesystem::path& path, std::size_t limit);

/// Gives a file to `consume` block by block, in little memory, and returns its size in bytes.
Result<std::uint64_t> read_blocks(const std::filesystem::path& path, const std::function<void(ByteSpan)>& consume);

/// SHA-256 and size of a file, read in blocks.
struct FileDigest {
    Sha256 sha256{};
    std::uint64_t size = 0;
};
Result<FileDigest> digest_file(const std::filesystem::path& path);

/// Writes a file whole or not at all: to a temporary name beside it, synchronised, then renamed.
Status write_file(const std::filesystem::path& path, ByteSpan bytes, unsigned mode = 0644);

/// As write_file(), but where the path has something already that stays, and the answer is false.
Result<bool> create_file(const std::filesystem::path& path, ByteSpan bytes, unsigned mode);

}  // namespace hallmark
