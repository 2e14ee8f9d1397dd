// SPDX-License-Identifier: Apache-2.0
#include "common/random_access.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "common/file.hpp"
#include "common/hex.hpp"

namespace hallmark {

RandomAccess RandomAccess::of(ByteSpan bytes) {
    RandomAccess access;
    access.bytes_ = bytes;
    access.size_ = bytes.size();
    return access;
}

Result<RandomAccess> RandomAccess::open(const std::filesystem::path& path) {
    HALLMARK_TRY(FileDescriptor file, open_regular(path));
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) return std::unexpected(system_error(path.string()));
    RandomAccess access;
    access.size_ = static_cast<std::uint64_t>(status.st_size);
    access.file_ = std::make_shared<const FileDescriptor>(std::move(file));
    return access;
}

Status RandomAccess::read(std::uint64_t offset, std::span<std::uint8_t> into) const {
    if (offset > size_ || into.size() > size_ - offset)
        return bad_input("offset " + hex_number(offset) + ": " + std::to_string(offset > size_ ? 0 : size_ - offset) +
                         " bytes left, expected " + std::to_string(into.size()));
    if (file_ == nullptr) {
        std::ranges::copy(bytes_.subspan(static_cast<std::size_t>(offset), into.size()), into.begin());
        return {};
    }
    while (!into.empty()) {
        const auto count = ::pread(file_->get(), into.data(), into.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return std::unexpected(system_error("offset " + hex_number(offset)));
        if (count == 0)
            return bad_input("offset " + hex_number(offset) + ": the file became shorter while it was read");
        into = into.subspan(static_cast<std::size_t>(count));
        offset += static_cast<std::uint64_t>(count);
    }
    return {};
}

}  // namespace hallmark
