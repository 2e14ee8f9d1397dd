// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever hands out any file that somebody looks into.
// Size cap: 64 KiB, of the firmware target.
#include <string>

#include "common/formats/snp_report.hpp"
#include "common/formats/tdx_quote.hpp"
#include "common/hex.hpp"
#include "measure/inspect/format.hpp"
#include "measure/inspect/tree.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/synthetic_bzimage.hpp"
#include "tests/support/synthetic_event_log.hpp"
#include "tests/support/synthetic_firmware.hpp"
#include "tests/support/synthetic_igvm.hpp"
#include "tests/support/synthetic_init_data.hpp"
#include "tests/support/synthetic_manifest.hpp"
#include "tests/support/synthetic_pe.hpp"
#include "tests/support/synthetic_uki.hpp"

namespace hallmark::fuzz {
namespace {

template <class T>
Bytes bytes_of(const T& structure) {
    const auto bytes = as_bytes(structure);
    return {bytes.begin(), bytes.end()};
}

std::vector<Bytes> seeds() {
    snp::AttestationReport report;
    report.version = 5U;
    tdx::Quote quote;
    quote.header.version = std::uint16_t{4};
    quote.header.attestation_key_type = tdx::kEcdsaP256Sha256;
    quote.header.tee_type = std::uint32_t{tdx::kTeeTypeTdx};
    test::IgvmWriter igvm;
    igvm.platform(1, igvm::PlatformType::kSevSnp).page(0, 1).page(4096, 1).page(8192, 1, igvm::kPageIsShared);
    igvm.add(igvm::HeaderType::kVpContext, igvm::VpContext{});
    test::FirmwareRecipe firmware;
    firmware.size = 8192;
    return {test::event_log_sample(),
            test::pe_image(test::plain_pe()),
            test::pe_image(test::plain_uki()),
            test::bzimage_image(),
            bytes_of(report),
            seed(to_hex(as_bytes(report)) + "\n"),
            tdx::encode_quote(quote),
            bytes_of(tdx::TdReport()),
            igvm.bytes(Bytes(8)),
            test::firmware(firmware),
            seed(test::kInitData),
            test::init_data_disk(from_hex(test::kSomeContentGzip).value()),
            seed(to_text(test::manifest()))};
}

void attempt(ByteSpan input) {
    for (const auto* format : inspect::formats()) {
        const auto json = format->describe(input, "input");
        if (!json) {
            require(json.error().message.find('\n') == std::string::npos, "an error is one line");
            continue;
        }
        for (const char c : inspect::as_tree(*json))
            require(c == '\n' || (c >= 0x20 && c < 0x7f), "nothing reaches the terminal");
    }
}

}  // namespace

const Target kTarget{.largest = 64 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
