// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever hands an owner reference values, or holds an administrator's token.
// Size cap: 64 KiB, some hundred values.
#include "common/base64.hpp"
#include "relying-party/reference-values/document.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

std::string message(std::string_view payload) {
    return R"({"version":"0.1.0","type":"sample","payload":")" + to_base64(as_bytes(payload)) + "\"}";
}

std::vector<Bytes> seeds() {
    const std::string digest(96, 'a');
    return {seed(R"({"snp_launch_measurement": [")" + digest + R"("], "snp_smt_enabled": true, "svn": [1, -2]})"),
            seed(message(R"({"a": "b"})")),
            seed(R"({"schema": "hallmark/reference-values/v1", "name": "n", "version": "1", "locked": true,)"
                 R"("manifest_sha256": ")" +
                 std::string(64, 'b') + R"(", "snp": {"policy": "0x30000", "launches": [{"launch_digest": ")" + digest +
                 R"("}]}})")};
}

void check(const Result<reference::Document>& document) {
    if (!document) return;
    require(document->values.size() <= reference::kMostValues, "no more than the limit");
    for (const auto& [name, value] : document->values)
        require(reference::check_value(name, value, "input").has_value(), "only what may stand in a store");
}

void attempt(ByteSpan input) {
    check(reference::read_document(text_of(input), "input"));
    // And as what lies inside a message.
    check(reference::read_message(message(text_of(input)), "input"));
}

}  // namespace

const Target kTarget{.largest = 64 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
