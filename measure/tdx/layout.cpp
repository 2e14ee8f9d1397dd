// SPDX-License-Identifier: Apache-2.0
#include "measure/tdx/layout.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace hallmark::tdx {
namespace {

constexpr std::array<Layout, 10> kLayouts = {{
    {.release = "202405", .measures_by_default = false},
    {.release = "202408"},
    {.release = "202411", .separator_in_rtmr1 = true},
    {.release = "202502", .separator_in_rtmr1 = true, .named_blobs = true},
    {.release = "202505", .separator_in_rtmr1 = true, .named_blobs = true, .since_202505 = true},
    {.release = "202508", .separator_in_rtmr1 = true, .named_blobs = true, .since_202505 = true, .initrd_first = true},
    {.release = "202511", .separator_in_rtmr1 = true, .named_blobs = true, .since_202505 = true, .initrd_first = true},
    {.release = "202602", .separator_in_rtmr1 = true, .named_blobs = true, .since_202505 = true, .initrd_first = true},
    {.release = "202605", .separator_in_rtmr1 = true, .named_blobs = true, .since_202505 = true, .initrd_first = true},
    {.release = "202608", .separator_in_rtmr1 = true, .named_blobs = true, .since_202505 = true, .initrd_first = true},
}};

constexpr std::size_t kReleaseDigits = 6;

std::string known_releases() {
    std::string text;
    for (const auto& layout : kLayouts) text += (text.empty() ? "" : ", ") + std::string(layout.release);
    return text;
}

/// Two releases of the same events.
bool same_events(Layout a, const Layout& b) {
    a.release = b.release;
    return a == b;
}

bool fits(const Layout& layout, const ovmf::FirmwareTraits& traits) {
    return layout.named_blobs == traits.named_blobs && layout.since_202505 == traits.boot_menu &&
           layout.initrd_first == traits.initrd_first;
}

/// "2025.02" or "edk2-stable202502" as "202502"; whatever else stays as it is.
std::string release_digits(std::string_view text) {
    constexpr std::string_view kTag = "edk2-stable";
    if (text.starts_with(kTag)) text.remove_prefix(kTag.size());
    std::string digits;
    std::ranges::copy_if(text, std::back_inserter(digits), [](char c) { return c != '.'; });
    return digits;
}

/// The last release that isn't newer: between two tags the events are those of the older one, or unknown.
const Layout* last_before(std::string_view release) {
    const Layout* found = nullptr;
    for (const auto& layout : kLayouts)
        if (layout.release <= release) found = &layout;
    return found;
}

Result<ChosenLayout> from_version(const std::string& version, const std::vector<Layout>& candidates,
                                  const std::string& what) {
    const auto digits = release_digits(version);
    const auto* layout = last_before(digits);
    if (layout == nullptr || std::ranges::find(candidates, *layout) == candidates.end())
        return bad_input(what + ": version " + version + ", whose strings are not those of that release; give --edk2");
    std::string reason =
        "edk2 " + std::string(layout->release) + ", as its version " + version + " says and its strings fit";
    if (digits > kLayouts.back().release) reason += " (newer than all that is known: taken for the last one)";
    return ChosenLayout{*layout, std::move(reason)};
}

}  // namespace

std::span<const Layout> layouts() { return kLayouts; }

Result<ChosenLayout> named_layout(std::string_view release) {
    const auto digits = release_digits(release);
    const auto found = std::ranges::find(kLayouts, digits, &Layout::release);
    if (digits.size() != kReleaseDigits || found == kLayouts.end())
        return bad_input("edk2 release '" + std::string(release) + "' is unknown, expected one of " + known_releases());
    return ChosenLayout{*found, "edk2 " + digits + ", as was asked for"};
}

Result<ChosenLayout> recognised_layout(const ovmf::FirmwareTraits& traits, const std::string& what) {
    if (!traits.readable)
        return bad_input(what + ": no compressed volume to tell its release by; give --edk2, one of " +
                         known_releases());
    std::vector<Layout> candidates;
    std::ranges::copy_if(kLayouts, std::back_inserter(candidates), [&](const Layout& l) { return fits(l, traits); });
    if (candidates.empty())
        return bad_input(what + ": strings of no known release of edk2; give --edk2, one of " + known_releases());
    if (traits.version) return from_version(*traits.version, candidates, what);
    const auto& first = candidates.front();
    if (!std::ranges::all_of(candidates, [&](const Layout& layout) { return same_events(layout, first); }))
        return bad_input(what + ": edk2 " + std::string(first.release) + " to " +
                         std::string(candidates.back().release) +
                         ", which measure different events; give --edk2, one of these");
    std::string names(first.release);
    if (candidates.size() > 1) names += " to " + std::string(candidates.back().release) + " (they measure the same)";
    return ChosenLayout{first, "edk2 " + names + ", as its strings show"};
}

Result<QemuRelease> parse_qemu_release(std::string_view text) {
    QemuRelease release;
    const auto* end = text.data() + text.size();
    const auto major = std::from_chars(text.data(), end, release.major);
    if (major.ec == std::errc{} && major.ptr != end && *major.ptr == '.') {
        const auto minor = std::from_chars(major.ptr + 1, end, release.minor);
        // What follows the minor version, such as ".2" or "+tdx1.1", changes nothing here.
        const bool whole = minor.ptr == end || *minor.ptr == '.' || *minor.ptr == '+' || *minor.ptr == '-';
        if (minor.ec == std::errc{} && whole) return release;
    }
    return bad_input("QEMU release '" + std::string(text) + "', expected one such as 10.1");
}

}  // namespace hallmark::tdx
