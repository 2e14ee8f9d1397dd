// SPDX-License-Identifier: Apache-2.0
#include "common/formats/init_data_digest.hpp"

#include <algorithm>
#include <string>

#include "common/digest.hpp"

namespace hallmark::init_data {
namespace {

template <class Digest>
Bytes hash(ByteSpan bytes) {
    Hasher<Digest> hasher;
    hasher.update(bytes);
    const auto digest = hasher.finish();
    return {digest.begin(), digest.end()};
}

template <std::size_t kSize>
std::array<std::uint8_t, kSize> fit(ByteSpan digest) {
    std::array<std::uint8_t, kSize> field{};
    std::ranges::copy(digest.first(std::min(digest.size(), kSize)), field.begin());
    return field;
}

}  // namespace

std::string_view name_of(Algorithm algorithm) {
    switch (algorithm) {
        case Algorithm::kSha256:
            return "sha256";
        case Algorithm::kSha384:
            return "sha384";
        case Algorithm::kSha512:
            return "sha512";
    }
    return "unknown";
}

Result<Algorithm> find_algorithm(std::string_view name, std::string_view what) {
    for (const auto algorithm : {Algorithm::kSha256, Algorithm::kSha384, Algorithm::kSha512})
        if (name == name_of(algorithm)) return algorithm;
    return bad_input(std::string(what) + ": algorithm found '" + std::string(name) +
                     "', expected sha256, sha384 or sha512");
}

Bytes digest(Algorithm algorithm, ByteSpan document) {
    switch (algorithm) {
        case Algorithm::kSha256:
            return hash<Sha256>(document);
        case Algorithm::kSha384:
            return hash<Sha384>(document);
        case Algorithm::kSha512:
            return hash<Sha512>(document);
    }
    return {};
}

std::array<std::uint8_t, 32> host_data(ByteSpan digest) { return fit<32>(digest); }
std::array<std::uint8_t, 48> mr_config_id(ByteSpan digest) { return fit<48>(digest); }

}  // namespace hallmark::init_data
