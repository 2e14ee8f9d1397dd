// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever may write the owner's resource with the credentials of registries; it must not make one registry's
// password another's.
// Size cap: 16 KiB; the program's own is 1 MiB, which only makes longer lists.
#include "agent/registry/credentials.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    return {
        seed(R"({"auths":{"r.example/a":{"auth":"YTpw"},"*.example":{"auth":"Yjpw"},"https://index.docker.io/v1/":)"
             R"({"identitytoken":"x"}},"credsStore":""})"),
    };
}

void attempt(ByteSpan input) {
    const auto credentials = registry::Credentials::parse(text_of(input), "a");
    if (!credentials) return;
    for (const auto* name : {"busybox", "r.example/a/b", "x.example/a", "r.example:5000/a"}) {
        const auto* login = credentials->find(*oci::Reference::parse(name));
        if (login == nullptr) continue;
        require(login->basic().find_first_of("\r\n") == std::string::npos, "a header is one line");
    }
}

}  // namespace

const Target kTarget{.largest = 16 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
