// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/header_copy.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "agent/storage/accepted_header.hpp"
#include "agent/storage/luks2_format.hpp"
#include "common/bytes.hpp"

namespace hallmark::storage {
namespace {

constexpr std::size_t kReadAtOnce = 1024UL * 1024;
static_assert(luks2::kDataOffset % kReadAtOnce == 0);

/// Fills `into`; what isn't there is an error.
Status read_whole(int file, std::size_t offset, Bytes& into) {
    std::size_t done = 0;
    while (done < into.size()) {
        const auto count = ::pread(file, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return std::unexpected(system_error("reading the header", Fault::kNo));
        if (count == 0)
            return refused("LUKS2 header: the device ends at byte " + std::to_string(offset + done) +
                           ", expected its data from " + std::to_string(luks2::kDataOffset) + " on");
        done += static_cast<std::size_t>(count);
    }
    return {};
}

Status write_whole(int file, std::size_t offset, ByteSpan bytes) {
    while (!bytes.empty()) {
        const auto count = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return std::unexpected(system_error("writing the header", Fault::kNo));
        bytes = bytes.subspan(static_cast<std::size_t>(count));
        offset += static_cast<std::size_t>(count);
    }
    return {};
}

Status flush(int device) {
    if (::fsync(device) == 0) return {};
    return std::unexpected(system_error("writing the header", Fault::kNo));
}

}  // namespace

Result<FileDescriptor> make_header_file() {
    FileDescriptor file(::memfd_create("header", MFD_CLOEXEC));
    if (!file.valid() || ::ftruncate(file.get(), static_cast<off_t>(luks2::kDataOffset)) != 0)
        return std::unexpected(system_error("a header in memory", Fault::kNo));
    return file;
}

Result<FileDescriptor> copy_header(int device) {
    Bytes bytes(luks2::kMetadataSize);
    HALLMARK_CHECK(read_whole(device, 0, bytes));
    HALLMARK_CHECK(check_header(bytes));
    HALLMARK_TRY(FileDescriptor file, make_header_file());
    HALLMARK_CHECK(write_whole(file.get(), 0, bytes));
    return file;
}

Status write_header(const FileDescriptor& header, int device) {
    Bytes bytes(luks2::kMetadataSize);
    HALLMARK_CHECK(read_whole(header.get(), 0, bytes));
    HALLMARK_CHECK(check_header(bytes));  // or it could never be opened again
    const ByteSpan all(bytes);
    HALLMARK_CHECK(write_whole(device, luks2::kHeaderSize, all.subspan(luks2::kHeaderSize)));
    HALLMARK_CHECK(flush(device));
    HALLMARK_CHECK(write_whole(device, 0, all.first(luks2::kHeaderSize)));
    return flush(device);
}

Result<bool> is_blank(int device) {
    Bytes bytes(kReadAtOnce);
    const Bytes zeros(kReadAtOnce);
    for (std::size_t offset = 0; offset < luks2::kDataOffset; offset += bytes.size()) {
        HALLMARK_CHECK(read_whole(device, offset, bytes));
        if (std::memcmp(bytes.data(), zeros.data(), bytes.size()) != 0) return false;
    }
    return true;
}

}  // namespace hallmark::storage
