// SPDX-License-Identifier: Apache-2.0
// Attacker: the host, which tells the guest what images to pull.
// Size cap: 1 KiB; a reference has at most some 500 bytes.
#include "agent/oci/reference.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    return {
        seed("busybox"),
        seed("registry.example:5000/team/app_x/a--b:1.2@sha256:" + std::string(64, 'a')),
        seed("[::1]:5000/a/b:c"),
        seed("index.docker.io/a:latest"),
    };
}

void attempt(ByteSpan input) {
    const auto reference = oci::Reference::parse(text_of(input));
    if (!reference) return;
    const auto again = oci::Reference::parse(reference->text());
    require(again && *again == *reference, "the normal form is one");
    require(!reference->tag.empty() || reference->digest, "it names a tag or a digest");
    // It becomes part of an address.
    require(reference->text().find_first_of(" ?#%\\\r\n") == std::string::npos, "nothing has to be escaped");
    require(reference->text().find("..") == std::string::npos || !reference->tag.empty(), "no path climbs");
    require(reference->name().find("//") == std::string::npos, "no component is empty");
}

}  // namespace

const Target kTarget{.largest = 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
