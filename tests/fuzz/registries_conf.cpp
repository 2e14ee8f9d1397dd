// SPDX-License-Identifier: Apache-2.0
// Attacker: nobody by rights, since registries.conf comes with init-data or from the owner's key broker; but whoever
// writes it for others, and a host in front of a guest that does not check init-data.
// Size cap: 16 KiB; the program's own is 1 MiB, which only makes longer lists.
#include "agent/registry/registries_conf.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    return {
        seed("unqualified-search-registries=['docker.io']\nshort-name-mode='permissive'\n[[registry]]\n"
             "prefix='r.example/a'\nlocation='s.example:5000/b'\ninsecure=true\n[[registry.mirror]]\n"
             "location='m.example/x'\npull-from-mirror='digest-only'\n"),
        seed("[[registry]]\nprefix='*.example'\nblocked=false\nmirror-by-digest-only=true\n[[registry.mirror]]\n"
             "location='m.example'\n"),
    };
}

void attempt(ByteSpan input) {
    const auto conf = registry::RegistriesConf::parse(text_of(input), "c");
    if (!conf) return;
    for (const auto* name : {"busybox", "r.example/a/b:1", "x.example/a"}) {
        const auto candidates = conf->candidates(name);
        if (!candidates) continue;
        for (const auto& candidate : *candidates) {
            const auto endpoints = conf->endpoints(candidate);
            if (!endpoints) continue;
            require(!endpoints->empty() && !endpoints->back().mirror, "the last one asked is the registry itself");
            for (const auto& endpoint : *endpoints) {
                require(oci::is_registry_host(endpoint.reference.registry), "each place has a host");
                require(oci::is_repository(endpoint.reference.repository), "each place has a repository");
            }
        }
    }
}

}  // namespace

const Target kTarget{.largest = 16 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
