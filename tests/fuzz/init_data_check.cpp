// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever sends init-data with evidence and wants it believed.
// Size cap: 64 KiB; a policy takes most of a document, and its size changes nothing.
#include "relying-party/verifier/init_data.hpp"

#include "common/formats/init_data.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/synthetic_init_data.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    return {seed(test::kInitData), seed("version = \"0.1.0\"\nalgorithm = \"sha256\"\ndata = {\"cdh.toml\" = \"\"}\n")};
}

void attempt(ByteSpan input) {
    const auto document = text_of(input);
    const auto known = init_data::digest(init_data::Algorithm::kSha384, as_bytes(test::kInitData));
    const bool same = equal(input, as_bytes(test::kInitData));
    require(verifier::verify_init_data(document, known).has_value() == same, "one document has this digest");
    require(!verifier::verify_init_data(document, Bytes(32)), "no document has the digest zero");
}

}  // namespace

const Target kTarget{.largest = 64 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
