// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever has a key that the owner trusts for other images: the payload is read when its signature holds.
// Size cap: 16 KiB; a payload may have 64 KiB.
#include <string>

#include "agent/image-policy/image.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

constexpr std::string_view kManifest = "{}";
constexpr std::string_view kName = "registry.example/app:1";

std::string payload(std::string_view type, std::string_view digest, std::string_view reference,
                    std::string_view optional) {
    return R"({"critical":{"identity":{"docker-reference":")" + std::string(reference) +
           R"("},"image":{"docker-manifest-digest":")" + std::string(digest) + R"("},"type":")" + std::string(type) +
           R"("},"optional":)" + std::string(optional) + "}";
}

std::vector<Bytes> seeds() {
    const std::string digest = oci::Digest::of(as_bytes(kManifest)).text();
    return {seed(payload("atomic container signature", digest, kName, R"({"creator":"a 1","timestamp":1700000000})")),
            seed(payload("cosign container image signature", digest, "registry.example/app", "null")),
            seed(payload("atomic container signature", "sha256:00", kName, R"({"timestamp":1e400})")),
            seed(R"({"critical":{},"optional":{}})")};
}

void attempt(ByteSpan input) {
    using image_policy::PayloadKind;
    const image_policy::Image image{oci::Reference::parse(kName).value(), {as_bytes(kManifest)}};
    const auto simple = image_policy::parse_payload(input, PayloadKind::kSimpleSigning, "input");
    const auto cosign = image_policy::parse_payload(input, PayloadKind::kCosign, "input");
    require(!simple || !cosign, "a payload is of one kind");
    for (const auto& read : {simple, cosign}) {
        if (!read) continue;
        const bool taken = image_policy::check_payload(*read, image, {}).has_value();
        if (taken) require(oci::Reference::parse(read->reference).value() == image.reference, "it is for this name");
    }
}

}  // namespace

const Target kTarget{.largest = 16 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
