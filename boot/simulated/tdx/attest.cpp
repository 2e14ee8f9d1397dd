// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/tdx/attest.hpp"

#include <string>
#include <system_error>
#include <utility>

#include "boot/proof/chain.hpp"
#include "boot/proof/quote.hpp"
#include "boot/run/image.hpp"
#include "boot/simulated/key_folder.hpp"
#include "boot/simulated/tdx/chain.hpp"
#include "boot/simulated/tdx/quoting.hpp"
#include "common/file.hpp"

namespace hallmark::boot {
namespace {

constexpr const char* kStateName = "simulated-tdx";
constexpr const char* kForeignFolder = "foreign";

}  // namespace

Result<TdEvidence> attest(const Request& request, const TdFacts& facts, Bytes event_log, Journal& journal) {
    std::filesystem::path folder = request.simulated_root;
    if (folder.empty()) {
        HALLMARK_TRY(folder, state_folder(kStateName));
    }
    HALLMARK_TRY(auto chain, TdxChain::open(folder));
    TdEvidence evidence;
    evidence.event_log = std::move(event_log);
    evidence.trusted_root = chain.root();
    if (!request.trusted_root.empty()) {
        HALLMARK_TRY(evidence.trusted_root, proof::read_root(request.trusted_root));
    }
    if (request.attack == Attack::kForeignChain) {
        HALLMARK_TRY(chain, TdxChain::open(folder / kForeignFolder));
    }
    HALLMARK_TRY(const auto enclave, QuotingEnclave::make(chain));
    HALLMARK_TRY(evidence.challenge, make_challenge());
    const tdx::TdReport report = td_report(facts, evidence.challenge);
    HALLMARK_TRY(evidence.quote_v4, enclave.quote(report, QuoteVersion::kV4));
    HALLMARK_TRY(evidence.quote_v5, enclave.quote(report, QuoteVersion::kV5));
    journal.step("attest", "quotes of " + std::to_string(evidence.quote_v4.size()) + " and " +
                               std::to_string(evidence.quote_v5.size()) + " bytes");
    return evidence;
}

Status write_td_evidence(const std::filesystem::path& folder, const TdEvidence& evidence) {
    if (folder.empty()) return {};
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return bad_input(folder.string() + ": " + error.message());
    HALLMARK_CHECK(write_file(folder / "quote-v4.bin", evidence.quote_v4));
    HALLMARK_CHECK(write_file(folder / "quote-v5.bin", evidence.quote_v5));
    HALLMARK_CHECK(write_file(folder / "ccel.bin", evidence.event_log));
    return write_file(folder / "challenge.bin", evidence.challenge);
}

Status prove_td_evidence(const TdEvidence& evidence, const TdFacts& facts) {
    const proof::ExpectedTd expected{evidence.challenge, facts.mr_config_id};
    for (const Bytes* bytes : {&evidence.quote_v4, &evidence.quote_v5}) {
        HALLMARK_TRY(const tdx::Quote quote, proof::prove_quote(*bytes, evidence.trusted_root, expected));
        if (quote.body.mr_td != facts.mr_td || quote.body.rtmr != facts.rtmr)
            return refused("the quote's MRTD and RTMRs are not those that were measured");
    }
    return {};
}

}  // namespace hallmark::boot
