// SPDX-License-Identifier: Apache-2.0
// Bit by bit: what is measured of an SNP launch changes its digest, and what is not does not.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>

#include "measure/igvm/snp.hpp"
#include "measure/snp/launch.hpp"
#include "measure/snp/svsm_launch.hpp"
#include "tests/support/synthetic_firmware.hpp"
#include "tests/support/synthetic_igvm.hpp"
#include "tests/support/synthetic_svsm.hpp"

namespace hallmark::snp {
namespace {

using namespace hallmark::test;

/// Two pages of firmware, three CPUs, and a kernel with all that belongs to it; a test changes one thing.
struct Launch {
    Bytes image = firmware({.size = 8192});
    Bytes kernel = synthetic_kernel();
    std::optional<Bytes> initrd = synthetic_initrd();
    std::string command_line = "console=ttyS0";
    bool with_kernel = true;
    const VmmProfile* profile = &kQemu;
    std::uint32_t signature = 0x800f12;
    std::uint64_t features = 1;
    std::uint32_t vcpus = 3;
    std::function<void(CpuStates&)> change_states = [](CpuStates&) {};

    /// Nothing where the firmware is refused.
    [[nodiscard]] std::optional<Sha384> digest() const {
        const auto layout = ovmf::parse_sev_firmware(image, "f.fd");
        if (!layout) return std::nullopt;
        std::optional<KernelHashes> hashes;
        if (with_kernel)
            hashes = KernelHashes{sha256(kernel), initrd ? sha256(*initrd) : hash_no_initrd(),
                                  hash_command_line(command_line)};
        LaunchDigest pages;
        add_firmware(pages, image);
        const auto memory = predict_sections(pages.value(), *layout, hashes, "f.fd", *profile);
        if (!memory) return std::nullopt;
        auto states = cpu_states(*profile, *layout, signature, features);
        change_states(states);
        LaunchDigest launch(*memory);
        add_cpus(launch, *profile, states, vcpus);
        return launch.value();
    }
};

using Change = std::function<void(Launch&)>;

/// Whether another launch comes of it, or none.
bool matters(const Change& change, const Launch& base = {}) {
    Launch changed = base;
    change(changed);
    return changed.digest() != base.digest();
}

void flip(Bytes& bytes, std::size_t at) { bytes.at(at) ^= static_cast<std::uint8_t>(1U << (at % 8)); }

TEST(MeasuredBits, OfEveryByteOfTheFirmware) {
    // The kernel is left out: it makes nothing of the firmware less measured, and the test slow.
    const Launch base{.with_kernel = false};
    const auto digest = base.digest();
    ASSERT_TRUE(digest);
    for (std::size_t at = 0; at < base.image.size(); ++at) {
        Launch changed = base;
        flip(changed.image, at);
        ASSERT_NE(changed.digest(), digest) << "offset " << at;
    }
}

TEST(MeasuredBits, OfWhatIsBooted) {
    const Launch base;
    for (const auto at : {std::size_t{0}, base.kernel.size() / 2, base.kernel.size() - 1})
        EXPECT_TRUE(matters([&](Launch& launch) { flip(launch.kernel, at); })) << "kernel, offset " << at;
    for (const auto at : {std::size_t{0}, base.initrd->size() / 2, base.initrd->size() - 1})
        EXPECT_TRUE(matters([&](Launch& launch) { flip(*launch.initrd, at); })) << "initrd, offset " << at;
    for (std::size_t at = 0; at < base.command_line.size(); ++at)
        EXPECT_TRUE(matters([&](Launch& launch) { launch.command_line[at] ^= 1; })) << "command line, offset " << at;
    EXPECT_TRUE(matters([](Launch& launch) { launch.kernel.push_back(0); }));
    EXPECT_TRUE(matters([](Launch& launch) { launch.initrd->push_back(0); }));
    EXPECT_TRUE(matters([](Launch& launch) { launch.command_line += ' '; }));
    EXPECT_TRUE(matters([](Launch& launch) { launch.with_kernel = false; }));
    EXPECT_TRUE(matters([](Launch& launch) { launch.initrd.reset(); }));
    // No initrd and an empty one are the same to the firmware.
    EXPECT_FALSE(matters([](Launch& launch) { launch.initrd = Bytes(); }, {.initrd = std::nullopt}));
}

TEST(MeasuredBits, OfEveryByteOfEveryCpusState) {
    const auto flipped = [](Vmsa CpuStates::* which, std::size_t at) {
        return [=](Launch& launch) {
            launch.change_states = [=](CpuStates& states) {
                as_writable_bytes(states.*which)[at] ^= static_cast<std::uint8_t>(1U << (at % 8));
            };
        };
    };
    const Launch base{.with_kernel = false};
    const Launch alone{.with_kernel = false, .vcpus = 1};
    for (std::size_t at = 0; at < sizeof(Vmsa); ++at) {
        ASSERT_TRUE(matters(flipped(&CpuStates::boot_cpu, at), base)) << "boot CPU, offset " << at;
        ASSERT_TRUE(matters(flipped(&CpuStates::application_cpu, at), base)) << "other CPUs, offset " << at;
        ASSERT_FALSE(matters(flipped(&CpuStates::application_cpu, at), alone)) << "no other CPU, offset " << at;
    }
}

TEST(MeasuredBits, OfTheCpus) {
    EXPECT_TRUE(matters([](Launch& launch) { launch.vcpus = 4; }));
    EXPECT_TRUE(matters([](Launch& launch) { launch.signature ^= 1; }));
    for (unsigned bit = 0; bit < 64; ++bit)
        EXPECT_TRUE(matters([&](Launch& launch) { launch.features ^= std::uint64_t{1} << bit; })) << bit;
    // EC2 hides the model from the CPU's state, and so from the digest.
    for (const auto* profile : vmm_profiles()) {
        if (!profile->starts_snp) continue;
        const bool shown = !profile->rdx.has_value();
        EXPECT_EQ(matters([](Launch& launch) { launch.signature ^= 1; }, {.profile = profile}), shown) << profile->name;
    }
}

TEST(MeasuredBits, AreNotThoseThatTheFirmwareDoesNotAskFor) {
    // Without a kernel nothing of one is measured, and its page is zero.
    const Launch bare{.with_kernel = false};
    EXPECT_FALSE(matters([](Launch& launch) { flip(launch.kernel, 0); }, bare));
    EXPECT_FALSE(matters([](Launch& launch) { flip(*launch.initrd, 0); }, bare));
    EXPECT_FALSE(matters([](Launch& launch) { launch.command_line += "x"; }, bare));
    // What surrounds the hash table in its page is measured: zeros, wherever the table stands.
    FirmwareRecipe elsewhere{.size = 8192, .hash_table = {0x810800, 0x400}};
    EXPECT_TRUE(matters([&](Launch& launch) { launch.image = firmware(elsewhere); }));
}

TEST(MeasuredBits, OfASvsmAndNotOfTheVariablesBesideIt) {
    const auto image = firmware();
    const auto digest = [&](const Bytes& beside, std::uint64_t variables) -> std::optional<Sha384> {
        const auto layout = ovmf::parse_svsm_firmware(beside, ovmf::kFourGiB - image.size() - variables, "s");
        if (!layout) return std::nullopt;
        return predict_svsm(image, beside, *layout, svsm_states(*layout, 0x800f12, 1), 2);
    };
    const auto base = digest(svsm(), 540672);
    for (const std::size_t at : {0U, 4095U, 4096U, 0x7000U, 0x7fffU}) {
        auto changed = svsm();
        flip(changed, at);
        EXPECT_NE(digest(changed, 540672), base) << at;
    }
    // Of the variables only the size is asked for: it moves the SVSM.
    EXPECT_NE(digest(svsm(), 540672 + 4096), base);
}

/// An IGVM file with a measured page and one that isn't; `content` is that of both.
std::optional<Sha384> igvm_digest(ByteSpan content, std::uint64_t unmeasured_gpa = 0x2000) {
    const auto file_with = [&](std::size_t data) {
        IgvmWriter writer;
        writer.platform(1, igvm::PlatformType::kSevSnp);
        const auto page = [&](std::uint64_t gpa, std::uint32_t flags, std::size_t offset) {
            writer.add(igvm::HeaderType::kPageData, igvm::PageData{.gpa = gpa,
                                                                   .compatibility_mask = std::uint32_t{1},
                                                                   .file_offset = static_cast<std::uint32_t>(offset),
                                                                   .flags = flags,
                                                                   .data_type = {},
                                                                   .reserved_16 = {}});
        };
        page(0x1000, 0, data);
        page(unmeasured_gpa, igvm::kPageIsUnmeasured, data + kPageSize);
        return writer.bytes(content);
    };
    const auto bytes = file_with(file_with(0).size() - content.size());
    const auto file = igvm::File::parse(RandomAccess::of(bytes), "f.igvm");
    if (!file) return std::nullopt;
    const auto measured = igvm::measure_snp(*file, igvm::Unknown::kRefuse, nullptr);
    return measured ? std::optional(measured->digest) : std::nullopt;
}

TEST(MeasuredBits, OfAnIgvmFileAreThoseOfItsMeasuredPages) {
    Bytes content(2 * kPageSize, 0x5a);
    const auto base = igvm_digest(content);
    ASSERT_TRUE(base);
    for (const std::size_t at : {0U, 2048U, 4095U}) {
        auto changed = content;
        flip(changed, at);
        EXPECT_NE(igvm_digest(changed), base) << at;
        changed = content;
        flip(changed, kPageSize + at);
        EXPECT_EQ(igvm_digest(changed), base) << at;
    }
    EXPECT_NE(igvm_digest(content, 0x3000), base) << "the address of an unmeasured page is measured";
}

}  // namespace
}  // namespace hallmark::snp
