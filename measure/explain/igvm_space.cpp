// SPDX-License-Identifier: Apache-2.0
#include "measure/explain/igvm_space.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "common/hex.hpp"
#include "measure/explain/groups.hpp"
#include "measure/explain/launch_axes.hpp"
#include "measure/igvm/tdx.hpp"
#include "measure/snp/vcpu.hpp"
#include "measure/snp/vmm_profile.hpp"

namespace hallmark::explain {
namespace {

using igvm::LoadedPage;
using snp::PageType;

/// Positions of the dimensions in a candidate; those of `others_` follow.
enum Index : std::size_t { kVcpus, kFurther, kFeatures, kContexts, kZeroPages, kFile, kFirstOther };

constexpr std::array<std::size_t, 3> kMemory = {kContexts, kZeroPages, kFile};

bool is_context(const LoadedPage& page) { return page.type == PageType::kVmsa; }

/// What the file's other platform would measure, if it can.
std::optional<Sha384> digest_on(const igvm::File& file, igvm::PlatformType platform, igvm::Unknown unknown) {
    if (file.find_platform(platform) == nullptr) return std::nullopt;
    if (platform == igvm::PlatformType::kTdx) {
        const auto tdx = measure_tdx(file, unknown, nullptr);
        return tdx ? std::optional(tdx->mrtd) : std::nullopt;
    }
    const auto snp = measure_snp(file, unknown, nullptr);
    return snp ? std::optional(snp->digest) : std::nullopt;
}

void add_readings(std::span<const igvm::OtherReading> readings, std::vector<IgvmLaunch::Other>& others) {
    for (const auto& reading : readings) {
        std::string note;
        for (const auto& reason : reading.reasons) note += (note.empty() ? "" : "; ") + reason;
        if (reading.digest)
            others.push_back(
                {"reading of the file", "the specification's", {reading.tool + "'s", note}, *reading.digest});
    }
}

}  // namespace

Result<IgvmLaunch> measure_igvm(const igvm::File& file, const std::string& platform, igvm::Unknown unknown) {
    IgvmLaunch launch{file.what(), platform, {}, {}, {}};
    if (platform == "tdx") {
        HALLMARK_TRY(const igvm::TdxMeasurement tdx, measure_tdx(file, unknown, nullptr));
        launch.digest = tdx.mrtd;
        add_readings(tdx.others, launch.others);
        HALLMARK_TRY(const Sha384 two_passes, measure_tdx_in_two_passes(file, unknown));
        launch.others.push_back(
            {"page order", "single pass", {"two passes", "all pages added, then measured"}, two_passes});
    } else {
        HALLMARK_TRY(const igvm::SnpMeasurement snp, measure_snp(file, unknown, nullptr, &launch.loaded));
        launch.digest = snp.digest;
        add_readings(snp.others, launch.others);
        if (snp.id_block)
            launch.others.push_back({"launch digest",
                                     "of the pages",
                                     {"of the file's ID block", "not that of its pages"},
                                     snp.id_block->launch_digest});
    }
    const bool is_snp = platform == "snp";
    if (const auto other = digest_on(file, is_snp ? igvm::PlatformType::kTdx : igvm::PlatformType::kSevSnp, unknown))
        launch.others.push_back({"--platform", platform, {is_snp ? "tdx" : "snp", ""}, *other});
    return launch;
}

IgvmSpace::IgvmSpace(std::vector<IgvmLaunch> launches, const Sha384& expected)
    : launches_(std::move(launches)), expected_(expected) {
    const auto& own = launches_.front();
    files_ = {"FILE", own.name, 0};
    for (std::size_t i = 1; i < launches_.size(); ++i) files_.add({launches_[i].name, ""}, i);
    vcpus_ = {"vCPUs", std::to_string(own.loaded.contexts.size()),
              static_cast<std::uint32_t>(own.loaded.contexts.size())};
    further_ = {"CPUs without a VP context", "like the last one", std::nullopt};
    features_ = {"SEV_FEATURES", std::nullopt, 0};
    contexts_ = {"VP contexts", "as in the file", Contexts::kAsInFile};
    zero_pages_ = {"pages without data", "pages of zeros", false};
    if (own.platform == "snp") add_snp_axes();
    for (const auto& other : own.others) {
        auto axis = std::ranges::find(others_, other.option, [](const auto& one) { return one.dimension().option; });
        if (axis == others_.end()) axis = others_.insert(others_.end(), {other.option, other.given, std::nullopt});
        axis->add_alone(other.seen, other.digest);
    }
    dimensions_ = all_dimensions();
}

void IgvmSpace::add_snp_axes() {
    const auto& [pages, states] = launches_.front().loaded;
    for (auto count = vcpus_.at(0) + 1; count <= kMostTriedVcpus; ++count)
        vcpus_.add({std::to_string(count), ""}, count);
    for (const auto& type : snp::vcpu_types()) {
        const auto signature = type.model.signature();
        if (!further_.has(signature))
            further_.add({"in QEMU's reset state",
                          "EAX of CPUID Fn0000_0001 " + hex_number(signature) + ", as of " + std::string(type.name)},
                         signature);
    }
    if (std::ranges::any_of(pages,
                            [](const LoadedPage& page) { return page.type == PageType::kNormal && !page.is_data; }))
        zero_pages_.add({"of type ZERO", "igvmmeasure --native-zero"}, true);
    if (states.empty()) return;
    features_ = features_axis("SEV_FEATURES", states.front().sev_features);
    const bool are_last = std::ranges::is_partitioned(pages, [](const LoadedPage& page) { return !is_context(page); });
    const bool are_moved = std::ranges::any_of(
        pages, [](const LoadedPage& page) { return is_context(page) && page.gpa != snp::kQemu.vmsa_gpa; });
    const auto address = hex_number(snp::kQemu.vmsa_gpa);
    if (!are_last) contexts_.add({"last", "as KVM measures them"}, Contexts::kLast);
    if (are_moved) contexts_.add({"at " + address, "where KVM puts them"}, Contexts::kAtKvmAddress);
    if (!are_last && are_moved) contexts_.add({"last, at " + address, "as KVM measures them"}, Contexts::kAsKvm);
    contexts_.add({"not measured", ""}, Contexts::kNone);
}

std::vector<Dimension> IgvmSpace::all_dimensions() const {
    std::vector<Dimension> dimensions = {vcpus_.dimension(),    further_.dimension(),    features_.dimension(),
                                         contexts_.dimension(), zero_pages_.dimension(), files_.dimension()};
    for (const auto& axis : others_) dimensions.push_back(axis.dimension());
    return dimensions;
}

const IgvmLaunch& IgvmSpace::launch_of(const Candidate& candidate) const {
    return launches_[files_.at(candidate.choice(kFile))];
}

IgvmSpace::Memory IgvmSpace::memory_of(const Candidate& candidate) const {
    auto pages = launch_of(candidate).loaded.pages;
    const auto contexts = contexts_.at(candidate.choice(kContexts));
    if (contexts == Contexts::kNone) std::erase_if(pages, is_context);
    if (contexts == Contexts::kLast || contexts == Contexts::kAsKvm)
        std::ranges::stable_partition(pages, [](const LoadedPage& page) { return !is_context(page); });
    for (auto& page : pages) {
        if (is_context(page) && (contexts == Contexts::kAtKvmAddress || contexts == Contexts::kAsKvm))
            page.gpa = snp::kQemu.vmsa_gpa;
        if (page.type == PageType::kNormal && !page.is_data && zero_pages_.at(candidate.choice(kZeroPages)))
            page.type = PageType::kZero;
    }
    const auto first = std::ranges::find_if(pages, is_context);
    snp::LaunchDigest digest;
    for (auto page = pages.begin(); page != first; ++page) add_page(digest, *page);
    return {digest.value(), {first, pages.end()}};
}

Sha384 IgvmSpace::context_page(const Candidate& candidate, snp::Vmsa state) const {
    if (const auto choice = candidate.choice(kFeatures); choice != 0) state.sev_features = features_.at(choice);
    return sha384(as_bytes(state));
}

std::vector<std::size_t> IgvmSpace::matches(const Candidate& candidate, const Memory& memory) const {
    const auto& launch = launch_of(candidate);
    for (std::size_t i = 0; i < others_.size(); ++i)
        if (const auto& digest = others_[i].at(candidate.choice(kFirstOther + i)))
            return *digest == expected_ ? std::vector<std::size_t>{0} : std::vector<std::size_t>{};
    if (launch.platform != "snp")
        return launch.digest == expected_ ? std::vector<std::size_t>{0} : std::vector<std::size_t>{};

    const auto& states = launch.loaded.contexts;
    snp::LaunchDigest digest(memory.before);
    std::size_t context = 0;
    for (auto page : memory.rest) {
        if (is_context(page)) page.content = context_page(candidate, states[context++]);
        add_page(digest, page);
    }
    std::vector<std::size_t> choices;
    if (digest.value() == expected_) choices.push_back(0);
    const auto signature = further_.at(candidate.choice(kFurther));
    if (!candidate.whole_run || (states.empty() && !signature)) return choices;
    // The features are those of the guest, so of every CPU.
    const auto features = states.empty() ? snp::kFeatureSnpActive : states.front().sev_features.get();
    const auto further =
        signature ? snp::initial_state(snp::kQemu, snp::CpuRole::kBoot, snp::kQemu.boot_cpu_start, *signature, features)
                  : states.back();
    const auto content = context_page(candidate, further);
    for (auto count = static_cast<std::uint32_t>(states.size()) + 1; count <= kMostTriedVcpus; ++count) {
        digest.vmsa_page(snp::kQemu.vmsa_gpa, content);
        if (digest.value() == expected_ && count > vcpus_.at(0)) choices.push_back(count - vcpus_.at(0));
    }
    return choices;
}

std::vector<Hit> IgvmSpace::measure(std::span<const Candidate> candidates) const {
    const Groups groups(candidates, kMemory);
    const auto memory = groups.each<Memory>([&](std::size_t i) { return memory_of(candidates[i]); });
    std::vector<std::vector<std::size_t>> found(candidates.size());
    parallel_blocks(candidates.size(),
                    [&](std::size_t i) { found[i] = matches(candidates[i], memory[groups.group_of(i)]); });
    return hits_of(found);
}

}  // namespace hallmark::explain
