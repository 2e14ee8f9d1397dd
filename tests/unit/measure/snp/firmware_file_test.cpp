// SPDX-License-Identifier: Apache-2.0
#include "measure/snp/firmware_file.hpp"

#include <gtest/gtest.h>

#include "common/file.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_firmware.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::snp {
namespace {

using namespace hallmark::test;

constexpr auto kRefuse = ovmf::UnknownSections::kRefuse;

class FirmwareFile : public ::testing::Test {
protected:
    Result<MeasuredFile> measure(const Bytes& image, Trace* trace = nullptr) {
        HALLMARK_CHECK(write_file(path(), image));
        return measure_firmware_file(path(), kRefuse, true, trace);
    }
    std::string path() const { return (folder_.path() / "f.fd").string(); }
    TemporaryFolder folder_;
};

TEST_F(FirmwareFile, IsMeasuredLikeItsBytes) {
    for (const std::size_t size : {0x1000U, 0x10000U, 0x1f000U, 0x20000U, 0x21000U, 0x40000U, 0x400000U}) {
        const auto image = firmware({.size = size});
        const auto file = measure(image);
        ASSERT_TRUE(file) << file.error().message;
        const auto seed = seed_of(image, "f.fd").value();
        EXPECT_EQ(file->firmware.after_firmware, seed.after_firmware) << size;
        EXPECT_EQ(file->sha256, seed.sha256);
        EXPECT_EQ(to_json(FirmwareSeed{file->firmware, *file->sha256}), to_json(seed));
    }
}

/// Moves the metadata to the begin of a large image, where no firmware has them.
Bytes with_early_metadata() {
    auto image = firmware({.size = 0x400000});
    std::copy(image.end() - kMetadata, image.end() - kMetadataData, image.begin());
    put(image, kMetadata, std::uint32_t{0});
    put(image, kMetadataData, static_cast<std::uint32_t>(image.size()));
    return image;
}

TEST_F(FirmwareFile, IsReadWholeWhereItsTablesAreNotAtItsEnd) {
    const auto image = with_early_metadata();
    Trace trace;
    const auto file = measure(image, &trace);
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(file->firmware.after_firmware, seed_of(image, "f.fd").value().after_firmware);
    EXPECT_EQ(trace.size(), image.size() / ovmf::kPageSize);
}

TEST_F(FirmwareFile, TracesEveryPageOnce) {
    Trace trace;
    ASSERT_TRUE(measure(firmware({.size = 0x40000}), &trace));
    ASSERT_EQ(trace.size(), 0x40U);
    EXPECT_EQ(trace.front().what, "firmware: NORMAL page at 0xfffc0000");
}

TEST_F(FirmwareFile, RefusesOthersLikeTheirBytes) {
    expect_error(measure({}), {"f.fd", "0 bytes"});
    expect_error(measure(Bytes(4097)), {"f.fd", "4097"});
    expect_error(measure(Bytes(0x100000)), {"f.fd", "footer"});
    expect_error(measure_firmware_file((folder_.path() / "none").string(), kRefuse, false), {"none", "No such file"});
    expect_error(measure_firmware_file(folder_.path().string(), kRefuse, false), {"regular file"});
}

}  // namespace
}  // namespace hallmark::snp
