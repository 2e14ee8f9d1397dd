// SPDX-License-Identifier: Apache-2.0
#include "agent/oci/digest.hpp"

#include <algorithm>
#include <utility>

#include "agent/oci/text.hpp"
#include "common/hex.hpp"

namespace hallmark::oci {
namespace {

constexpr std::size_t size_of(Algorithm algorithm) {
    return algorithm == Algorithm::kSha512 ? std::tuple_size_v<Sha512> : std::tuple_size_v<Sha256>;
}

bool is_lower_hex(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

std::string_view name_of(Algorithm algorithm) { return algorithm == Algorithm::kSha512 ? "sha512" : "sha256"; }

Result<Digest> Digest::parse(std::string_view text) {
    for (const auto algorithm : {Algorithm::kSha256, Algorithm::kSha512}) {
        const std::string_view name = name_of(algorithm);
        if (!text.starts_with(name) || !text.substr(name.size()).starts_with(':')) continue;
        const std::string_view digits = text.substr(name.size() + 1);
        if (digits.size() != 2 * size_of(algorithm) || !is_lower_hex(digits)) break;
        HALLMARK_TRY(Bytes value, from_hex(digits));
        return Digest{algorithm, std::move(value)};
    }
    return bad_input("digest '" + printable(text) +
                     "': expected sha256: and 64, or sha512: and 128 lower-case hexadecimal digits");
}

Digest Digest::of(ByteSpan bytes, Algorithm algorithm) {
    Digester digester(algorithm);
    digester.update(bytes);
    return digester.finish();
}

std::string Digest::hex() const { return to_hex(value); }

std::string Digest::text() const { return std::string(name_of(algorithm)) + ":" + hex(); }

Digester::Digester(Algorithm algorithm) {
    if (algorithm == Algorithm::kSha512) hasher_.emplace<Hasher<Sha512>>();
}

void Digester::update(ByteSpan bytes) {
    std::visit([bytes](auto& hasher) { hasher.update(bytes); }, hasher_);
}

Digest Digester::finish() {
    const auto algorithm = hasher_.index() == 0 ? Algorithm::kSha256 : Algorithm::kSha512;
    return std::visit(
        [algorithm](auto& hasher) {
            const auto value = hasher.finish();
            return Digest{algorithm, Bytes(value.begin(), value.end())};
        },
        hasher_);
}

}  // namespace hallmark::oci
