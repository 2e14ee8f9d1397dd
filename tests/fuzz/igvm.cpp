// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever hands out an IGVM file, to a user who measures it.
// Size cap: 64 KiB; every kind of header takes less than 1 KiB. The checksum is set anew in every input: it keeps
// accidents out, not attackers.
#include "common/hex.hpp"
#include "measure/igvm/snp.hpp"
#include "measure/igvm/tdx.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/synthetic_igvm.hpp"

namespace hallmark::fuzz {
namespace {

using igvm::HeaderType;

std::vector<Bytes> seeds() {
    test::IgvmWriter writer;
    writer.platform(1, igvm::PlatformType::kSevSnp).platform(2, igvm::PlatformType::kTdx);
    const auto small = writer.bytes();
    writer.add(HeaderType::kGuestPolicy, igvm::GuestPolicy{0x30000U, 1U, {}});
    writer.add(HeaderType::kRelocatableRegion, igvm::RelocatableRegion{});
    writer.add(HeaderType::kPageTableRelocation, igvm::PageTableRelocation{});
    writer.add(HeaderType::kParameterArea, igvm::ParameterArea{8192U, 0U, 0U});
    writer.add(HeaderType::kVpCount, igvm::Parameter{});
    writer.add(HeaderType::kParameterInsert, igvm::ParameterInsert{0x1000U, 3U, 0U});
    writer.page(0x3000, 3).page(0x4000, 3, igvm::kPageIsUnmeasured).page(0x5000, 1, igvm::kPageIsShared, 1);
    writer.add(HeaderType::kPageData, igvm::PageData{0x6000U, 3U, 1024U, 0U, {}, {}});
    writer.add(HeaderType::kRequiredMemory, igvm::RequiredMemory{});
    writer.add(HeaderType::kErrorRange, igvm::ErrorRange{});
    igvm::SnpIdBlock block;
    block.compatibility_mask = 1U;
    writer.add(HeaderType::kSnpIdBlock, block);
    const auto tdx = writer.bytes(Bytes(4096, 3));
    writer.add(HeaderType::kVpContext, igvm::VpContext{0xFFFFFFFFF000U, 1U, 1024U, {}, {}});
    return {small, tdx, writer.bytes(Bytes(4096, 3))};
}

void attempt(ByteSpan input) {
    Bytes sealed(input.begin(), input.end());
    test::seal_igvm(sealed);
    const auto file = igvm::File::parse(RandomAccess::of(sealed), "input");
    if (!file) return;
    // The memory that a file may describe takes too long here.
    std::uint64_t pages = 0;
    for (const auto& header : file->headers()) {
        require(header.offset + std::uint64_t{header.length} <= sealed.size(), "a header lies in the file");
        if (header.is(HeaderType::kParameterArea)) pages += file->structure<igvm::ParameterArea>(header).size / 4096;
        if (header.is(HeaderType::kPageData)) pages += 512;
    }
    if (pages > 16384) return;
    Trace trace;
    igvm::LoadedPages loaded;
    if (const auto snp = measure_snp(*file, igvm::Unknown::kPassOver, &trace, &loaded)) {
        snp::LaunchDigest digest;
        for (const auto& page : loaded.pages) add_page(digest, page);
        require(digest.value() == snp->digest, "the digest is that of the pages that are handed out");
        require(snp->pages <= pages + sealed.size() / 24, "pages come from headers");
        require(snp->pages == 0 || trace.back().value.size() == 96, "a step ends in a digest");
        for (const auto& other : snp->others)
            require(other.digest != snp->digest && !other.reasons.empty(), "who differs has a reason");
    }
    const auto tdx = measure_tdx(*file, igvm::Unknown::kPassOver, nullptr);
    const auto passes = measure_tdx_in_two_passes(*file, igvm::Unknown::kPassOver);
    require(tdx.has_value() == passes.has_value(), "the order of pages decides nothing but the value");
}

}  // namespace

const Target kTarget{.largest = 64 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
