// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/tdx/attest.hpp"

#include <string>
#include <system_error>
#include <utility>

#include "boot/simulated/key_folder.hpp"
#include "common/file.hpp"
#include "relying-party/verifier/tdx/guest_log.hpp"
#include "relying-party/verifier/tdx/quote.hpp"
#include "relying-party/verifier/x509/certificates.hpp"

namespace hallmark::boot {
namespace {

constexpr const char* kStateName = "simulated-tdx";
constexpr const char* kForeignFolder = "foreign";

Result<guest_port::Evidence> quote_as(QuoteVersion version, Exchange& exchange, TrustDomain& domain,
                                      const guest_port::Challenge& challenge) {
    domain.quote_as(version);
    return exchange.challenge(challenge, guest_port::Kind::kTdxQuote);
}

Status prove_one(const guest_port::Evidence& evidence, QuoteVersion version, ByteSpan trusted_root,
                 const verifier::ExpectedTd& expected, const TdFacts& facts) {
    HALLMARK_TRY(const tdx::Quote quote, verifier::prove_quote(evidence.report, trusted_root, expected));
    if (quote.header.version != static_cast<std::uint16_t>(version))
        return refused("the quote has version " + std::to_string(quote.header.version.get()) + ", expected " +
                       std::to_string(static_cast<unsigned>(version)));
    if (quote.body.mr_td != facts.mr_td) return refused("the quote's MRTD is not the one that was measured");
    for (std::size_t n = 0; n < guest_port::kGuestRegister; ++n)
        if (quote.body.rtmr.at(n) != facts.rtmr.at(n))
            return refused("the quote's RTMR" + std::to_string(n) + " is not the one that was measured");
    HALLMARK_CHECK(verifier::check_guest_log(evidence.event_log, quote.body.rtmr));
    const auto own = runtime_extensions(evidence.event_log);
    return own ? Status() : refused(own.error().message);
}

}  // namespace

Result<TdxTrust> open_trust(const Request& request) {
    std::filesystem::path folder = request.simulated_root;
    if (folder.empty()) {
        HALLMARK_TRY(folder, state_folder(kStateName));
    }
    HALLMARK_TRY(auto chain, TdxChain::open(folder));
    Bytes root = chain.root();
    if (!request.trusted_root.empty()) {
        HALLMARK_TRY(root, verifier::read_root(request.trusted_root));
    }
    if (request.attack == Attack::kForeignChain) {
        HALLMARK_TRY(chain, TdxChain::open(folder / kForeignFolder));
    }
    return TdxTrust{std::move(chain), std::move(root)};
}

Result<TdEvidence> ask_for_quotes(Exchange& exchange, TrustDomain& domain, const guest_port::Challenge& challenge,
                                  Journal& journal) {
    TdEvidence evidence;
    evidence.challenge = challenge;
    HALLMARK_TRY(evidence.v4, quote_as(QuoteVersion::kV4, exchange, domain, evidence.challenge));
    HALLMARK_TRY(evidence.v5, quote_as(QuoteVersion::kV5, exchange, domain, evidence.challenge));
    journal.step("attest", "quotes of " + std::to_string(evidence.v4.report.size()) + " and " +
                               std::to_string(evidence.v5.report.size()) + " bytes, " +
                               std::to_string(evidence.v5.event_log.size()) + " of event log");
    return evidence;
}

Status write_td_evidence(const std::filesystem::path& folder, const TdEvidence& evidence) {
    if (folder.empty()) return {};
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return bad_input(folder.string() + ": " + error.message());
    HALLMARK_CHECK(write_file(folder / "quote-v4.bin", evidence.v4.report));
    HALLMARK_CHECK(write_file(folder / "quote-v5.bin", evidence.v5.report));
    HALLMARK_CHECK(write_file(folder / "ccel.bin", evidence.v5.event_log));
    return write_file(folder / "challenge.bin", evidence.challenge.nonce);
}

Status prove_td_evidence(const TdEvidence& evidence, ByteSpan trusted_root, const TdFacts& measured) {
    const verifier::ExpectedTd expected{guest_port::report_data_for(evidence.challenge), measured.mr_config_id};
    HALLMARK_CHECK(prove_one(evidence.v4, QuoteVersion::kV4, trusted_root, expected, measured));
    return prove_one(evidence.v5, QuoteVersion::kV5, trusted_root, expected, measured);
}

}  // namespace hallmark::boot
