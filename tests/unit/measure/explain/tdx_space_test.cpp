// SPDX-License-Identifier: Apache-2.0
// Registers of a real guest, looked for from other requests: direct boot with firmware older than edk2-stable202411, 2
// GiB.
#include "measure/explain/tdx_space.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "common/file.hpp"
#include "common/formats/event_log.hpp"
#include "common/formats/event_replay.hpp"
#include "common/hex.hpp"
#include "measure/explain/answer.hpp"
#include "measure/explain/log_comparison.hpp"
#include "tests/support/synthetic_tdvf.hpp"
#include "tests/support/vectors.hpp"

namespace hallmark::explain {
namespace {

using ovmf::TdxSection;
using ovmf::TdxSectionType;
using tdx::Register;
using Texts = std::vector<std::string>;

std::vector<std::string> words(const Space& space) {
    std::vector<std::string> texts;
    for (const auto& explanation : search(space).explanations) texts.push_back(in_words(explanation));
    return texts;
}

Sha384 as_digest(ByteSpan bytes) {
    Sha384 digest{};
    std::ranges::copy(bytes, digest.begin());
    return digest;
}

/// The log, and a request that has from it what isn't part of the vectors: the files.
class RealGuest : public testing::Test {
protected:
    void SetUp() override {
        HALLMARK_VECTOR(path, "intel-tdx/CCEL_data_ovmf");
        bytes_ = read_file(path, event_log::kLargestLog).value();
        log_ = event_log::parse_event_log(bytes_, "log").value();
        const auto section = [](std::uint64_t gpa, std::uint64_t size, TdxSectionType type) {
            return TdxSection{0, 0, gpa, size, type, 0};
        };
        firmwares_.resize(1);
        firmwares_[0].name = "f.fd";
        firmwares_[0].sections = {section(0x810000, 0x10000, TdxSectionType::kTemporaryMemory),
                                  section(0x80b000, 0x2000, TdxSectionType::kTemporaryMemory),
                                  section(0x809000, 0x2000, TdxSectionType::kHandOff),
                                  section(0x800000, 0x6000, TdxSectionType::kTemporaryMemory)};
        const std::map<std::size_t, std::string> from_log = {
            {1, "cfv"}, {8, "acpi_table_loader"}, {9, "acpi_rsdp"}, {10, "acpi_tables"}, {16, "load_options"}};
        for (const auto& [index, name] : from_log)
            request_.known.emplace(name, as_digest(log_.events.at(index).digests.at(0)));
        request_.kernel = "k";
        request_.memory = 2ULL << 30;
        request_.edk2 = "202408";
        files_.stub = {.name = "the kernel", .measures = true, .takes_initrd = true};
        registers_ = event_log::replay(log_, event_log::Algorithm::kSha384, "log").value();
    }

    [[nodiscard]] Texts explain(Register where) const {
        const auto expected = as_digest(registers_.at(static_cast<std::uint32_t>(where) + 1));
        const auto fits = [&](const auto& events) { return tdx::replay(events, where) == expected; };
        return words(BootSpace(request_, "asked", firmwares_, files_, where, fits));
    }

    Bytes bytes_;
    event_log::EventLog log_;
    event_log::Registers registers_;
    tdx::Request request_;
    std::vector<tdx::FirmwareImage> firmwares_;
    tdx::BootFiles files_;
};

TEST_F(RealGuest, NeedsNoExplanationOfWhatItIs) {
    const auto expected = as_digest(registers_.at(1));
    const auto fits = [&](const auto& events) { return tdx::replay(events, Register::kRtmr0) == expected; };
    EXPECT_TRUE(search(BootSpace(request_, "2G", firmwares_, files_, Register::kRtmr0, fits)).equal);
}

TEST_F(RealGuest, HasItsMemory) {
    for (const auto gib : {1ULL, 4ULL, 100ULL}) {
        request_.memory = gib << 30;
        EXPECT_EQ(explain(Register::kRtmr0), Texts{"--memory 2G instead of asked"});
    }
    request_.memory.reset();
    EXPECT_EQ(explain(Register::kRtmr0), Texts{"--memory 2G instead of asked"});
}

TEST_F(RealGuest, HasItsRelease) {
    request_.edk2 = "202502";
    EXPECT_EQ(explain(Register::kRtmr0), Texts{"--edk2 202405 (or up to 202408) instead of 202502"});
}

TEST_F(RealGuest, HasMemoryAndRelease) {
    request_.edk2 = "202608";
    request_.memory = 16ULL << 30;
    EXPECT_EQ(explain(Register::kRtmr0),
              Texts{"--memory 2G instead of asked and --edk2 202405 (or up to 202408) instead of 202608"});
}

TEST_F(RealGuest, HadAnInitrd) {
    // The log's initrd, of another name than load_options, which is given.
    files_.initrd = tdx::FileSha384{as_digest(log_.events.at(17).digests.at(0)), 1};
    request_.initrd = "i";
    const auto expected = as_digest(registers_.at(3));
    const auto fits = [&](const auto& events) { return tdx::replay(events, Register::kRtmr2) == expected; };
    EXPECT_TRUE(search(BootSpace(request_, "2G", firmwares_, files_, Register::kRtmr2, fits)).equal);
}

TEST_F(RealGuest, LeavesThePredictionWhereTheMemoryIsMeasured) {
    request_.memory = 8ULL << 30;
    const auto predicted = [](const std::vector<tdx::Event>& events) {
        std::vector<PredictedEvent> list;
        for (const auto& event : events) {
            std::optional<Bytes> digest;
            if (event.digest) digest.emplace(event.digest->begin(), event.digest->end());
            list.push_back({event.type, event.name, event.what, digest});
        }
        return list;
    };
    const BootSpace own(request_, "8G", firmwares_, files_, Register::kRtmr0, {});
    const auto space = [&](const EventsFit& fits) -> std::unique_ptr<Space> {
        const auto events_fit = [fits, predicted](const auto& events) { return fits(predicted(events)); };
        return std::make_unique<BootSpace>(request_, "8G", firmwares_, files_, Register::kRtmr0, events_fit);
    };
    const auto answer = compare({{"rtmr0", predicted(own.events_of({}).value()), logged_events(log_, 1, 0), space}});
    EXPECT_FALSE(answer.equal);
    const auto& json = answer.json["registers"]["rtmr0"];
    EXPECT_EQ(answer.json["first"], "rtmr0");
    EXPECT_EQ(json["difference"]["event"], 1);
    EXPECT_EQ(json["difference"]["name"], "td_hob");
    EXPECT_EQ(json["difference"]["logged"],
              "0b8772e5b0b41b83e6044a68397e02f49fb47066b4fbe4917ea2c45c64f323fdacbb37948f821ebaf8bc9c938ba8a749");
    EXPECT_EQ(json["explains"], "register");
    EXPECT_EQ(json["explanations"][0]["changes"][0]["seen"], "2G");
    EXPECT_NE(answer.text.find("it covers hand-off blocks"), std::string::npos) << answer.text;
    EXPECT_NE(answer.text.find("the whole register is that of --memory 2G instead of 8G"), std::string::npos)
        << answer.text;
}

TEST(MrtdSpace, FindsPageOrderSectionOrderAndFirmware) {
    std::vector<tdx::FirmwareImage> firmwares(2);
    for (std::size_t i = 0; i < 2; ++i) {
        firmwares[i].name = i == 0 ? "a.fd" : "b.fd";
        firmwares[i].image = test::tdvf();
        firmwares[i].image[0x1800] ^= static_cast<std::uint8_t>(i);
        firmwares[i].sections = ovmf::parse_tdx_metadata(firmwares[i].image, "f.fd").value();
    }
    const auto found = [&](std::size_t firmware, bool sorted, tdx::PageOrder order) {
        auto sections = firmwares[firmware].sections;
        if (sorted) std::ranges::sort(sections, {}, &TdxSection::gpa);
        return words(MrtdSpace(firmwares, tdx::mrtd(firmwares[firmware].image, sections, order)));
    };
    using tdx::PageOrder;
    const std::string two_pass = "page order two-pass (QEMU forks before 9.0) instead of single-pass";
    EXPECT_EQ(found(0, false, PageOrder::kSinglePass), Texts{});
    EXPECT_EQ(found(0, false, PageOrder::kTwoPass), Texts{two_pass});
    EXPECT_EQ(found(0, true, PageOrder::kSinglePass),
              Texts{"metadata sections by address instead of in the firmware's order"});
    EXPECT_EQ(found(1, false, PageOrder::kSinglePass), Texts{"--ovmf b.fd instead of a.fd"});
    EXPECT_EQ(found(1, false, PageOrder::kTwoPass), Texts{two_pass + " and --ovmf b.fd instead of a.fd"});
}

}  // namespace
}  // namespace hallmark::explain
