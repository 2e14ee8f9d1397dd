// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever hands the guest a policy that is not the owner's; one that is measured is not hostile, but long.
// Size cap: 16 KiB; a policy may have 1 MiB.
#include "agent/image-policy/policy.hpp"

#include <algorithm>
#include <string>

#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    return {
        seed(R"({"default":[{"type":"reject"}],"transports":{"docker":{)"
             R"("registry.example/team":[{"type":"signedBy","keyType":"GPGKeys","keyPath":"/keys/team.gpg"}],)"
             R"("*.example":[{"type":"sigstoreSigned","keyData":"a2V5","signedIdentity":{"type":"matchRepository"}}],)"
             R"("":[{"type":"insecureAcceptAnything"}]},"docker-daemon":{"":[{"type":"reject"}]}}})"),
        seed(R"({"default":[{"type":"sigstoreSigned","keyPaths":["kbs:///default/key/1"],)"
             R"("signedIdentity":{"type":"remapIdentity","prefix":"a.example","signedPrefix":"b.example/c"}}]})"),
        seed(R"({"default":[{"type":"signedBy","keyType":"GPGKeys","keyPaths":["/a","/b"],)"
             R"("signedIdentity":{"type":"exactReference","dockerReference":"a.example/b:1"}}]})"),
        seed(R"({"default":[{"type":"sigstoreSigned","keyDatas":["a2V5"],)"
             R"("signedIdentity":{"type":"exactRepository","dockerRepository":"a.example/b"}}]})"),
        seed(R"({"default":[]})"),
        seed(R"({"default":[{"type":"sigstoreSigned","fulcio":{},"rekorPublicKeyPath":"/a"}]})"),
        seed("registry.example:5000/team/app:1@sha256:" + std::string(64, 'a')),
    };
}

void try_policy(std::string_view text) {
    const auto policy = image_policy::Policy::parse(text, "input");
    if (!policy) return;
    for (const auto* name : {"busybox", "registry.example/team/app:1", "a.example/b:1"}) {
        const auto image = oci::Reference::parse(name).value();
        const auto found = policy->find(image);
        require(!found.requirements.empty(), "every image has requirements");
        for (const auto& requirement : found.requirements) {
            if (const auto* by = std::get_if<image_policy::SignedBy>(&requirement)) {
                require(!by->keys.places.empty() || !by->keys.data.empty(), "a signature is by a key");
                static_cast<void>(by->identity.accepts(image, "a.example/b:1"));
            }
            if (const auto* by = std::get_if<image_policy::SigstoreSigned>(&requirement)) {
                require(!by->keys.places.empty() || !by->keys.data.empty(), "a signature is by a key");
                static_cast<void>(by->identity.accepts(image, "b.example/c/b:1"));
            }
        }
    }
}

/// As the name of an image.
void try_scopes(std::string_view text) {
    const auto image = oci::Reference::parse(text);
    if (!image) return;
    const auto scopes = image_policy::scopes_of(*image);
    require(scopes.size() >= 3 && scopes[1] == image->name(), "the repository is the second scope");
    require(std::ranges::find(scopes, image->registry) != scopes.end(), "the registry is a scope");
}

void attempt(ByteSpan input) {
    try_policy(text_of(input));
    try_scopes(text_of(input));
}

}  // namespace

const Target kTarget{.largest = 16 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
