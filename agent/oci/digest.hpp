// SPDX-License-Identifier: Apache-2.0
// What names a blob: the digest of its bytes.
// Source: OCI Image Format Specification 1.1.0, descriptor.md, section "Digests".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/result.hpp"

namespace hallmark::oci {

/// The registered algorithms that are collision-resistant and in use.
enum class Algorithm : std::uint8_t { kSha256, kSha512 };

/// "sha256:<64 hexadecimal digits>" or "sha512:<128>". A value: default-constructed, it equals no digest of anything.
struct Digest {
    Algorithm algorithm = Algorithm::kSha256;
    Bytes value;  ///< 32 or 64 bytes

    /// Lower-case hexadecimal only, as the specification demands.
    static Result<Digest> parse(std::string_view text);
    /// Of bytes that are here.
    static Digest of(ByteSpan bytes, Algorithm algorithm = Algorithm::kSha256);

    /// "sha256:…", as parse() takes it.
    [[nodiscard]] std::string text() const;
    /// The part behind the colon.
    [[nodiscard]] std::string hex() const;

    auto operator<=>(const Digest&) const = default;
};

/// "sha256" or "sha512".
std::string_view name_of(Algorithm algorithm);

/// The digest of bytes that come in pieces.
class Digester {
public:
    explicit Digester(Algorithm algorithm);
    void update(ByteSpan bytes);
    /// Of everything so far; it starts anew.
    [[nodiscard]] Digest finish();

private:
    std::variant<Hasher<Sha256>, Hasher<Sha512>> hasher_;
};

}  // namespace hallmark::oci
