// SPDX-License-Identifier: Apache-2.0
// What the headers of an IGVM file say by themselves and of one another, as the specification demands it.
#include <algorithm>
#include <bit>
#include <map>

#include "common/checked.hpp"
#include "common/hex.hpp"
#include "measure/igvm/file.hpp"

namespace hallmark::igvm {
namespace {

/// Walks the headers once, in their order.
class Checker {
public:
    explicit Checker(const File& file) : file_(file) {}

    Status check(const Header& header) {
        header_ = &header;
        switch (static_cast<HeaderType>(header.type)) {
            case HeaderType::kGuestPolicy:
                return zero(file_.structure<GuestPolicy>(header).reserved_0c);
            case HeaderType::kPageTableRelocation:
                return zero(file_.structure<PageTableRelocation>(header).reserved_07);
            case HeaderType::kParameterArea:
                return declare(file_.structure<ParameterArea>(header));
            case HeaderType::kPageData:
                return page(file_.structure<PageData>(header));
            case HeaderType::kParameterInsert:
                return insert(file_.structure<ParameterInsert>(header));
            case HeaderType::kVpContext:
                return context(file_.structure<VpContext>(header));
            case HeaderType::kRequiredMemory: {
                const auto memory = file_.structure<RequiredMemory>(header);
                HALLMARK_CHECK(aligned("address", memory.gpa));
                HALLMARK_CHECK(aligned("size", memory.size));
                return zero(memory.reserved_14);
            }
            case HeaderType::kErrorRange: {
                const auto range = file_.structure<ErrorRange>(header);
                HALLMARK_CHECK(aligned("address", range.gpa));
                return aligned("size", range.size);
            }
            case HeaderType::kSnpIdBlock:
                return zero_bytes(file_.structure<SnpIdBlock>(header).reserved_005);
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
                return parameter(file_.structure<Parameter>(header));
            case HeaderType::kSupportedPlatform:
            case HeaderType::kRelocatableRegion:
            case HeaderType::kVbsMeasurement:
                return {};
        }
        return {};  // unknown: judged by who measures
    }

private:
    struct Area {
        std::uint64_t size;
        bool inserted;
    };

    [[nodiscard]] std::string place() const {
        return file_.what() + ": offset " + hex_number(header_->offset) + ": " + name_of(*header_) + ": ";
    }
    Status wrong(const std::string& field, std::uint64_t value, const std::string& expected) const {
        return bad_input(place() + field + " found " + hex_number(value) + ", expected " + expected);
    }
    Status zero(std::uint64_t value) const { return value == 0 ? Status{} : wrong("reserved field", value, "0"); }
    Status zero_bytes(ByteSpan bytes) const {
        return all_zero(bytes) ? Status{}
                               : bad_input(place() + "reserved field found " + to_hex(bytes) + ", expected 0");
    }
    Status aligned(const char* field, std::uint64_t value) const {
        if (value % file_.page_size() == 0) return {};
        return wrong(field, value, "a multiple of " + hex_number(file_.page_size()));
    }
    /// `size` bytes at `offset` lie in the file.
    Status inside(std::uint64_t offset, std::uint64_t size) const {
        if (offset <= file_.size() && size <= file_.size() - offset) return {};
        return wrong("file offset", offset,
                     std::to_string(size) + " bytes inside the file of " + hex_number(file_.size()));
    }
    /// A range of guest memory that ends below 2^64 and, with all before it, below the limit.
    Status memory(std::uint64_t gpa, std::uint64_t size) {
        HALLMARK_CHECK(aligned("address", gpa));
        if (!checked_add(gpa, size)) return wrong("address", gpa, "a range of " + hex_number(size) + " below 2^64");
        total_ += size;  // both are at most kLargestMemory
        if (size <= kLargestMemory && total_ <= kLargestMemory) return {};
        return wrong("size", size, "at most " + hex_number(kLargestMemory) + " of memory in all");
    }

    Status declare(const ParameterArea& area) {
        HALLMARK_CHECK(aligned("size", area.size));
        if (area.size == 0 || area.size > kLargestMemory)
            return wrong("size", area.size, "1 page to " + hex_number(kLargestMemory));
        if (area.file_offset != 0) {
            HALLMARK_CHECK(inside(area.file_offset, area.size));
        }
        if (!areas_.try_emplace(area.index, Area{area.size, false}).second)
            return wrong("index", area.index, "one that no other area has");
        return {};
    }
    Status parameter(const Parameter& parameter) const {
        const auto area = areas_.find(parameter.index);
        if (area == areas_.end() || area->second.inserted)
            return wrong("index", parameter.index, "that of an area declared before and not inserted yet");
        if (parameter.byte_offset >= area->second.size)
            return wrong("byte offset", parameter.byte_offset, "less than the area's " + hex_number(area->second.size));
        return {};
    }
    Status insert(const ParameterInsert& insert) {
        const auto area = areas_.find(insert.index);
        if (area == areas_.end() || area->second.inserted)
            return wrong("index", insert.index, "that of an area declared before and not inserted yet");
        area->second.inserted = true;
        return memory(insert.gpa, area->second.size);
    }
    Status page(const PageData& page) {
        const bool is_large = (page.flags & kPageIsLarge) != 0;
        const auto size = is_large ? kLargePageSize : std::size_t{file_.page_size()};
        HALLMARK_CHECK(memory(page.gpa, size));
        if (page.gpa % size != 0) return wrong("address", page.gpa, "a multiple of " + hex_number(size));
        constexpr std::uint32_t kKnown = kPageIsLarge | kPageIsUnmeasured | kPageIsShared;
        if ((page.flags & ~kKnown) != 0) return wrong("flags", page.flags, "only bits 0 to 2");
        if (page.data_type > static_cast<std::uint16_t>(PageDataType::kCpuidXf))
            return wrong("data type", page.data_type, "0 to 3");
        HALLMARK_CHECK(zero(page.reserved_16));
        return page.file_offset == 0 ? Status{} : inside(page.file_offset, size);
    }
    Status context(const VpContext& context) const {
        HALLMARK_CHECK(aligned("address", context.gpa));
        HALLMARK_CHECK(zero(context.reserved_12));
        return inside(context.file_offset, 1);
    }

    const File& file_;
    const Header* header_ = nullptr;  // the one that is looked at
    std::map<std::uint32_t, Area> areas_;
    std::uint64_t total_ = 0;
};

Status check_platforms(const File& file) {
    std::uint32_t used = 0;
    for (const auto& platform : file.platforms()) {
        const auto mask = platform.compatibility_mask.get();
        if (!std::has_single_bit(mask) || (used & mask) != 0)
            return bad_input(file.what() + ": " + name_of(platform.type) + ": compatibility mask found " +
                             hex_number(mask) + ", expected one bit that no other platform has");
        used |= mask;
    }
    if (used == 0) return bad_input(file.what() + ": no platform, expected one or more of SEV-SNP, TDX, …");
    return {};
}

}  // namespace

Status check_relations(const File& file) {
    HALLMARK_CHECK(check_platforms(file));
    Checker checker(file);
    for (const auto& header : file.headers()) HALLMARK_CHECK(checker.check(header));
    return {};
}

}  // namespace hallmark::igvm
