// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "measure/inspect/format.hpp"

namespace hallmark::inspect {
namespace {

constexpr auto kFormats = std::to_array<const Format*>({
    &kEventLog,
    &kIgvm,
    &kInitDataDisk,
    &kUki,
    &kBzImage,
    &kPe,
    &kTdReport,
    &kTdxQuote,
    &kSnpReport,
    &kOvmf,
    &kManifest,
    &kInitData,
});

std::string all_names() {
    std::string names;
    for (const auto* format : kFormats) names += (names.empty() ? "" : ", ") + std::string(format->name);
    return names;
}

}  // namespace

std::span<const Format* const> formats() { return kFormats; }

Result<const Format*> find_format(std::string_view name) {
    const auto* found = std::ranges::find(kFormats, name, &Format::name);
    if (found == kFormats.end())
        return bad_input("format " + std::string(name) + ": unknown, expected one of " + all_names());
    return *found;
}

Result<const Format*> recognise(ByteSpan bytes, const std::string& what) {
    const auto* found = std::ranges::find_if(kFormats, [&](const Format* format) { return format->recognise(bytes); });
    if (found == kFormats.end())
        return bad_input(what + ": of no format that is known (" + all_names() +
                         "); name one by --as to see what is wrong");
    return *found;
}

}  // namespace hallmark::inspect
