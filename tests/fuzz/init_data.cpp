// SPDX-License-Identifier: Apache-2.0
// Attacker: the host, which hands the disk to the guest, and whoever sends a document to a verifier.
// Size cap: 64 KiB; a policy takes most of a document, and its size changes nothing.
#include "common/formats/init_data.hpp"

#include "common/hex.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/synthetic_init_data.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    return {seed(test::kInitData), test::init_data_disk(from_hex(test::kSomeContentGzip).value()),
            seed("version = \"0.1.0\"\nalgorithm = \"sha256\"\nextra = [[1], {a = 1979-05-27}]\ndata = {}\n")};
}

void attempt_document(std::string_view text) {
    const auto document = init_data::parse_document(text, "input");
    if (!document) return;
    require(document->version == "0.1.0", "only this version is read");
    const auto digest = init_data::digest(document->algorithm, as_bytes(text));
    require(equal(ByteSpan(init_data::host_data(digest)), ByteSpan(digest).first(32)), "HOSTDATA begins the digest");
}

void attempt(ByteSpan input) {
    if (!init_data::is_disk(input)) return attempt_document(text_of(input));
    const auto document = init_data::read_disk(input, "input");
    if (!document) return;
    require(document->size() <= init_data::kLargestDocument, "no more than the limit is unpacked");
    attempt_document(text_of(*document));
}

}  // namespace

const Target kTarget{.largest = 64 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
