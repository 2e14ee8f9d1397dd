// SPDX-License-Identifier: Apache-2.0
#include "measure/uki/uki.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <utility>

#include "common/digest.hpp"
#include "common/hex.hpp"
#include "common/text.hpp"
#include "measure/inspect/format.hpp"
#include "measure/inspect/pe.hpp"

namespace hallmark::inspect {
namespace {

/// Sections that are texts, shown where they aren't longer than that, in bytes.
constexpr auto kTexts = std::to_array<std::string_view>(
    {".cmdline", ".osrel", ".pcrpkey", ".pcrsig", ".profile", ".sbat", ".sdmagic", ".uname"});
constexpr std::size_t kLongestText = 64UL * 1024;
/// More are not shown: each goes through all of the section table.
constexpr std::size_t kMostProfiles = 256;

bool is_uki_image(ByteSpan bytes) {
    const auto file = pe::parse_pe(bytes, "");
    return file && uki::is_uki(*file);
}

/// Describes parts of an image, and hashes each of them once, however many profiles have it.
class Contents {
public:
    explicit Contents(ByteSpan image) : image_(image) {}

    Json describe(const std::string& name, ByteSpan content) {
        const auto known = known_.find({name, content.data()});
        if (known != known_.end()) return known->second;
        Json json = {{"name", name}};
        if (!content.empty()) json["offset"] = hex_number(static_cast<std::size_t>(content.data() - image_.data()));
        json["size"] = content.size();
        json["sha256"] = to_hex(sha256(content));
        json["sha384"] = to_hex(sha384(content));
        if (std::ranges::find(kTexts, name) != kTexts.end() && content.size() <= kLongestText)
            json["text"] = std::string(content.begin(), content.end());
        known_.emplace(std::pair(name, content.data()), json);
        return json;
    }

    [[nodiscard]] bool has(const std::string& name, ByteSpan content) const {
        return known_.contains({name, content.data()});
    }

private:
    ByteSpan image_;
    std::map<std::pair<std::string, const std::uint8_t*>, Json> known_;
};

Json describe_profile(const pe::PeFile& file, std::size_t profile, const std::string& what, Contents& contents) {
    Json json = {{"profile", profile}};
    const auto measured = uki::measured_sections(file, profile, what);
    if (!measured) {
        // What is wrong with one profile doesn't hide the others.
        json["error"] = measured.error().message;
        return json;
    }
    json["measured"] = Json::array();
    for (const auto& section : *measured) json["measured"].push_back(contents.describe(section.name, section.content));
    if (const auto* line = uki::find(*measured, ".cmdline"); line != nullptr && line->content.size() <= kLongestText)
        json["command_line"] = uki::handed_over_command_line(text_of(line->content));
    return json;
}

/// What no profile measures into PCR 11; the digest of the whole image covers it all the same.
Json describe_unmeasured(const pe::PeFile& file, Contents& contents) {
    Json list = Json::array();
    for (const auto& section : file.sections) {
        const auto loaded = section.raw.first(std::min<std::size_t>(section.raw.size(), section.virtual_size));
        if (!contents.has(section.name, loaded)) list.push_back(contents.describe(section.name, loaded));
    }
    return list;
}

Result<Json> describe(ByteSpan bytes, const std::string& what) {
    HALLMARK_TRY(const pe::PeFile file, pe::parse_pe(bytes, what));
    if (!uki::is_uki(file))
        return bad_input(what + ": no section .linux, expected a unified kernel image; try --as pe");
    HALLMARK_TRY(Json json, describe_pe(bytes, file, what));
    if (const auto version = uki::stub_version(file)) json["stub"] = *version;
    Contents contents(bytes);
    json["profiles"] = Json::array();
    const auto count = std::min(uki::profile_count(file), kMostProfiles);
    for (std::size_t i = 0; i < count; ++i) json["profiles"].push_back(describe_profile(file, i, what, contents));
    json["unmeasured"] = describe_unmeasured(file, contents);
    if (const auto names = uki::machine_dependent_sections(file); !names.empty()) json["measured_on_some"] = names;
    return json;
}

}  // namespace

const Format kUki{
    .name = "uki", .title = "unified kernel image of systemd-stub", .recognise = is_uki_image, .describe = describe};

}  // namespace hallmark::inspect
