// SPDX-License-Identifier: Apache-2.0
#include "measure/igvm/snp.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "common/hex.hpp"
#include "measure/igvm/snp_readings.hpp"

namespace hallmark::igvm {
namespace {

/// KVM, arch/x86/kvm/svm/sev.c (INITIAL_VMSA_GPA).
constexpr std::uint64_t kKvmVmsaGpa = 0xFFFFFFFFF000;

using snp::PageType;

std::string_view name_of(PageType type) {
    switch (type) {
        case PageType::kNormal:
            return "NORMAL";
        case PageType::kVmsa:
            return "VMSA";
        case PageType::kZero:
            return "ZERO";
        case PageType::kUnmeasured:
            return "UNMEASURED";
        case PageType::kSecrets:
            return "SECRETS";
        case PageType::kCpuid:
            return "CPUID";
    }
    return "";
}

/// What happened in a file that not every tool reads alike.
struct Oddities {
    std::uint64_t shared = 0;            // shared pages
    std::uint64_t long_areas = 0;        // inserted areas of more than a page
    std::uint64_t foreign_contexts = 0;  // VP contexts of other platforms
    std::uint64_t large = 0;             // pages of 2 MiB
    std::uint64_t large_with_data = 0;
};

/// One reading of the file: a chain of its own.
struct Chain {
    const SnpReading* reading;
    snp::LaunchDigest digest;
};

/// Walks the file once and gives every page to every chain that has it.
class Measurer {
public:
    Measurer(const File& file, std::uint32_t mask, Trace* trace, LoadedPages* loaded)
        : file_(file), mask_(mask), trace_(trace), loaded_(loaded) {
        chains_.push_back({&kSpecification, snp::LaunchDigest()});
        for (const auto& tool : kOtherTools) chains_.push_back({&tool, snp::LaunchDigest()});
    }

    Status add(const Header& header, Unknown unknown);
    SnpMeasurement finish();

private:
    /// One page of 4 KiB, in the chains that take it.
    template <class Takes>
    void page(const LoadedPage& loaded, Takes takes) {
        for (auto& chain : chains_)
            if (takes(*chain.reading)) add_page(chain.digest, loaded);
        if (!takes(kSpecification)) return;
        ++result_.pages;
        if (loaded_ != nullptr) loaded_->pages.push_back(loaded);
    }

    Status add_page_data(const PageData& page);
    void add_parameters(const ParameterInsert& insert);
    Status add_context(const VpContext& context);
    void step(const std::string& what, const std::string& inputs);
    /// SHA-384 of a page of the file's data; a page of zeros where there are none.
    Result<Sha384> content_of(std::uint64_t file_offset);
    [[nodiscard]] std::vector<std::string> reasons(const SnpReading& reading) const;

    const File& file_;
    std::uint32_t mask_;
    Trace* trace_;
    LoadedPages* loaded_;
    std::vector<Chain> chains_;
    std::map<std::uint32_t, std::uint64_t> areas_;  // size by index
    SnpMeasurement result_;
    Oddities seen_;
    std::uint32_t contexts_ = 0;
    bool page_behind_context_ = false;
};

void Measurer::step(const std::string& what, const std::string& inputs) {
    if (trace_ != nullptr) trace_->push_back({what, inputs, to_hex(chains_.front().digest.value())});
}

Result<Sha384> Measurer::content_of(std::uint64_t file_offset) {
    static const Sha384 kZeros = sha384(Bytes(kPageSize));
    if (file_offset == 0) return kZeros;
    std::array<std::uint8_t, kPageSize> page{};
    HALLMARK_CHECK(file_.read(file_offset, page));
    return sha384(page);
}

Status Measurer::add_page_data(const PageData& page) {
    const bool is_large = (page.flags & kPageIsLarge) != 0;
    const bool is_shared = (page.flags & kPageIsShared) != 0;
    if (is_large) ++seen_.large;
    if (is_large && page.file_offset != 0) ++seen_.large_with_data;
    if (is_shared) ++seen_.shared;
    auto kind = (page.flags & kPageIsUnmeasured) != 0 ? PageType::kUnmeasured : PageType::kNormal;
    const auto type = static_cast<PageDataType>(page.data_type.get());
    if (type == PageDataType::kSecrets) kind = PageType::kSecrets;
    if (type == PageDataType::kCpuid || type == PageDataType::kCpuidXf) kind = PageType::kCpuid;
    const auto size = is_large ? kLargePageSize : kPageSize;
    for (std::size_t at = 0; at < size; at += kPageSize) {
        Sha384 content{};
        if (kind == PageType::kNormal) {
            HALLMARK_TRY(content, content_of(page.file_offset == 0 ? 0 : page.file_offset.get() + at));
        }
        const auto gpa = page.gpa.get() + at;
        this->page({kind, gpa, content, page.file_offset != 0}, [&](const SnpReading& reading) {
            return (!is_shared || reading.shared_is_measured) && (at == 0 || reading.large_pages);
        });
        const auto what = (is_shared ? "shared page at " : "page at ") + hex_number(gpa);
        step(what, is_shared ? "not measured"
                             : std::string(name_of(kind)) + (kind == PageType::kNormal ? " " + to_hex(content) : ""));
    }
    if (contexts_ != 0 && !is_shared) page_behind_context_ = true;
    return {};
}

void Measurer::add_parameters(const ParameterInsert& insert) {
    const auto size = areas_[insert.index];
    if (size > kPageSize) ++seen_.long_areas;
    for (std::uint64_t at = 0; at < size; at += kPageSize) {
        page({PageType::kUnmeasured, insert.gpa + at},
             [&](const SnpReading& reading) { return at == 0 || reading.whole_areas; });
        step("parameter area " + std::to_string(insert.index.get()) + " at " + hex_number(insert.gpa + at),
             "UNMEASURED");
    }
    if (contexts_ != 0) page_behind_context_ = true;
}

Status Measurer::add_context(const VpContext& context) {
    const bool is_ours = (context.compatibility_mask & mask_) != 0;
    if (!is_ours) ++seen_.foreign_contexts;
    if (context.file_offset == 0)
        return bad_input(file_.what() + ": VP context " + std::to_string(context.vp_index.get()) +
                         ": file offset found 0, expected that of a VMSA");
    snp::Vmsa state;
    HALLMARK_CHECK(file_.read(context.file_offset, {reinterpret_cast<std::uint8_t*>(&state), sizeof(state)}));
    const auto content = sha384(as_bytes(state));
    page({PageType::kVmsa, context.gpa, content},
         [&](const SnpReading& reading) { return is_ours || reading.any_context; });
    if (!is_ours) return {};
    if (loaded_ != nullptr) loaded_->contexts.push_back(state);
    step("VP context " + std::to_string(context.vp_index.get()) + " at " + hex_number(context.gpa),
         "VMSA " + to_hex(content));
    ++contexts_;
    if (context.gpa != kKvmVmsaGpa)
        result_.notes.push_back("KVM puts every VMSA at " + hex_number(kKvmVmsaGpa) + ", not at " +
                                hex_number(context.gpa) + ": it measures another digest, and QEMU refuses the file");
    return {};
}

Status Measurer::add(const Header& header, Unknown unknown) {
    const auto mask = file_.compatibility_mask(header);
    const bool is_ours = !mask || (*mask & mask_) != 0;
    if (!is_ours && !header.is(HeaderType::kVpContext)) return {};
    switch (static_cast<HeaderType>(header.type)) {
        case HeaderType::kGuestPolicy:
            result_.policy = file_.structure<GuestPolicy>(header).policy.get();
            return {};
        case HeaderType::kParameterArea: {
            const auto area = file_.structure<ParameterArea>(header);
            areas_[area.index] = area.size;
            return {};
        }
        case HeaderType::kPageData:
            return add_page_data(file_.structure<PageData>(header));
        case HeaderType::kParameterInsert:
            add_parameters(file_.structure<ParameterInsert>(header));
            return {};
        case HeaderType::kVpContext:
            return add_context(file_.structure<VpContext>(header));
        case HeaderType::kSnpIdBlock:
            result_.id_block = file_.structure<SnpIdBlock>(header);
            return {};
        case HeaderType::kSupportedPlatform:
        case HeaderType::kVbsMeasurement:
            return {};
        case HeaderType::kRelocatableRegion:
        case HeaderType::kPageTableRelocation:
            result_.notes.push_back(
                igvm::name_of(header) +
                ": a loader may move this region, which changes the digest; it is measured where it lies");
            return {};
        case HeaderType::kRequiredMemory:
        case HeaderType::kErrorRange:
            step(igvm::name_of(header), "not measured");
            return {};
        case HeaderType::kVpCount:
        case HeaderType::kSrat:
        case HeaderType::kMadt:
        case HeaderType::kMmioRanges:
        case HeaderType::kMemoryMap:
        case HeaderType::kCommandLine:
        case HeaderType::kSlit:
        case HeaderType::kPptt:
        case HeaderType::kDeviceTree:
        case HeaderType::kEnvironmentInfo:
            step(igvm::name_of(header), "written into a parameter area, not measured");
            return {};
    }
    HALLMARK_TRY(std::string note, judge_unknown(file_, header, unknown));
    result_.notes.push_back(std::move(note));
    return {};
}

std::vector<std::string> Measurer::reasons(const SnpReading& reading) const {
    std::vector<std::string> reasons;
    const auto count = [](std::uint64_t number, const char* what) { return std::to_string(number) + " " + what; };
    if (seen_.long_areas != 0 && !reading.whole_areas)
        reasons.push_back(count(seen_.long_areas, "parameter areas of several pages, of which it measures the first"));
    if (seen_.shared != 0 && reading.shared_is_measured)
        reasons.push_back(count(seen_.shared, "shared pages, which it measures"));
    if (seen_.foreign_contexts != 0 && reading.any_context)
        reasons.push_back(count(seen_.foreign_contexts, "VP contexts of other platforms, which it measures"));
    if (seen_.large != 0 && !reading.large_pages)
        reasons.push_back(count(seen_.large, "pages of 2 MiB, of which it measures the first 4 KiB"));
    return reasons;
}

SnpMeasurement Measurer::finish() {
    result_.digest = chains_.front().digest.value();
    for (std::size_t i = 1; i < chains_.size(); ++i) {
        const auto& chain = chains_[i];
        OtherReading other{chain.reading->tool, chain.digest.value(), reasons(*chain.reading)};
        if (chain.reading->needs_policy && !result_.policy) {
            other.digest.reset();
            other.reasons = {"no guest policy, without which it refuses the file"};
        }
        if (!chain.reading->large_data && seen_.large_with_data != 0) {
            other.digest.reset();
            other.reasons = {"pages of 2 MiB with data, at which it stops"};
        }
        if (other.digest != result_.digest) result_.others.push_back(std::move(other));
    }
    if (contexts_ == 0)
        result_.notes.emplace_back("no VP context: the loader decides how CPUs start and what of them is measured");
    if (page_behind_context_)
        result_.notes.emplace_back(
            "pages stand behind a VP context: KVM measures contexts last, so it measures another digest");
    const auto& block = result_.id_block;
    if (block && !equal(block->launch_digest, result_.digest))
        result_.notes.push_back("the ID block is for launch digest " + to_hex(block->launch_digest) +
                                ": the processor refuses to start the guest");
    return std::move(result_);
}

}  // namespace

void add_page(snp::LaunchDigest& digest, const LoadedPage& page) {
    switch (page.type) {
        case PageType::kNormal:
            return digest.normal_page(page.gpa, page.content);
        case PageType::kVmsa:
            return digest.vmsa_page(page.gpa, page.content);
        case PageType::kZero:
            return digest.zero_page(page.gpa);
        case PageType::kUnmeasured:
            return digest.unmeasured_page(page.gpa);
        case PageType::kSecrets:
            return digest.secrets_page(page.gpa);
        case PageType::kCpuid:
            return digest.cpuid_page(page.gpa);
    }
}

Result<SnpMeasurement> measure_snp(const File& file, Unknown unknown, Trace* trace, LoadedPages* loaded) {
    const auto* platform = file.find_platform(PlatformType::kSevSnp);
    if (platform == nullptr)
        return bad_input(file.what() +
                         ": found no platform SEV-SNP, expected one; name a platform that the file supports");
    HALLMARK_CHECK(check_4k_x64(file));
    Measurer measurer(file, platform->compatibility_mask, trace, loaded);
    for (const auto& header : file.headers()) HALLMARK_CHECK(measurer.add(header, unknown));
    return measurer.finish();
}

}  // namespace hallmark::igvm
