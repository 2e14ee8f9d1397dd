// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever answers in the place of Intel's service; a signature is looked at only after that.
// Size cap: 64 KiB; Intel's documents have 3 to 20.
#include "relying-party/verifier/tdx/tcb_info.hpp"

#include "relying-party/verifier/tdx/qe_identity.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

constexpr std::string_view kModule =
    R"("mrsigner":"000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",)"
    R"("attributes":"0000000000000000","attributesMask":"FFFFFFFFFFFFFFFF")";
constexpr std::string_view kLevels =
    R"("tcbLevels":[{"tcb":{"isvsvn":4},"tcbDate":"2024-03-13T00:00:00Z","tcbStatus":"UpToDate"},)"
    R"({"tcb":{"isvsvn":2},"tcbDate":"2023-08-09T00:00:00Z","tcbStatus":"OutOfDate","advisoryIDs":["INTEL-SA-00837"]}])";

std::string components() {
    std::string text = "[";
    for (int i = 0; i < 16; ++i) text += i == 0 ? R"({"svn":2,"category":"BIOS"})" : R"(,{"svn":0})";
    return text + "]";
}

std::vector<Bytes> seeds() {
    const std::string times = R"("issueDate":"2025-10-27T13:07:17Z","nextUpdate":"2025-11-26T13:07:17Z",)";
    const std::string module(kModule);
    const std::string levels(kLevels);
    return {
        seed(R"({"id":"TDX","version":3,)" + times +
             R"("fmspc":"00A06D080000","pceId":"0000","tcbType":0,"tcbEvaluationDataNumber":17,"tdxModule":{)" +
             module + R"(},"tdxModuleIdentities":[{"id":"TDX_01",)" + module + "," + levels +
             R"(}],"tcbLevels":[{"tcb":{"sgxtcbcomponents":)" + components() + R"(,"pcesvn":13,"tdxtcbcomponents":)" +
             components() + R"(},"tcbDate":"2024-03-13T00:00:00Z","tcbStatus":"SWHardeningNeeded"}]})"),
        seed(R"({"id":"TD_QE","version":2,)" + times +
             R"("tcbEvaluationDataNumber":17,"miscselect":"00000000","miscselectMask":"FFFFFFFF",)"
             R"("attributes":"11000000000000000000000000000000","attributesMask":"FBFFFFFFFFFFFFFF0000000000000000",)"
             R"("mrsigner":"DC9E2A7C6F948F17474E34A7FC43ED030F7C1563F1BABDDF6340C82E0E54A8C5","isvprodid":2,)" +
             levels + "}"),
    };
}

void attempt(ByteSpan input) {
    const auto json = parse_json(text_of(input), "input");
    if (!json) return;
    const auto info = verifier::parse_tcb_info(*json, "input");
    const auto identity = verifier::parse_qe_identity(*json, "input");
    require(!info || !identity, "a document is one of the two");
    if (info) {
        for (const auto& level : info->levels)
            require(verifier::parse_tcb_status(verifier::name_of(level.level.status), "").has_value(),
                    "a status is one");
    }
    if (!identity) return;
    const auto level = verifier::qe_level(0xffff, *identity);
    require(level.has_value() == !identity->levels.empty(), "the highest version has a level where there is one");
}

}  // namespace

const Target kTarget{.largest = 64 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
