// SPDX-License-Identifier: Apache-2.0
#include "measure/igvm/tdx.hpp"

#include <array>
#include <map>

#include "common/hex.hpp"
#include "measure/tdx/mrtd_register.hpp"

namespace hallmark::igvm {
namespace {

/// What of each page is done in a walk.
enum class Walk { kWhole, kAdd, kExtend };

using Page = std::array<std::uint8_t, kPageSize>;

/// Walks the file once.
class Measurer {
public:
    Measurer(const File& file, Trace* trace, Walk walk = Walk::kWhole) : file_(file), trace_(trace), walk_(walk) {}
    void start_again(Walk walk) { walk_ = walk; }

    Status add(const Header& header, Unknown unknown);
    TdxMeasurement finish();

private:
    Status add_page_data(const PageData& page);
    void add_parameters(const ParameterInsert& insert);
    void step(const std::string& what, const std::string& inputs) {
        if (trace_ != nullptr) trace_->push_back({what, inputs, to_hex(register_.value())});
    }

    const File& file_;
    Trace* trace_;
    Walk walk_;
    tdx::MrtdRegister register_;
    tdx::MrtdRegister td_shim_;  // as td-shim's tool reads the file
    std::uint64_t empty_ = 0;    // measured pages without data
    std::map<std::uint32_t, std::uint64_t> areas_;
    TdxMeasurement result_;
};

Status Measurer::add_page_data(const PageData& page) {
    if ((page.flags & kPageIsShared) != 0) {
        step("shared page at " + hex_number(page.gpa), "not measured");
        return {};
    }
    const bool is_measured = (page.flags & kPageIsUnmeasured) == 0;
    const auto size = (page.flags & kPageIsLarge) != 0 ? kLargePageSize : kPageSize;
    for (std::size_t at = 0; at < size; at += kPageSize) {
        const auto gpa = page.gpa + at;
        Page content{};
        if (page.file_offset != 0 && is_measured) HALLMARK_CHECK(file_.read(page.file_offset.get() + at, content));
        if (walk_ != Walk::kExtend) register_.add(gpa);
        td_shim_.add(gpa);
        ++result_.pages;
        if (is_measured && walk_ != Walk::kAdd) register_.extend(gpa, content);
        if (is_measured && page.file_offset != 0) td_shim_.extend(gpa, content);
        if (is_measured && page.file_offset == 0) ++empty_;
        if (trace_ != nullptr)
            step("page at " + hex_number(gpa),
                 is_measured ? "added, content extended, SHA-384 " + to_hex(sha384(content)) : "added");
    }
    return {};
}

void Measurer::add_parameters(const ParameterInsert& insert) {
    for (std::uint64_t at = 0; at < areas_[insert.index]; at += kPageSize) {
        if (walk_ != Walk::kExtend) register_.add(insert.gpa + at);
        td_shim_.add(insert.gpa + at);
        ++result_.pages;
        step("parameter area " + std::to_string(insert.index.get()) + " at " + hex_number(insert.gpa + at), "added");
    }
}

Status Measurer::add(const Header& header, Unknown unknown) {
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
            return bad_input(file_.what() + ": offset " + hex_number(header.offset) +
                             ": found a VP context for TDX, expected none: its CPUs start from their reset state");
        case HeaderType::kRelocatableRegion:
        case HeaderType::kPageTableRelocation:
            result_.notes.push_back(
                name_of(header) + ": a loader may move this region, which changes MRTD; it is measured where it lies");
            return {};
        case HeaderType::kSupportedPlatform:
        case HeaderType::kRequiredMemory:
        case HeaderType::kErrorRange:
        case HeaderType::kSnpIdBlock:
        case HeaderType::kVbsMeasurement:
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
            step(name_of(header), "not measured");
            return {};
    }
    HALLMARK_TRY(std::string note, judge_unknown(file_, header, unknown));
    result_.notes.push_back(std::move(note));
    return {};
}

TdxMeasurement Measurer::finish() {
    result_.mrtd = register_.value();
    if (empty_ != 0)
        result_.others.push_back({"td-shim-tee-info-hash",
                                  td_shim_.value(),
                                  {std::to_string(empty_) + " measured pages without data, which it only adds"}});
    return std::move(result_);
}

/// One walk over all that is for this platform.
Status walk(const File& file, Measurer& measurer, Unknown unknown) {
    const auto* platform = file.find_platform(PlatformType::kTdx);
    if (platform == nullptr)
        return bad_input(file.what() + ": found no platform TDX, expected one; name a platform that the file supports");
    HALLMARK_CHECK(check_4k_x64(file));
    for (const auto& header : file.headers()) {
        const auto mask = file.compatibility_mask(header);
        if (mask && (*mask & platform->compatibility_mask) == 0) continue;
        HALLMARK_CHECK(measurer.add(header, unknown));
    }
    return {};
}

}  // namespace

Result<TdxMeasurement> measure_tdx(const File& file, Unknown unknown, Trace* trace) {
    Measurer measurer(file, trace);
    HALLMARK_CHECK(walk(file, measurer, unknown));
    return measurer.finish();
}

Result<Sha384> measure_tdx_in_two_passes(const File& file, Unknown unknown) {
    Measurer measurer(file, nullptr, Walk::kAdd);
    HALLMARK_CHECK(walk(file, measurer, unknown));
    measurer.start_again(Walk::kExtend);
    HALLMARK_CHECK(walk(file, measurer, unknown));
    return measurer.finish().mrtd;
}

}  // namespace hallmark::igvm
