// SPDX-License-Identifier: Apache-2.0
#include "measure/snp/guest_features.hpp"

#include <algorithm>
#include <array>

#include "common/hex.hpp"

namespace hallmark::snp {
namespace {

constexpr std::array kFeatures = {
    GuestFeature{0, "SNPActive"},
    GuestFeature{1, "vTOM"},
    GuestFeature{2, "ReflectVC"},
    GuestFeature{3, "RestrictedInjection"},
    GuestFeature{4, "AlternateInjection"},
    GuestFeature{5, "DebugSwap"},
    GuestFeature{6, "PreventHostIBS"},
    GuestFeature{7, "BTBIsolation"},
    GuestFeature{8, "VmplSSS"},
    GuestFeature{9, "SecureTSC"},
    GuestFeature{10, "VmgexitParameter"},
    GuestFeature{12, "IbsVirtualization"},
    GuestFeature{14, "VmsaRegProt"},
    GuestFeature{15, "SmtProtection"},
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_word(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, lower, lower); }

Result<std::uint64_t> find_feature(std::string_view name) {
    for (const auto& feature : kFeatures)
        if (same_word(feature.name, name)) return std::uint64_t{1} << feature.bit;
    std::string known;
    for (const auto& feature : kFeatures) known += (known.empty() ? "" : ", ") + std::string(feature.name);
    return bad_input("unknown guest feature '" + std::string(name) + "', expected a number or of " + known);
}

}  // namespace

std::span<const GuestFeature> guest_features() { return kFeatures; }

Result<std::uint64_t> parse_guest_features(std::string_view text) {
    if (!text.empty() && text.front() >= '0' && text.front() <= '9') return parse_number(text);
    std::uint64_t features = 0;
    for (;;) {
        const auto comma = text.find(',');
        HALLMARK_TRY(const std::uint64_t feature, find_feature(text.substr(0, comma)));
        features |= feature;
        if (comma == std::string_view::npos) return features;
        text.remove_prefix(comma + 1);
    }
}

}  // namespace hallmark::snp
