// SPDX-License-Identifier: Apache-2.0
#include "measure/tdx/td_hob.hpp"

#include <algorithm>
#include <array>

#include "common/endian.hpp"
#include "common/hex.hpp"
#include "measure/ovmf/layout.hpp"

namespace hallmark::tdx {
namespace {

using ovmf::TdxSection;
using ovmf::TdxSectionType;

constexpr std::uint64_t kMost = 1ULL << 52;  // what a processor can address
constexpr std::uint64_t kMuchMemory = 0xb0000000;
constexpr std::uint64_t kLowMemory = 0x80000000;

struct HobHeader {
    Le16 type;         // 00
    Le16 length;       // 02
    Le32 reserved_04;  // 04
};
static_assert(sizeof(HobHeader) == 8 && offsetof(HobHeader, length) == 2 && offsetof(HobHeader, reserved_04) == 4);

/// EFI_HOB_HANDOFF_INFO_TABLE. QEMU leaves all of memory's bounds 0.
struct HandOffInfo {
    HobHeader header;    // 00
    Le32 version;        // 08
    Le32 boot_mode;      // 0c: with full configuration
    Le64 memory_top;     // 10
    Le64 memory_bottom;  // 18
    Le64 free_top;       // 20
    Le64 free_bottom;    // 28
    Le64 end_of_hobs;    // 30: behind the end block
};
static_assert(sizeof(HandOffInfo) == 56 && offsetof(HandOffInfo, version) == 8 &&
              offsetof(HandOffInfo, boot_mode) == 12);
static_assert(offsetof(HandOffInfo, memory_top) == 16 && offsetof(HandOffInfo, memory_bottom) == 24);
static_assert(offsetof(HandOffInfo, free_top) == 32 && offsetof(HandOffInfo, free_bottom) == 40);
static_assert(offsetof(HandOffInfo, end_of_hobs) == 48);

/// EFI_HOB_RESOURCE_DESCRIPTOR
struct Resource {
    HobHeader header;                      // 00
    std::array<std::uint8_t, 16> owner{};  // 08
    Le32 resource_type;                    // 18
    Le32 attributes;                       // 1c
    Le64 start;                            // 20
    Le64 length;                           // 28
};
static_assert(sizeof(Resource) == 48 && offsetof(Resource, owner) == 8 && offsetof(Resource, resource_type) == 24);
static_assert(offsetof(Resource, attributes) == 28 && offsetof(Resource, start) == 32 &&
              offsetof(Resource, length) == 40);

constexpr std::uint16_t kHandOffType = 1;
constexpr std::uint16_t kResourceType = 3;
constexpr std::uint32_t kHandOffVersion = 9;
constexpr std::uint32_t kSystemMemory = 0;
constexpr std::uint32_t kUnacceptedMemory = 7;
constexpr std::uint32_t kPresentInitializedTested = 7;
constexpr std::size_t kEndBlock = sizeof(HobHeader);

struct Range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

std::string text(const Range& range) { return hex_number(range.begin) + "-" + hex_number(range.end); }

std::vector<Range> memory_ranges(std::uint64_t memory) {
    const auto low = memory_below_4g(memory);
    std::vector<Range> ranges = {{0, low}};
    if (memory > low) ranges.push_back({ovmf::kFourGiB, ovmf::kFourGiB + (memory - low)});
    return ranges;
}

/// What the hypervisor adds before the start, by address.
std::vector<Range> accepted_ranges(const std::vector<TdxSection>& sections) {
    std::vector<Range> ranges;
    for (const auto& section : sections)
        if (section.type == TdxSectionType::kTemporaryMemory || section.type == TdxSectionType::kHandOff)
            ranges.push_back({section.gpa, section.end()});
    std::ranges::sort(ranges, {}, &Range::begin);
    return ranges;
}

Status check_accepted(const std::vector<Range>& accepted, const std::vector<Range>& memory, const std::string& what) {
    for (std::size_t i = 0; i < accepted.size(); ++i) {
        const auto& range = accepted[i];
        if (i > 0 && range.begin < accepted[i - 1].end)
            return bad_input(what + ": TDX sections " + text(accepted[i - 1]) + " and " + text(range) + " overlap");
        if (std::ranges::none_of(memory, [&](const Range& m) { return m.begin <= range.begin && range.end <= m.end; }))
            return bad_input(what + ": TDX section " + text(range) +
                             " lies outside of the guest's memory; give more memory");
    }
    return {};
}

class List {
public:
    void add(std::uint32_t type, const Range& range) {
        if (range.begin == range.end) return;
        Resource resource;
        resource.header.type = kResourceType;
        resource.header.length = std::uint16_t{sizeof resource};
        resource.resource_type = type;
        resource.attributes = kPresentInitializedTested;
        resource.start = range.begin;
        resource.length = range.end - range.begin;
        append(resources_, as_bytes(resource));
    }

    [[nodiscard]] Bytes finish(std::uint64_t base) const {
        HandOffInfo info;
        info.header.type = kHandOffType;
        info.header.length = std::uint16_t{sizeof info};
        info.version = kHandOffVersion;
        info.end_of_hobs = base + sizeof info + resources_.size() + kEndBlock;
        const auto head = as_bytes(info);
        Bytes list(head.begin(), head.end());
        append(list, resources_);
        return list;
    }

private:
    Bytes resources_;
};

}  // namespace

std::uint64_t memory_below_4g(std::uint64_t memory) { return memory >= kMuchMemory ? kLowMemory : memory; }

Result<Bytes> td_hob(const std::vector<TdxSection>& sections, std::uint64_t memory, const std::string& what) {
    const auto place = std::ranges::find(sections, TdxSectionType::kHandOff, &TdxSection::type);
    if (place == sections.end())
        return bad_input(what + ": no TD_HOB section; name a firmware that takes its memory from one");
    if (memory > kMost)
        return bad_input("memory of " + hex_number(memory) + " bytes, expected at most " + hex_number(kMost));
    const auto ranges = memory_ranges(memory);
    const auto accepted = accepted_ranges(sections);
    HALLMARK_CHECK(check_accepted(accepted, ranges, what));
    List list;
    for (const auto& range : ranges) {
        auto from = range.begin;
        for (const auto& taken : accepted) {
            if (taken.begin < range.begin || taken.end > range.end) continue;
            list.add(kUnacceptedMemory, {from, taken.begin});
            list.add(kSystemMemory, taken);
            from = taken.end;
        }
        list.add(kUnacceptedMemory, {from, range.end});
    }
    auto bytes = list.finish(place->gpa);
    if (bytes.size() + kEndBlock > place->memory_size)
        return bad_input(what + ": TD_HOB section of " + std::to_string(place->memory_size) +
                         " bytes, expected at least " + std::to_string(bytes.size() + kEndBlock) +
                         " for the guest's memory");
    return bytes;
}

}  // namespace hallmark::tdx
