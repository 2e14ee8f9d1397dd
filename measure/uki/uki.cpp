// SPDX-License-Identifier: Apache-2.0
#include "measure/uki/uki.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "common/hex.hpp"
#include "common/text.hpp"

namespace hallmark::uki {
namespace {

constexpr std::string_view kProfile = ".profile";

/// In the order of measurement. The signature of the expected values (.pcrsig) can't be part of them.
constexpr auto kMeasured =
    std::to_array<std::string_view>({".linux", ".osrel", ".cmdline", ".initrd", ".ucode", ".splash", ".dtb", ".uname",
                                     ".sbat", ".pcrpkey", ".profile", ".hwids"});
constexpr auto kMachineDependent = std::to_array<std::string_view>({".dtbauto", ".efifw"});

using Sections = std::span<const pe::Section>;

/// Which sections stand for a profile: those before the first, and the profile's own.
struct Parts {
    Sections base;
    Sections own;
};

Result<Parts> select(const pe::PeFile& file, std::size_t profile, const std::string& what) {
    const Sections all = file.sections;
    std::vector<std::size_t> begins;
    for (std::size_t i = 0; i < all.size(); ++i)
        if (all[i].name == kProfile) begins.push_back(i);
    if (begins.empty() && profile == 0) return Parts{all, {}};
    if (profile >= begins.size())
        return bad_input(what + ": profile " + std::to_string(profile) + ", expected less than " +
                         std::to_string(begins.empty() ? 1 : begins.size()) + ", as many as the image has");
    const auto end = profile + 1 < begins.size() ? begins[profile + 1] : all.size();
    return Parts{all.first(begins.front()), all.subspan(begins[profile], end - begins[profile])};
}

const pe::Section* find_first(Sections sections, std::string_view name) {
    const auto found = std::ranges::find(sections, name, &pe::Section::name);
    return found == sections.end() ? nullptr : &*found;
}

constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

bool is_uki(const pe::PeFile& file) { return file.find(".linux") != nullptr; }

std::size_t profile_count(const pe::PeFile& file) {
    const auto named = std::ranges::count(file.sections, kProfile, &pe::Section::name);
    return named == 0 ? 1 : static_cast<std::size_t>(named);
}

Result<std::vector<MeasuredSection>> measured_sections(const pe::PeFile& file, std::size_t profile,
                                                       const std::string& what) {
    HALLMARK_TRY(const Parts parts, select(file, profile, what));
    std::vector<MeasuredSection> measured;
    for (const auto name : kMeasured) {
        const auto* section = find_first(parts.own, name);
        if (section == nullptr) section = find_first(parts.base, name);
        if (section == nullptr) continue;
        if (section->virtual_size > section->raw.size())
            return bad_input(what + ": section " + section->name + " at " + hex_number(section->raw_offset) + ": " +
                             std::to_string(section->raw.size()) + " bytes in the file, expected the " +
                             std::to_string(section->virtual_size) + " that are loaded and measured");
        measured.push_back({section->name, section->raw.first(section->virtual_size)});
    }
    if (find(measured, ".linux") == nullptr)
        return bad_input(what +
                         ": no section .linux, expected a unified kernel image; name one, or the kernel by --kernel");
    return measured;
}

std::vector<std::string> machine_dependent_sections(const pe::PeFile& file) {
    std::vector<std::string> found;
    for (const auto name : kMachineDependent)
        if (file.find(name) != nullptr) found.emplace_back(name);
    return found;
}

const MeasuredSection* find(const std::vector<MeasuredSection>& sections, std::string_view name) {
    const auto found = std::ranges::find(sections, name, &MeasuredSection::name);
    return found == sections.end() ? nullptr : &*found;
}

std::string handed_over_command_line(std::string_view text) {
    // A section may hold a text that ends before the section does.
    text = text.substr(0, text.find('\0'));
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    std::string line;
    std::size_t end = 0;
    for (const char c : text) {
        line += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        if (!is_blank(c)) end = line.size();
    }
    line.resize(end);
    return line;
}

std::optional<std::string> stub_version(const pe::PeFile& file) {
    constexpr std::string_view kBegin = "#### LoaderInfo: ";
    constexpr std::string_view kEnd = " ####";
    const auto* section = file.find(".sdmagic");
    if (section == nullptr) return std::nullopt;
    const std::string_view text = text_of(section->raw);
    const auto begin = text.find(kBegin);
    if (begin == std::string_view::npos) return std::nullopt;
    const auto version = text.substr(begin + kBegin.size());
    const auto end = version.find(kEnd);
    if (end == std::string_view::npos) return std::nullopt;
    return std::string(version.substr(0, end));
}

}  // namespace hallmark::uki
