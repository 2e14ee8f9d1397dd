// SPDX-License-Identifier: Apache-2.0
#include "measure/tdx/mrtd.hpp"

#include <gtest/gtest.h>

#include "common/hex.hpp"
#include "tests/support/synthetic_tdvf.hpp"

namespace hallmark::tdx {
namespace {

using namespace hallmark::test;
using ovmf::TdxSection;
using ovmf::TdxSectionType;

constexpr std::size_t kPage = 4096;

/// What the specification says is hashed, written down byte by byte.
class Records {
public:
    void add(std::uint64_t gpa) { record("MEM.PAGE.ADD", gpa); }
    void extend(std::uint64_t gpa, const Bytes& page) {
        for (std::size_t at = 0; at < kPage; at += 256) {
            record("MR.EXTEND", gpa + at);
            append(bytes_, ByteSpan(page).subspan(at, 256));
        }
    }
    [[nodiscard]] Sha384 digest() const { return sha384(bytes_); }

private:
    void record(std::string_view name, std::uint64_t gpa) {
        Bytes one(128);
        std::ranges::copy(name, one.begin());
        for (std::size_t i = 0; i < 8; ++i) one[16 + i] = static_cast<std::uint8_t>(gpa >> (8 * i));
        append(bytes_, one);
    }
    Bytes bytes_;
};

/// Two pages of which the image has one and a half, and one that is only added.
const std::vector<TdxSection> kSections = {
    {0, kPage + 2048, 0xffffe000, 2 * kPage, TdxSectionType::kFirmwareVolume, ovmf::kMeasured},
    {0, 0, 0x809000, kPage, TdxSectionType::kHandOff, 0},
    {0, 0, 0x10000000, 64 * kPage, TdxSectionType::kPermanentMemory, ovmf::kAddedLater},
};

Bytes image() {
    Bytes content(kPage + 2048);
    for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
    return content;
}

std::pair<Bytes, Bytes> pages() {
    const auto content = image();
    Bytes second(content.begin() + kPage, content.end());
    second.resize(kPage);
    return {Bytes(content.begin(), content.begin() + kPage), second};
}

TEST(Mrtd, AddsAndMeasuresPageByPage) {
    const auto [first, second] = pages();
    Records records;
    records.add(0xffffe000);
    records.extend(0xffffe000, first);
    records.add(0xfffff000);
    records.extend(0xfffff000, second);
    records.add(0x809000);
    EXPECT_EQ(mrtd(image(), kSections, PageOrder::kSinglePass), records.digest());
}

TEST(Mrtd, AddsAllThenMeasuresAllOfASection) {
    const auto [first, second] = pages();
    Records records;
    records.add(0xffffe000);
    records.add(0xfffff000);
    records.extend(0xffffe000, first);
    records.extend(0xfffff000, second);
    records.add(0x809000);
    EXPECT_EQ(mrtd(image(), kSections, PageOrder::kTwoPass), records.digest());
}

TEST(Mrtd, TracesEverySectionThatIsAdded) {
    Trace trace;
    const auto value = mrtd(image(), kSections, PageOrder::kSinglePass, &trace);
    ASSERT_EQ(trace.size(), 2U);
    EXPECT_EQ(trace[0].what, "MRTD: section BFV");
    EXPECT_NE(trace[0].inputs.find("0x2000 bytes at 0xffffe000"), std::string::npos) << trace[0].inputs;
    EXPECT_EQ(trace[1].value, to_hex(value));
    EXPECT_NE(trace[0].value, trace[1].value);
}

TEST(Mrtd, ChangesWithMeasuredBytesOnly) {
    const auto good = tdvf();
    const auto sections = ovmf::parse_tdx_metadata(good, "f.fd");
    ASSERT_TRUE(sections) << sections.error().message;
    for (const auto order : {PageOrder::kSinglePass, PageOrder::kTwoPass}) {
        const auto before = mrtd(good, *sections, order);
        for (const std::size_t at : {std::size_t{0}, std::size_t{0xfff}}) {
            auto changed = good;
            changed[at] ^= 1;
            EXPECT_EQ(mrtd(changed, *sections, order), before) << "the variables are RTMR0's";
        }
        for (const std::size_t at : {std::size_t{0x1000}, std::size_t{0x2345}, good.size() - 1}) {
            auto changed = good;
            changed[at] ^= 0x80;
            EXPECT_NE(mrtd(changed, *sections, order), before) << at;
        }
        auto moved = *sections;
        moved.back().gpa += 0x1000;
        EXPECT_NE(mrtd(good, moved, order), before);
        std::swap(moved[2], moved[3]);
        EXPECT_NE(mrtd(good, moved, order), before);
    }
}

}  // namespace
}  // namespace hallmark::tdx
