// SPDX-License-Identifier: Apache-2.0
// Attacker: a container, the untrusted control plane (sealed secrets) or the publisher of an encrypted image, each of
// which names what the guest shall ask its broker for.
// Size cap: 4 KiB; the longest URI has 2 KiB.
#include "common/kbs/resource_uri.hpp"

#include <string>

#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    return {seed("kbs:///default/key/one"), seed("kbs+resource://host:80/a/b/c.pem"),
            seed("kbs+nebula-ca:///credential?ip=1&name=a%20b"), seed("kbs:///a/../c")};
}

void attempt(ByteSpan input) {
    const auto uri = kbs::ResourceUri::parse(text_of(input));
    if (!uri) return;
    const std::string target = uri->target();
    for (const char c : target) require(c > ' ' && c <= '~' && c != '#', "it fits into the first line of a request");
    const std::string path = "/" + uri->plugin + "/" + uri->path + "/";
    require(path.find("/.") == std::string::npos && path.find("//") == std::string::npos, "it leads nowhere else");
    require(path.find('?') == std::string::npos && path.find('%') == std::string::npos, "and hides nothing");
    const auto again = kbs::ResourceUri::parse(uri->text());
    require(again && again->target() == target, "its text is the same");
}

}  // namespace

const Target kTarget{.largest = 4 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
