// SPDX-License-Identifier: Apache-2.0
// Attacker: a guest, or anybody on the network, who asks the key broker for a resource by a path of its own making.
// Size cap: 2 KiB; the longest path has 767 bytes.
#include "relying-party/keys/resource_path.hpp"

#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    return {seed("default/key/one"), seed("kbs:///default/key/one"), seed("kbs+resource://host:80/a/b/c.pem"),
            seed("a/../c")};
}

void attempt(ByteSpan input) {
    using keys::ResourcePath;
    const auto text = text_of(input);
    const auto path = ResourcePath::parse(text);
    if (path) {
        require(path->text() == text, "a path is its text");
        require(path->tag != ".." && path->type != ".." && path->repository != "..", "no path leads out");
    }
    const auto of_uri = ResourcePath::of_uri(text);
    require(!(path && of_uri), "a text is a path or a URI");
    if (!of_uri) return;
    const auto again = ResourcePath::parse(of_uri->text());
    require(again.has_value() && *again == *of_uri, "a URI's path is a path");
}

}  // namespace

const Target kTarget{.largest = 2 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
