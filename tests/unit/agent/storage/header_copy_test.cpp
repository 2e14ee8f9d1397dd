// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/header_copy.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_luks2.hpp"

namespace hallmark::storage {
namespace {

constexpr off_t kDeviceSize = 17L * 1024 * 1024;
constexpr std::size_t kData = 16UL * 1024 * 1024;

/// A file in place of a device.
FileDescriptor device_of(const Bytes& start, off_t size = kDeviceSize) {
    FileDescriptor file(::memfd_create("device", MFD_CLOEXEC));
    EXPECT_EQ(::pwrite(file.get(), start.data(), start.size(), 0), static_cast<ssize_t>(start.size()));
    EXPECT_EQ(::ftruncate(file.get(), size), 0);
    return file;
}

Bytes content(const FileDescriptor& file, std::size_t size) {
    Bytes bytes(size);
    EXPECT_EQ(::pread(file.get(), bytes.data(), size, 0), static_cast<ssize_t>(size));
    return bytes;
}

TEST(HeaderCopy, IsWhatWasCheckedWhateverComesLater) {
    Bytes start = test::luks2_device(test::kLuks2Metadata);
    start.back() = 0x5a;  // of the key slot
    const FileDescriptor device = device_of(start);
    const auto copy = copy_header(device.get());
    ASSERT_TRUE(copy) << copy.error().message;
    const Bytes other(start.size(), 0xff);
    ASSERT_EQ(::pwrite(device.get(), other.data(), other.size(), 0), static_cast<ssize_t>(other.size()));
    EXPECT_EQ(content(*copy, start.size()), start);
    EXPECT_EQ(::lseek(copy->get(), 0, SEEK_END), static_cast<off_t>(kData));
}

TEST(HeaderCopy, OfAnythingElseIsRefused) {
    test::expect_error(copy_header(device_of({}).get()), {"no LUKS2 header"}, Fault::kNo);
    const Bytes start = test::luks2_device(test::kLuks2Metadata);
    test::expect_error(copy_header(device_of(start, static_cast<off_t>(start.size()) - 1).get()),
                       {"the device ends at byte 417791"}, Fault::kNo);
}

TEST(HeaderCopy, IsWrittenAsItWasMade) {
    const Bytes start = test::luks2_device(test::kLuks2Metadata);
    const FileDescriptor device = device_of({});
    ASSERT_TRUE(write_header(device_of(start), device.get()));
    EXPECT_EQ(content(device, start.size()), start);
    EXPECT_TRUE(copy_header(device.get()));
    const FileDescriptor untouched = device_of({});
    EXPECT_FALSE(write_header(device_of(Bytes(start.size(), 1)), untouched.get()));
    EXPECT_TRUE(is_blank(untouched.get()).value());
}

TEST(HeaderCopy, OneByteIsNotBlank) {
    EXPECT_TRUE(is_blank(device_of({}).get()).value());
    for (const std::size_t at : {std::size_t{0}, std::size_t{1'048'576}, kData - 1}) {
        Bytes bytes(kData);
        bytes[at] = 1;
        EXPECT_FALSE(is_blank(device_of(bytes).get()).value()) << at;
    }
    Bytes data(kData + 1);
    data[kData] = 1;
    EXPECT_TRUE(is_blank(device_of(data).get()).value());
    test::expect_error(is_blank(device_of({}, kData - 1).get()), {"the device ends"}, Fault::kNo);
}

}  // namespace
}  // namespace hallmark::storage
