// SPDX-License-Identifier: Apache-2.0
#include "measure/igvm/file.hpp"

#include <array>
#include <optional>

#include "common/endian.hpp"
#include "common/hex.hpp"
#include "measure/inspect/format.hpp"

namespace hallmark::inspect {
namespace {

using igvm::File;
using igvm::Header;
using igvm::HeaderType;

bool is_igvm(ByteSpan bytes) {
    const Le32 magic = igvm::kMagic;
    return bytes.size() >= sizeof magic && equal(bytes.first(sizeof magic), as_bytes(magic));
}

std::string type_of(const igvm::PageData& page) {
    constexpr std::array kNames = {"normal", "secrets", "CPUID", "CPUID with extended features"};
    std::string name = kNames.at(page.data_type);  // the reader knows these four only
    if ((page.flags & igvm::kPageIsUnmeasured) != 0) name += ", unmeasured";
    if ((page.flags & igvm::kPageIsShared) != 0) name += ", shared";
    if ((page.flags & igvm::kPageIsLarge) != 0) name += ", 2 MiB";
    if (page.file_offset == 0) name += ", zeros";
    return name;
}

/// Pages of one kind that follow each other, in the file and in memory: files have thousands.
struct Run {
    std::uint64_t gpa = 0;
    std::uint64_t size = 0;
    std::uint32_t mask = 0;
    std::string type;

    [[nodiscard]] Json json() const {
        return {{"header", "IGVM_VHT_PAGE_DATA"},
                {"gpa", hex_number(gpa)},
                {"size", hex_number(size)},
                {"type", type},
                {"platforms", hex_number(mask)}};
    }
};

Json range(const Header& header, std::uint64_t gpa, std::uint64_t size) {
    return {{"header", name_of(header)}, {"gpa", hex_number(gpa)}, {"size", hex_number(size)}};
}

/// All headers but pages.
Json describe_header(const File& file, const Header& header) {
    Json json = {{"header", name_of(header)}};
    switch (static_cast<HeaderType>(header.type)) {
        case HeaderType::kGuestPolicy:
            json["policy"] = hex_number(file.structure<igvm::GuestPolicy>(header).policy);
            break;
        case HeaderType::kRelocatableRegion: {
            const auto region = file.structure<igvm::RelocatableRegion>(header);
            json = range(header, region.gpa, region.size);
            break;
        }
        case HeaderType::kPageTableRelocation: {
            const auto region = file.structure<igvm::PageTableRelocation>(header);
            json = range(header, region.gpa, region.size);
            break;
        }
        case HeaderType::kParameterArea: {
            const auto area = file.structure<igvm::ParameterArea>(header);
            json["area"] = area.index.get();
            json["size"] = hex_number(area.size);
            break;
        }
        case HeaderType::kParameterInsert: {
            const auto insert = file.structure<igvm::ParameterInsert>(header);
            json["area"] = insert.index.get();
            json["gpa"] = hex_number(insert.gpa);
            break;
        }
        case HeaderType::kVpContext: {
            const auto context = file.structure<igvm::VpContext>(header);
            json["vp"] = context.vp_index.get();
            json["gpa"] = hex_number(context.gpa);
            break;
        }
        case HeaderType::kRequiredMemory: {
            const auto memory = file.structure<igvm::RequiredMemory>(header);
            json = range(header, memory.gpa, memory.size);
            break;
        }
        case HeaderType::kErrorRange: {
            const auto error_range = file.structure<igvm::ErrorRange>(header);
            json = range(header, error_range.gpa, error_range.size);
            break;
        }
        case HeaderType::kSnpIdBlock: {
            const auto block = file.structure<igvm::SnpIdBlock>(header);
            json["launch_digest"] = to_hex(block.launch_digest);
            json["family_id"] = to_hex(block.family_id);
            json["image_id"] = to_hex(block.image_id);
            json["guest_svn"] = block.guest_svn.get();
            json["author_key_enabled"] = block.author_key_enabled != 0;
            break;
        }
        case HeaderType::kVbsMeasurement:
            json["digest"] = to_hex(file.structure<igvm::VbsMeasurement>(header).boot_digest);
            break;
        case HeaderType::kVpCount:
        case HeaderType::kSrat:
        case HeaderType::kMadt:
        case HeaderType::kMmioRanges:
        case HeaderType::kMemoryMap:
        case HeaderType::kCommandLine:
        case HeaderType::kSlit:
        case HeaderType::kPptt:
        case HeaderType::kDeviceTree:
        case HeaderType::kEnvironmentInfo: {
            const auto parameter = file.structure<igvm::Parameter>(header);
            json["area"] = parameter.index.get();
            json["byte_offset"] = parameter.byte_offset.get();
            break;
        }
        case HeaderType::kSupportedPlatform:
        case HeaderType::kPageData:
            break;
    }
    if (const auto mask = file.compatibility_mask(header)) json["platforms"] = hex_number(*mask);
    return json;
}

Json describe_headers(const File& file) {
    Json list = Json::array();
    std::optional<Run> run;
    const auto end_run = [&] {
        if (run) list.push_back(run->json());
        run.reset();
    };
    for (const auto& header : file.headers()) {
        if (!header.is(HeaderType::kPageData)) {
            end_run();
            list.push_back(describe_header(file, header));
            continue;
        }
        const auto page = file.structure<igvm::PageData>(header);
        const auto size = (page.flags & igvm::kPageIsLarge) != 0 ? igvm::kLargePageSize : std::size_t{file.page_size()};
        const auto type = type_of(page);
        if (!run || run->gpa + run->size != page.gpa || run->mask != page.compatibility_mask || run->type != type) {
            end_run();
            run = Run{page.gpa, 0, page.compatibility_mask, type};
        }
        run->size += size;
    }
    end_run();
    return list;
}

Result<Json> describe(ByteSpan bytes, const std::string& what) {
    HALLMARK_TRY(const File file, File::parse(RandomAccess::of(bytes), what));
    Json json = {{"size", bytes.size()},
                 {"format_version", file.version()},
                 {"architecture", file.architecture() == igvm::Architecture::kX64 ? "x86-64" : "AArch64"},
                 {"page_size", file.page_size()},
                 {"platforms", Json::array()}};
    for (const auto& platform : file.platforms())
        json["platforms"].push_back({{"type", name_of(platform.type)},
                                     {"compatibility_mask", hex_number(platform.compatibility_mask)},
                                     {"version", platform.version.get()},
                                     {"highest_vtl", platform.highest_vtl},
                                     {"shared_gpa_boundary", hex_number(platform.shared_gpa_boundary)}});
    json["headers"] = describe_headers(file);
    return json;
}

}  // namespace

const Format kIgvm{.name = "igvm", .title = "IGVM file", .recognise = is_igvm, .describe = describe};

}  // namespace hallmark::inspect
