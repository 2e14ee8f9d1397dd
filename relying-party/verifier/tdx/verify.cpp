// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/tdx/verify.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "common/formats/event_log.hpp"
#include "common/formats/tdx_quote.hpp"
#include "common/hex.hpp"
#include "common/openssl.hpp"
#include "relying-party/verifier/tdx/guest_log.hpp"
#include "relying-party/verifier/tdx/log_claims.hpp"
#include "relying-party/verifier/tdx/pck.hpp"
#include "relying-party/verifier/tdx/qe_identity.hpp"
#include "relying-party/verifier/tdx/quote.hpp"
#include "relying-party/verifier/tdx/quote_claims.hpp"
#include "relying-party/verifier/tdx/roots.hpp"
#include "relying-party/verifier/tdx/tcb_level.hpp"
#include "relying-party/verifier/tdx/utc_time.hpp"
#include "relying-party/verifier/x509/certificates.hpp"
#include "relying-party/verifier/x509/path.hpp"
#include "relying-party/verifier/x509/pin.hpp"

namespace hallmark::verifier {
namespace {

constexpr const char* kLog = "the guest's event log";
constexpr std::size_t kMostCertificates = 16;

struct Root {
    openssl::Certificate certificate;
    bool simulated = false;
};

/// The root as it is trusted; nothing where it isn't.
Result<std::optional<Root>> trusted(openssl::Certificate candidate, const TdxTrust& trust) {
    HALLMARK_TRY(const Sha256 key, spki_digest(*candidate));
    if (key == kIntelSgxRootSpki) return Root{std::move(candidate), false};
    HALLMARK_TRY(const Bytes der, to_der(*candidate));
    for (const auto& root : trust.simulated_roots)
        if (equal(root, der)) return Root{std::move(candidate), true};
    return std::nullopt;
}

/// A root that the quote leaves out: one that names itself as the CA's issuer, of what the caller has.
Result<Root> find_root(const QuoteChain& chain, const TdxTrust& trust) {
    std::vector<ByteSpan> sources(trust.simulated_roots.begin(), trust.simulated_roots.end());
    sources.insert(sources.end(), trust.certificates.begin(), trust.certificates.end());
    if (trust.collateral != nullptr)
        for (const auto& item : trust.collateral->certificates) sources.emplace_back(item.bytes);
    for (const ByteSpan source : sources) {
        HALLMARK_TRY(auto certificates, read_certificates(source, kMostCertificates));
        for (auto& certificate : certificates) {
            if (X509_NAME_cmp(X509_get_subject_name(certificate.get()), X509_get_issuer_name(chain.authority.get())) !=
                0)
                continue;
            HALLMARK_TRY(auto root, trusted(std::move(certificate), trust));
            if (root) return *std::move(root);
        }
    }
    return refused("the quote leaves its root out, and no trusted one that signed '" + common_name(*chain.authority) +
                   "' was given; name its file");
}

Result<Root> root_of(QuoteChain& chain, const TdxTrust& trust) {
    if (!chain.root) return find_root(chain, trust);
    const std::string name = common_name(*chain.root);
    HALLMARK_TRY(const Sha256 key, spki_digest(*chain.root));
    HALLMARK_TRY(auto root, trusted(std::move(chain.root), trust));
    if (root) return *std::move(root);
    return refused("the quote is signed under '" + name + "', whose key (SHA-256 " + to_hex(key) +
                   ") is not that of Intel SGX Root CA" +
                   (trust.simulated_roots.empty() ? "; a simulated root must be named to be trusted"
                                                  : ", nor is it a simulated root that was named"));
}

Status add_tcb_claims(const tdx::Quote& quote, const PckFacts& pck, const TrustedChain& chain, const TdxTrust& trust,
                      std::time_t at, Json& claims) {
    std::shared_ptr<const Collateral> fetched;
    if (trust.collateral == nullptr && trust.source != nullptr) {
        auto answer = trust.source->collateral(chain, pck, at);
        if (!answer && answer.error().fault == Fault::kNo) return std::unexpected(answer.error());
        if (!answer) claims["collateral_error"] = answer.error().message;
        if (answer) fetched = *std::move(answer);
    }
    const Collateral* given = trust.collateral != nullptr ? trust.collateral : fetched.get();
    if (given == nullptr) {
        claims["tcb_status"] = "unknown";
        claims["collateral_expiration_status"] = "unknown";
        claims["advisory_ids"] = Json::array();
        return {};
    }
    HALLMARK_TRY(const auto collateral, verify_collateral(*given, chain, pck, at));
    HALLMARK_TRY(const auto standing, tcb_standing(quote, pck, collateral.tcb_info, collateral.qe_identity));
    claims["tcb_status"] = name_of(standing.status);
    claims["advisory_ids"] = standing.advisory_ids;
    claims["collateral_expiration_status"] = collateral.earliest_expiration <= at ? "1" : "0";
    claims["tcb_date"] = utc_text(standing.date);
    claims["tcb_eval_num"] =
        std::min(collateral.tcb_info.tcb_evaluation_data_number, collateral.qe_identity.tcb_evaluation_data_number);
    claims["earliest_issue_date"] = utc_text(collateral.earliest_issue);
    claims["latest_issue_date"] = utc_text(collateral.latest_issue);
    claims["earliest_expiration_date"] = utc_text(collateral.earliest_expiration);
    return {};
}

Status add_log(const Bytes& bytes, const tdx::QuoteBody& body, Json& claims) {
    const auto log = event_log::parse_event_log(bytes, kLog);
    if (!log) return refused(log.error().message);
    HALLMARK_CHECK(check_replay(*log, body.rtmr, kLog));
    return add_log_claims(*log, kLog, claims);
}

}  // namespace

Result<Verified> verify_tdx(const tdx::Evidence& evidence, const TdxTrust& trust) {
    const std::time_t at = trust.at.value_or(std::time(nullptr));
    const auto quote = tdx::parse_quote(evidence.quote);
    if (!quote) return refused(quote.error().message);
    HALLMARK_TRY(QuoteChain chain, read_quote_chain(*quote));
    HALLMARK_TRY(const Root root, root_of(chain, trust));
    HALLMARK_CHECK(verify_quote_chain(chain, *root.certificate, at));
    HALLMARK_CHECK(verify_quote_signatures(*quote, *chain.pck));
    if (!root.simulated) HALLMARK_CHECK(check_qe(quote->qe_report, intel_td_qe()));
    HALLMARK_TRY(const PckFacts pck, read_pck(*chain.pck));

    Verified verified;
    verified.tee = Tee::kTdx;
    verified.simulated = root.simulated;
    verified.report_data = quote->body.report_data;
    verified.init_data.assign(quote->body.mr_config_id.begin(), quote->body.mr_config_id.end());
    add_quote_claims(*quote, verified.claims);
    add_pck_claims(pck, verified.claims);
    const TrustedChain path{chain.pck.get(), chain.authority.get(), root.certificate.get()};
    HALLMARK_CHECK(add_tcb_claims(*quote, pck, path, trust, at, verified.claims));
    if (evidence.event_log) HALLMARK_CHECK(add_log(*evidence.event_log, quote->body, verified.claims));
    return verified;
}

}  // namespace hallmark::verifier
