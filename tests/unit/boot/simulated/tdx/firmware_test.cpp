// SPDX-License-Identifier: Apache-2.0
// Against the first two events in the log of a real guest of 2 GiB.
#include "boot/simulated/tdx/firmware.hpp"

#include <gtest/gtest.h>

#include "common/file.hpp"
#include "common/formats/event_log.hpp"
#include "tests/support/vectors.hpp"

namespace hallmark::boot {
namespace {

using ovmf::TdxSection;
using ovmf::TdxSectionType;

/// Where that firmware's metadata had its parts, as far as its log tells; its variables are blank.
LoadedTdvf firmware() {
    LoadedTdvf loaded;
    loaded.address = 0xffc00000;
    loaded.image = Bytes(0x84000);
    loaded.sections = {TdxSection{0, 0x84000, 0xffc00000, 0x84000, TdxSectionType::kConfigurationVolume, 0},
                       TdxSection{0, 0, 0x810000, 0x10000, TdxSectionType::kTemporaryMemory, 0},
                       TdxSection{0, 0, 0x80b000, 0x2000, TdxSectionType::kTemporaryMemory, 0},
                       TdxSection{0, 0, 0x809000, 0x2000, TdxSectionType::kHandOff, 0},
                       TdxSection{0, 0, 0x800000, 0x6000, TdxSectionType::kTemporaryMemory, 0}};
    return loaded;
}

TEST(OnlyOnTdx, IsWhatARealGuestBeginsWith) {
    HALLMARK_VECTOR(path, "intel-tdx/CCEL_data_ovmf");
    const auto file = read_file(path, event_log::kLargestLog).value();
    const auto log = event_log::parse_event_log(file, "CCEL").value();
    const auto extensions = only_on_tdx(firmware(), 2ULL << 30);
    ASSERT_TRUE(extensions) << extensions.error().message;
    ASSERT_EQ(extensions->size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) {
        const auto& extension = extensions->at(i);
        const auto& event = log.events.at(i);
        EXPECT_EQ(static_cast<std::uint32_t>(extension.where) + 1, event.register_index);
        EXPECT_EQ(extension.type, event.type);
        EXPECT_TRUE(equal(extension.data, event.data)) << i;
    }
    EXPECT_TRUE(equal(extensions->at(0).digest, log.events.at(0).digests[0]));
}

TEST(OnlyOnTdx, NeedsBothParts) {
    auto loaded = firmware();
    loaded.sections.erase(loaded.sections.begin());
    EXPECT_FALSE(only_on_tdx(loaded, 2ULL << 30));
    loaded = firmware();
    loaded.sections.erase(loaded.sections.begin() + 3);
    EXPECT_FALSE(only_on_tdx(loaded, 2ULL << 30));
}

}  // namespace
}  // namespace hallmark::boot
