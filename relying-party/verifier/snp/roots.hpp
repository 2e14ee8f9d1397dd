// SPDX-License-Identifier: Apache-2.0
// AMD's roots (ARK), one for each line of processors. What is pinned is the key: its certificate comes with the
// evidence, from a folder, or from AMD.
// Source: SHA-256 of the SubjectPublicKeyInfo of the ARK certificates that AMD's key distribution service hands out
// (AMD publication 57230, revision 1.00, section 4.2), for VCEK and VLEK alike.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "common/digest.hpp"
#include "common/formats/snp_product.hpp"

namespace hallmark::verifier {

/// A digest written in the source; a malformed one doesn't compile.
consteval Sha256 pinned(std::string_view digits) {
    const auto value = [](char c) -> int {
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'a' && c <= 'f') return c - 'a' + 10;
        throw "a digest has lower-case hexadecimal digits";
    };
    if (digits.size() != 64) throw "a SHA-256 has 64 hexadecimal digits";
    Sha256 digest{};
    for (std::size_t i = 0; i < digest.size(); ++i)
        digest[i] = static_cast<std::uint8_t>(value(digits[2 * i]) << 4 | value(digits[2 * i + 1]));
    return digest;
}

struct AmdRoot {
    snp::ProductLine line;
    Sha256 spki;
};

constexpr std::array<AmdRoot, 3> kAmdRoots{
    {{snp::ProductLine::kMilan, pinned("9f056bee44377e29308cb5ffa895bdfb62d18881fa6bed8d6f075b0204089cb9")},
     {snp::ProductLine::kGenoa, pinned("429a69c9422aa258ee4d8db5fcda9c6470ef15f8cd5a9cebd6cbc7d90b863831")},
     {snp::ProductLine::kTurin, pinned("4f125410563a2ab9a50356f9243f6fe0b6f73de98603f53f90339c70e9d7ad08")}}};

/// The line whose root has that key.
constexpr std::optional<snp::ProductLine> line_of_root(const Sha256& spki) {
    for (const auto& root : kAmdRoots)
        if (root.spki == spki) return root.line;
    return std::nullopt;
}

}  // namespace hallmark::verifier
