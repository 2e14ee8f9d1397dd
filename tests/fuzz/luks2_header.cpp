// SPDX-License-Identifier: Apache-2.0
// Attacker: a host that gives a disk with a header of its own, whole or with metadata of its own under right checksums.
// Size cap: both copies of a header and some bytes of a key slot.
#include "agent/storage/luks2_header.hpp"

#include "agent/storage/accepted_header.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/synthetic_luks2.hpp"

namespace hallmark::fuzz {
namespace {

constexpr std::size_t kHeaders = 32768;
constexpr std::size_t kMetadata = 12288;

std::vector<Bytes> seeds() {
    Bytes device = test::luks2_device(test::kLuks2Metadata);
    device.resize(kHeaders);
    return {device, seed(test::kLuks2Metadata)};
}

void check(ByteSpan device) {
    const auto header = storage::luks2::parse_header(device);
    if (!storage::check_header(device)) return;
    require(header.has_value(), "what is accepted was understood");
    const Json& segment = header->metadata["segments"]["0"];
    require(segment["encryption"] == "aes-xts-plain64" && segment["integrity"]["type"] == "hmac(sha256)" &&
                segment["offset"] == "16777216" && header->metadata["segments"].size() == 1,
            "no other cipher, integrity or place is accepted");
    require(header->metadata["keyslots"]["0"]["kdf"]["type"] == "pbkdf2" && header->metadata["tokens"].empty(),
            "no other way to the key is accepted");
}

void attempt(ByteSpan input) {
    check(input);
    if (input.size() >= kMetadata) return;
    check(test::luks2_device(text_of(input)));
}

}  // namespace

const Target kTarget{.largest = kHeaders + 64, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
