// SPDX-License-Identifier: Apache-2.0
// hallmark-kbs verify: what a key broker would make of evidence, without one, and without a network unless --pccs asks
// for it.
#include <algorithm>
#include <array>
#include <cstdint>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/bytes.hpp"
#include "common/file.hpp"
#include "common/formats/event_log.hpp"
#include "common/formats/init_data.hpp"
#include "common/hex.hpp"
#include "relying-party/appraisal/appraise.hpp"
#include "relying-party/appraisal/policy.hpp"
#include "relying-party/cli.hpp"
#include "relying-party/cli_pccs.hpp"
#include "relying-party/cli_verify_answer.hpp"
#include "relying-party/reference-values/document.hpp"
#include "relying-party/reference-values/store.hpp"
#include "relying-party/verifier/evidence.hpp"
#include "relying-party/verifier/init_data.hpp"
#include "relying-party/verifier/snp/verify.hpp"
#include "relying-party/verifier/tdx/collateral_files.hpp"
#include "relying-party/verifier/tdx/pccs.hpp"
#include "relying-party/verifier/tdx/utc_time.hpp"
#include "relying-party/verifier/tdx/verify.hpp"
#include "relying-party/verifier/x509/certificates.hpp"

namespace hallmark::cli {
namespace {

struct Options {
    std::string evidence;
    std::vector<std::string> certificates;
    std::vector<std::string> certificate_folders;
    std::string collateral;
    PccsChoice pccs;
    std::string at;
    std::string event_log;
    std::vector<std::string> reference_values;
    std::string policy;
    std::string init_data;
    std::string report_data;
    std::vector<std::string> simulated_roots;
    bool json = false;
};

/// What the caller lets the verifiers rely on.
struct Trust {
    verifier::SnpTrust snp;
    verifier::TdxTrust tdx;
    verifier::Collateral collateral;       // tdx borrows it
    std::unique_ptr<verifier::Pccs> pccs;  // the same
};

Result<std::optional<std::time_t>> parse_at(const std::string& text) {
    constexpr std::size_t kDay = std::string_view("2026-11-25").size();
    if (text.empty()) return std::nullopt;
    const auto at = verifier::parse_utc(text.size() == kDay ? text + "T00:00:00Z" : text, "--at");
    if (!at)
        return bad_input("--at: found '" + text + "', expected a day or a time, 2026-11-25 or 2026-11-25T12:00:00Z");
    return *at;
}

Status open_trust(const Options& options, Trust& trust) {
    HALLMARK_TRY(trust.snp.at, parse_at(options.at));
    trust.tdx.at = trust.snp.at;
    for (const auto* names : {&options.certificates, &options.certificate_folders})
        for (const auto& name : *names) HALLMARK_CHECK(verifier::add_endorsements(trust.snp, name));
    for (const auto& certificate : trust.snp.certificates) {
        HALLMARK_TRY(Bytes der, verifier::to_der(*certificate));
        trust.tdx.certificates.push_back(std::move(der));
    }
    if (!options.collateral.empty()) {
        HALLMARK_TRY(trust.collateral, verifier::read_collateral(options.collateral));
        trust.tdx.collateral = &trust.collateral;
    }
    HALLMARK_TRY(trust.pccs, open_pccs(options.pccs, options.collateral, {}));
    trust.tdx.source = trust.pccs.get();
    for (const auto& name : options.simulated_roots) {
        HALLMARK_TRY(const Bytes root, verifier::read_root(name));
        trust.snp.roots.simulated.push_back(root);
        trust.tdx.simulated_roots.push_back(root);
    }
    return {};
}

Result<verifier::Evidence> evidence_of(const Options& options) {
    HALLMARK_TRY(const Bytes bytes, read_file(options.evidence, verifier::kLargestEvidence));
    HALLMARK_TRY(auto evidence, verifier::read_evidence(bytes, options.evidence));
    if (options.event_log.empty()) return evidence;
    auto* tdx = std::get_if<tdx::Evidence>(&evidence);
    if (tdx == nullptr) return bad_input("--event-log: goes with TDX, and " + options.evidence + " is of SEV-SNP");
    if (tdx->event_log) return bad_input("--event-log: " + options.evidence + " has an event log of its own");
    HALLMARK_TRY(tdx->event_log, read_file(options.event_log, event_log::kLargestLog));
    return evidence;
}

Result<verifier::Verified> verify(const verifier::Evidence& evidence, const Trust& trust) {
    if (const auto* snp = std::get_if<snp::Evidence>(&evidence)) return verifier::verify_snp(*snp, trust.snp);
    return verifier::verify_tdx(std::get<tdx::Evidence>(evidence), trust.tdx);
}

Result<std::array<std::uint8_t, 64>> parse_report_data(const std::string& hex) {
    const auto bytes = from_hex(hex);
    std::array<std::uint8_t, 64> data{};
    if (!bytes) return std::unexpected(bytes.error().at("--report-data"));
    if (bytes->empty() || bytes->size() > data.size())
        return bad_input("--report-data: found " + std::to_string(bytes->size()) + " bytes, expected 1 to 64");
    std::ranges::copy(*bytes, data.begin());
    return data;
}

/// A document, or a disk with one.
Result<std::string> read_init_data(const std::string& name) {
    HALLMARK_TRY(Bytes bytes, read_file(name, init_data::kLargestDocument));
    if (init_data::is_disk(bytes)) {
        HALLMARK_TRY(bytes, init_data::read_disk(bytes, name));
    }
    return std::string(bytes.begin(), bytes.end());
}

/// That the evidence is about what the caller named.
Status check_bindings(const Options& options, Conclusion& conclusion) {
    const auto& verified = conclusion.verified;
    if (!options.report_data.empty()) {
        HALLMARK_TRY(const auto expected, parse_report_data(options.report_data));
        if (verified.report_data != expected)
            return refused("report data: found " + to_hex(verified.report_data) + ", expected " + to_hex(expected) +
                           "; the evidence was made for another challenge");
        conclusion.report_data_compared = true;
    }
    if (options.init_data.empty()) return {};
    HALLMARK_TRY(const std::string document, read_init_data(options.init_data));
    auto claims = verifier::verify_init_data(document, verified.init_data);
    if (!claims) return std::unexpected(claims.error().at(options.init_data));
    conclusion.init_data_claims = *std::move(claims);
    return {};
}

Result<std::string> read_text(const std::string& name, std::size_t limit) {
    HALLMARK_TRY(const Bytes bytes, read_file(name, limit));
    return std::string(bytes.begin(), bytes.end());
}

Result<appraisal::Policy> policy_of(const Options& options) {
    if (options.policy.empty()) return appraisal::parse_policy(appraisal::default_policy_text(), "default policy");
    HALLMARK_TRY(const std::string text, read_text(options.policy, appraisal::kLargestPolicy));
    return appraisal::parse_policy(text, options.policy);
}

/// The values count as registered at the time of the verification.
Status appraise(const Options& options, std::time_t at, Conclusion& conclusion) {
    HALLMARK_TRY(const auto policy, policy_of(options));
    HALLMARK_TRY(const auto values, reference::Store::in_memory());
    for (const auto& name : options.reference_values) {
        HALLMARK_TRY(const std::string text, read_text(name, reference::kLargestDocument));
        HALLMARK_TRY(const auto document, reference::read_document(text, name));
        HALLMARK_CHECK(values->add(document, at));
    }
    const auto& verified = conclusion.verified;
    const std::string given = conclusion.init_data_claims ? to_hex(verified.init_data) : "";
    HALLMARK_TRY(conclusion.appraisal,
                 appraisal::appraise(policy, {verified.tee, verified.claims, given}, *values, at));
    return {};
}

Result<Conclusion> conclude(const Options& options) {
    Trust trust;
    HALLMARK_CHECK(open_trust(options, trust));
    HALLMARK_TRY(const auto evidence, evidence_of(options));
    Conclusion conclusion;
    auto verified = verify(evidence, trust);
    if (!verified) return std::unexpected(verified.error().at(options.evidence));
    conclusion.verified = *std::move(verified);
    HALLMARK_CHECK(check_bindings(options, conclusion));
    if (!options.reference_values.empty() || !options.policy.empty())
        HALLMARK_CHECK(appraise(options, trust.snp.at.value_or(std::time(nullptr)), conclusion));
    return conclusion;
}

Result<Answer> answer(const Options& options) {
    const auto conclusion = conclude(options);
    if (!conclusion && options.json && conclusion.error().fault == Fault::kNo)
        return json_refusal(conclusion.error().message);
    if (!conclusion) return std::unexpected(conclusion.error());
    return options.json ? json_answer(*conclusion) : text_answer(*conclusion);
}

}  // namespace

void add_verify_options(CLI::App& app, Run& run) {
    const auto options = std::make_shared<Options>();
    const auto text = [&app](const char* name, auto& into, const char* type, const char* description) {
        return app.add_option(name, into, description)->type_name(type);
    };
    text("EVIDENCE", options->evidence, "",
         "Evidence in JSON as the KBS protocol carries it, a report of SEV-SNP, or a quote of TDX")
        ->required();
    text("--cert", options->certificates, "FILE…",
         "Certificates that the evidence lacks, PEM or DER, and AMD's revocation lists (*.crl)");
    text("--certs", options->certificate_folders, "FOLDER", "All of these in a folder")->allow_extra_args(false);
    text("--collateral", options->collateral, "FOLDER", "Intel's collateral; without it the TCB status is unknown");
    text("--pccs", options->pccs.url, "URL",
         "Fetch it from a PCCS or from https://api.trustedservices.intel.com instead");
    text("--pccs-certificate", options->pccs.certificate, "FILE",
         "Its TLS certificate or authority, PEM, where it signed its own");
    text("--at", options->at, "DATE", "Verify as of that day or time (2026-11-25, 2026-11-25T12:00:00Z; default now)");
    text("--event-log", options->event_log, "FILE", "The guest's event log, for a TDX quote that came without one");
    text("--reference-values", options->reference_values, "FILE…",
         "Appraise against these: what hallmark-measure wrote, or messages of a provider service");
    text("--policy", options->policy, "FILE", "Appraise under this policy in place of the default one");
    text("--init-data", options->init_data, "FILE", "The guest must have been launched with this document or disk");
    text("--report-data", options->report_data, "HEX",
         "The report data must be these; behind fewer than 64 bytes, zeros");
    text("--trust-simulated", options->simulated_roots, "FILE",
         "Accept evidence under this simulated root, for tests; may be given more than once")
        ->allow_extra_args(false);
    app.add_flag("--json", options->json, "Print claims and verdict as JSON");
    app.callback([options, &run] { run = [options] { return answer(*options); }; });
}

}  // namespace hallmark::cli
