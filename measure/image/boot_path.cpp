// SPDX-License-Identifier: Apache-2.0
#include "measure/image/boot_path.hpp"

#include <algorithm>

#include "measure/image/fields.hpp"

namespace hallmark {
namespace {

template <class Texts>
std::string joined(const Texts& texts) {
    std::string whole;
    for (const auto& text : texts) whole.append(whole.empty() ? "" : ", ").append(text);
    return whole;
}

/// A list of texts, none of them twice, all of them among the allowed ones.
template <class Allowed>
Result<std::vector<std::string>> choice_field(const JsonObject& object, std::string_view key, const Allowed& allowed) {
    HALLMARK_TRY(std::vector<std::string> chosen, strings_field(object, key));
    for (auto one = chosen.begin(); one != chosen.end(); ++one) {
        if (std::ranges::find(allowed, *one) == allowed.end())
            return bad_input(object.path_of(key) + ": found '" + *one + "', expected one of " + joined(allowed));
        if (std::find(chosen.begin(), one, *one) != one)
            return bad_input(object.path_of(key) + ": '" + *one + "' stands twice");
    }
    return chosen;
}

Status read_covered_by(const JsonObject& object, BootPath& path) {
    HALLMARK_TRY(const JsonObject covered_by, object.object("covered_by"));
    HALLMARK_CHECK(covered_by.only(kMeasurements));
    auto parts = path.artefacts;
    parts.emplace_back(kCommandLinePart);
    parts.emplace_back(kAdditionsPart);
    for (std::size_t i = 0; i < kMeasurements.size(); ++i) {
        HALLMARK_TRY(path.covered_by.at(i), choice_field(covered_by, kMeasurements.at(i), parts));
    }
    return {};
}

Result<BootPath> read_boot_path(const JsonObject& object, const std::vector<std::string>& command_lines) {
    HALLMARK_CHECK(object.only({"name", "artefacts", "command_lines", "covered_by", "describes"}));
    BootPath path;
    HALLMARK_TRY(path.name, object.string("name"));
    if (path.name.empty()) return bad_input(object.path_of("name") + ": empty, expected a name");
    HALLMARK_TRY(path.artefacts, choice_field(object, "artefacts", kArtefacts));
    HALLMARK_TRY(path.command_lines, choice_field(object, "command_lines", command_lines));
    HALLMARK_CHECK(read_covered_by(object, path));
    HALLMARK_TRY(path.describes, object.string("describes"));
    return path;
}

}  // namespace

Result<std::vector<BootPath>> read_boot_paths(const JsonObject& manifest,
                                              const std::vector<std::string>& command_lines) {
    HALLMARK_TRY(const auto objects, objects_field(manifest, "boot_paths"));
    std::vector<BootPath> paths;
    for (const auto& object : objects) {
        HALLMARK_TRY(BootPath path, read_boot_path(object, command_lines));
        if (std::ranges::find(paths, path.name, &BootPath::name) != paths.end())
            return bad_input(object.path_of("name") + ": '" + path.name + "' stands twice");
        paths.push_back(std::move(path));
    }
    if (paths.empty()) return bad_input(manifest.path_of("boot_paths") + ": empty, expected at least one boot path");
    return paths;
}

}  // namespace hallmark
