// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/snp/verify.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "common/digest.hpp"
#include "relying-party/verifier/snp/claims.hpp"
#include "relying-party/verifier/snp/report.hpp"
#include "relying-party/verifier/snp/revocation.hpp"
#include "relying-party/verifier/x509/certificates.hpp"
#include "relying-party/verifier/x509/path.hpp"

namespace hallmark::verifier {
namespace {

using snp::CertificateKind;

constexpr std::size_t kMostCertificates = 16;  // in evidence
constexpr std::size_t kMostInField = 4;
constexpr std::uint32_t kFirstWithCpuid = 3;

/// A fault of evidence is a refusal, whatever was wrong with it.
std::unexpected<Error> evidence_fault(const Error& error, std::string_view where) {
    return refused(std::string(where) + ": " + error.message);
}

/// One attempt to verify: what was gathered for it, and kept until it ends.
class Attempt {
public:
    Attempt(const SnpTrust& trust, const snp::AttestationReport& report, KeyKind kind)
        : trust_(trust),
          report_(report),
          kind_(kind),
          at_(trust.at.value_or(std::time(nullptr))),
          builder_(trust.roots, at_, trust.verified.get()) {}

    Result<Verified> verify(const snp::Evidence& evidence);

private:
    Status gather(const snp::Evidence& evidence);
    Status take(const snp::EvidenceCertificate& certificate);
    Result<std::vector<openssl::Certificate>> read(ByteSpan pem_or_der, std::size_t most);
    void keep(const Chain& chain) const;
    void offer(std::vector<openssl::Certificate> certificates);
    Result<X509*> leaf();
    X509* known_leaf() const;
    Result<X509*> fetched_leaf();
    Status fetch_authorities(snp::ProductLine line);

    const SnpTrust& trust_;
    const snp::AttestationReport& report_;
    KeyKind kind_;
    std::time_t at_;
    ChainBuilder builder_;
    std::vector<openssl::Certificate> owned_;
    std::vector<std::pair<Sha256, X509*>> fresh_;  // parsed just now
    X509* leaf_ = nullptr;
    std::vector<ByteSpan> evidence_lists_;
};

/// As read_certificates(), but of one that was parsed before and is kept.
Result<std::vector<openssl::Certificate>> Attempt::read(ByteSpan pem_or_der, std::size_t most) {
    if (trust_.parsed == nullptr) return read_certificates(pem_or_der, most);
    const Sha256 digest = sha256(pem_or_der);
    std::vector<openssl::Certificate> certificates;
    if (auto kept = trust_.parsed->find(digest)) {
        certificates.push_back(std::move(kept));
        return certificates;
    }
    HALLMARK_TRY(certificates, read_certificates(pem_or_der, most));
    if (certificates.size() == 1) fresh_.emplace_back(digest, certificates.front().get());
    return certificates;
}

/// Only what belongs to a good report: whoever has certificates without the key pushes nothing out.
void Attempt::keep(const Chain& chain) const {
    if (trust_.verified != nullptr) trust_.verified->keep(*chain.leaf, *chain.authority, *chain.root);
    for (const auto& [digest, certificate] : fresh_)
        if (certificate == chain.leaf || certificate == chain.authority || certificate == chain.root)
            trust_.parsed->keep(digest, *certificate);
}

void Attempt::offer(std::vector<openssl::Certificate> certificates) {
    for (auto& certificate : certificates) {
        builder_.offer(*certificate);
        owned_.push_back(std::move(certificate));
    }
}

Status Attempt::take(const snp::EvidenceCertificate& certificate) {
    if (certificate.kind == CertificateKind::kEmpty) return {};
    if (certificate.kind == CertificateKind::kCrl) {
        evidence_lists_.emplace_back(certificate.data);
        return {};
    }
    const bool is_vcek = certificate.kind == CertificateKind::kVcek;
    if (is_vcek || certificate.kind == CertificateKind::kVlek) {
        // A host may hand out both; the report says which one signed it.
        if (is_vcek != (kind_ == KeyKind::kVcek)) return {};
        if (leaf_ != nullptr) return refused("the evidence has two certificates " + std::string(name_of(kind_)));
        auto found = read(certificate.data, 1);
        if (!found) return evidence_fault(found.error(), name_of(kind_));
        leaf_ = found->front().get();
        owned_.push_back(std::move(found->front()));
        return {};
    }
    auto found = read(certificate.data, kMostInField);
    if (found) {
        offer(std::move(*found));
        return {};
    }
    if (certificate.kind == CertificateKind::kOther) return {};  // a host's own business
    return evidence_fault(found.error(), certificate.kind == CertificateKind::kAsk ? "ASK" : "ARK");
}

Status Attempt::gather(const snp::Evidence& evidence) {
    if (evidence.certificates.size() > kMostCertificates)
        return refused("the evidence has more than " + std::to_string(kMostCertificates) + " certificates");
    for (const auto& certificate : evidence.certificates) HALLMARK_CHECK(take(certificate));
    for (const auto& certificate : trust_.certificates) builder_.offer(*certificate);
    for (const auto& simulated : trust_.roots.simulated) {
        HALLMARK_TRY(auto root, read(simulated, 1));
        offer(std::move(root));
    }
    return {};
}

X509* Attempt::known_leaf() const {
    for (const auto& certificate : trust_.certificates) {
        const auto key = read_endorsement_key(*certificate, kind_);
        if (key && check_platform(report_, *key, !trust_.roots.simulated.empty()) &&
            verify_signature(report_, *certificate))
            return certificate.get();
    }
    return nullptr;
}

Result<X509*> Attempt::fetched_leaf() {
    std::vector<snp::ProductLine> lines;
    if (report_.version >= kFirstWithCpuid) {
        const auto line = snp::product_line(report_.cpuid_family, report_.cpuid_model);
        if (line) lines.push_back(*line);
    } else {
        HALLMARK_TRY(const auto layout, snp::tcb_layout(report_));
        if (layout == snp::TcbLayout::kTurin)
            lines = {snp::ProductLine::kTurin};
        else
            lines = {snp::ProductLine::kMilan, snp::ProductLine::kGenoa};  // the report doesn't tell which
    }
    std::optional<Error> reason;
    for (const auto line : lines) {
        const auto der = trust_.source->vcek(line, report_);
        if (!der) {
            if (!reason) reason = der.error();
            continue;
        }
        HALLMARK_TRY(auto found, read(*der, 1));
        owned_.push_back(std::move(found.front()));
        return owned_.back().get();
    }
    if (reason) return std::unexpected(*reason);
    return refused("report: its processor is not a Milan, Genoa or Turin");
}

Result<X509*> Attempt::leaf() {
    if (leaf_ != nullptr) return leaf_;
    if (X509* known = known_leaf()) return known;
    const std::string kind(name_of(kind_));
    if (kind_ == KeyKind::kVcek && trust_.source != nullptr && !is_chip_id_masked(report_)) return fetched_leaf();
    return refused("the evidence came without the " + kind +
                   " that signed it, and no certificate that was given is it" +
                   (kind_ == KeyKind::kVcek && is_chip_id_masked(report_)
                        ? "; the platform hides its chip, so that it can't be fetched"
                        : ""));
}

Status Attempt::fetch_authorities(snp::ProductLine line) {
    HALLMARK_TRY(const Bytes pem, trust_.source->authorities(line, kind_));
    HALLMARK_TRY(auto found, read(pem, kMostInField));
    offer(std::move(found));
    return {};
}

Result<Verified> Attempt::verify(const snp::Evidence& evidence) {
    HALLMARK_CHECK(gather(evidence));
    HALLMARK_TRY(X509* const certificate, leaf());
    HALLMARK_TRY(const EndorsementKey key, read_endorsement_key(*certificate, kind_));
    if (trust_.source != nullptr && trust_.roots.amd && !builder_.complete(*certificate))
        HALLMARK_CHECK(fetch_authorities(key.line));
    HALLMARK_TRY(const Chain chain, builder_.verify(*certificate, key));
    HALLMARK_CHECK(verify_signature(report_, *certificate));
    HALLMARK_CHECK(check_platform(report_, key, chain.simulated));
    HALLMARK_TRY(const bool checked, check_revocation(chain, evidence_lists_, key, trust_, at_));
    keep(chain);
    Verified verified;
    verified.tee = Tee::kSnp;
    verified.simulated = chain.simulated;
    verified.claims = snp_claims(report_, key);
    verified.claims["revocation_checked"] = checked;
    verified.report_data = report_.report_data;
    verified.init_data.assign(report_.host_data.begin(), report_.host_data.end());
    return verified;
}

}  // namespace

Result<Verified> verify_snp(const snp::Evidence& evidence, const SnpTrust& trust) {
    const auto report = snp::parse_report(evidence.report);
    if (!report) return refused(report.error().message);
    HALLMARK_TRY(const KeyKind kind, signing_key(*report));
    return Attempt(trust, *report, kind).verify(evidence);
}

}  // namespace hallmark::verifier
