// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever hands the guest a configuration of signature stores, or is the registry that keeps signatures.
// Size cap: 16 KiB; a configuration may have 256 KiB, a manifest of signatures 1 MiB.
#include <string>

#include "agent/image-policy/cosign.hpp"
#include "agent/image-policy/lookaside.hpp"
#include "agent/image-policy/signature_list.hpp"
#include "agent/image-policy/yaml_subset.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    const std::string digest = oci::Digest::of(as_bytes("{}")).text();
    return {seed("---\n# stores\ndefault-docker:\n  lookaside: file:///var/lib/signatures # here\n  "
                 "use-sigstore-attachments: true\ndocker:\n  registry.example:5000/team:\n    sigstore: "
                 "'https://store.example/x'\n  \"*.example\":\n    lookaside-staging: file:///tmp/x\n"),
            seed("a:\n  b:\n    c: d\n  e:\nf: g"),
            seed("a: [b, c]"),
            seed("a: 'b\n"),
            seed(R"({"signatures":[{"schemaVersion":2,"name":"a@b","type":"atomic","content":"AQI="}]})"),
            seed(R"({"schemaVersion":2,"layers":[{"mediaType":"application/vnd.dev.cosign.simplesigning.v1+json",)"
                 R"("size":2,"digest":")" +
                 digest + R"(","annotations":{"dev.cosignproject.cosign/signature":"c2ln"}}]})")};
}

void attempt(ByteSpan input) {
    const auto text = text_of(input);
    const auto image = oci::Reference::parse("registry.example:5000/team/app:1").value();
    if (const auto config = image_policy::LookasideConfig::parse(text, "input")) {
        const std::string store = config->store_of(image);
        require(store.empty() || store.starts_with("file:///") || store.starts_with("http"), "a store is a URL");
        require(image_policy::parse_yaml_subset(text, "input").has_value(), "a configuration is YAML");
    }
    if (const auto list = image_policy::parse_signature_list(input, "input"))
        require(list->size() <= image_policy::kMostSignatures, "signatures are few");
    if (const auto layers = image_policy::parse_signature_manifest(input, "input")) {
        require(layers->size() <= image_policy::kMostSignatures, "signatures are few");
        for (const auto& layer : *layers)
            require(layer.payload.digest.value.size() >= 32, "every payload has a digest");
    }
}

}  // namespace

const Target kTarget{.largest = 16 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
