// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/tdx/collateral.hpp"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "common/bytes.hpp"
#include "common/formats/tdx_quote.hpp"
#include "common/hex.hpp"
#include "common/json.hpp"
#include "common/text.hpp"
#include "relying-party/verifier/tdx/p256.hpp"
#include "relying-party/verifier/tdx/quote.hpp"
#include "relying-party/verifier/tdx/utc_time.hpp"
#include "relying-party/verifier/x509/certificates.hpp"
#include "relying-party/verifier/x509/crl.hpp"
#include "relying-party/verifier/x509/path.hpp"

namespace hallmark::verifier {
namespace {

constexpr std::size_t kMostCertificates = 16;  // of one file

using Crl = openssl::Owned<X509_CRL, X509_CRL_free>;
using Store = openssl::Owned<X509_STORE, X509_STORE_free>;
using StoreContext = openssl::Owned<X509_STORE_CTX, X509_STORE_CTX_free>;

/// A document, and what is said to be its signature.
struct Signed {
    Json value;
    std::string signature;
    std::string name;
};

Result<Signed> read_signed(const CollateralItem& item, const std::string& key) {
    HALLMARK_TRY(const Json json, parse_json(text_of(item.bytes), item.name));
    HALLMARK_TRY(const auto object, JsonObject::of(json, item.name));
    HALLMARK_CHECK(object.only({key, "signature"}));
    HALLMARK_CHECK(object.object(key));
    Signed document{*json.find(key), "", item.name};
    HALLMARK_TRY(document.signature, object.string("signature"));
    return document;
}

/// Intel signs earlier evaluations anew for those who are slow to follow: the number tells before the date does.
template <class Document>
bool is_later(const Document& a, const Document& b) {
    return std::tie(a.tcb_evaluation_data_number, a.issue_date) > std::tie(b.tcb_evaluation_data_number, b.issue_date);
}

class Verifier {
public:
    Verifier(const Collateral& collateral, const TrustedChain& chain, std::time_t at)
        : collateral_(collateral), chain_(chain), at_(at) {}

    Result<PlatformCollateral> verify(const PckFacts& pck) {
        HALLMARK_CHECK(check_revocation(*chain_.authority, *chain_.root));
        HALLMARK_TRY(pck_revocation_, revocation(*chain_.pck, *chain_.authority));
        HALLMARK_CHECK(find_signers());
        HALLMARK_CHECK(find_tcb_info(pck));
        HALLMARK_CHECK(find_qe_identity());
        return std::move(found_);
    }
    /// Why the PCK certificate is not to be believed, whatever the documents say.
    [[nodiscard]] const std::optional<Error>& pck_revocation() const { return pck_revocation_; }

private:
    /// Notes a document or list in the times of all. One of the future is none yet.
    Status note(std::time_t issued, std::time_t expires, const std::string& name) {
        if (issued > at_) return refused(name + ": it was issued on " + utc_text(issued) + ", after " + utc_text(at_));
        found_.earliest_issue = noted_ ? std::min(found_.earliest_issue, issued) : issued;
        found_.latest_issue = noted_ ? std::max(found_.latest_issue, issued) : issued;
        found_.earliest_expiration = noted_ ? std::min(found_.earliest_expiration, expires) : expires;
        noted_ = true;
        return {};
    }

    /// The newest list of an authority tells. One that is out of date is believed for as long as it was current.
    Result<std::optional<Error>> revocation(X509& certificate, X509& issuer) {
        const CollateralItem* newest = nullptr;
        std::time_t newest_issue = 0;
        std::time_t expires = 0;
        for (const auto& item : collateral_.crls) {
            const unsigned char* cursor = item.bytes.data();
            const Crl crl(d2i_X509_CRL(nullptr, &cursor, static_cast<long>(item.bytes.size())));
            ERR_clear_error();
            if (!crl) return bad_input(item.name + ": expected a revocation list in DER");
            if (X509_NAME_cmp(X509_CRL_get_issuer(crl.get()), X509_get_subject_name(&issuer)) != 0) continue;
            HALLMARK_TRY(const auto issued,
                         time_of(X509_CRL_get0_lastUpdate(crl.get()), item.name + ": time of issue"));
            if (newest != nullptr && issued <= newest_issue) continue;
            newest = &item;
            newest_issue = issued;
            HALLMARK_TRY(expires, time_of(X509_CRL_get0_nextUpdate(crl.get()), item.name + ": time of the next"));
        }
        if (newest == nullptr)
            return refused("collateral: no revocation list of '" + common_name(issuer) +
                           "'; add it in DER, its file named *.crl");
        HALLMARK_CHECK(note(newest_issue, expires, newest->name));
        const auto revoked = is_revoked(certificate, newest->bytes, issuer, std::min(at_, expires - 1));
        if (!revoked) return std::unexpected(revoked.error().at(newest->name));
        if (!*revoked) return std::nullopt;
        return Error{Fault::kNo, newest->name + ": certificate '" + common_name(certificate) + "' is revoked by '" +
                                     common_name(issuer) + "'"};
    }

    Status check_revocation(X509& certificate, X509& issuer) {
        HALLMARK_TRY(const auto revoked, revocation(certificate, issuer));
        if (revoked) return std::unexpected(*revoked);
        return {};
    }

    /// Whether the root itself signed it, as the certificate of something that is no authority, for signatures.
    bool is_signer(X509& certificate) const {
        const Store store(X509_STORE_new());
        const StoreContext context(X509_STORE_CTX_new());
        if (!store || !context || X509_STORE_add_cert(store.get(), chain_.root) != 1 ||
            X509_STORE_CTX_init(context.get(), store.get(), &certificate, nullptr) != 1)
            return false;
        X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
        X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_CHECK_SS_SIGNATURE);
        X509_VERIFY_PARAM_set_depth(parameters, 0);
        X509_VERIFY_PARAM_set_time(parameters, at_);
        const bool holds =
            X509_verify_cert(context.get()) == 1 && sk_X509_num(X509_STORE_CTX_get0_chain(context.get())) == 2 &&
            X509_check_ca(&certificate) == 0 && (X509_get_key_usage(&certificate) & X509v3_KU_DIGITAL_SIGNATURE) != 0;
        ERR_clear_error();
        return holds;
    }

    Status find_signers() {
        for (const auto& item : collateral_.certificates) {
            auto certificates = read_certificates(item.bytes, kMostCertificates);
            if (!certificates) return std::unexpected(certificates.error().at(item.name));
            for (auto& certificate : *certificates) {
                if (!is_signer(*certificate)) continue;
                HALLMARK_CHECK(check_certificate_algorithm(*certificate));
                HALLMARK_CHECK(check_revocation(*certificate, *chain_.root));
                signers_.push_back(std::move(certificate));
            }
        }
        if (!signers_.empty()) return {};
        return refused("collateral: no certificate of a TCB signing key that '" + common_name(*chain_.root) +
                       "' signed and that is valid on " + utc_text(at_) + "; add TCB-Info-Issuer-Chain in PEM");
    }

    /// "Signature calculated over tcbInfo body (without whitespaces)".
    Status check_signature(const Signed& document) const {
        const auto bytes = from_hex(document.signature);
        tdx::P256Pair pair{};
        if (!bytes || bytes->size() != pair.size() || to_hex(*bytes) != document.signature)
            return bad_input(document.name + ": signature: expected 64 bytes in lower-case hexadecimal");
        std::ranges::copy(*bytes, pair.begin());
        const std::string text = document.value.dump(-1, ' ', false, Json::error_handler_t::replace);
        for (const auto& signer : signers_) {
            EVP_PKEY* key = X509_get0_pubkey(signer.get());
            if (key != nullptr && verify_p256(*key, as_bytes(text), pair, document.name)) return {};
        }
        return refused(document.name + ": its signature does not hold under any TCB signing certificate of '" +
                       common_name(*chain_.root) + "' in the collateral");
    }

    /// Of several that are signed, the latest; one of the future counts as well, and is refused.
    Status find_tcb_info(const PckFacts& pck) {
        const std::string* name = nullptr;
        for (const auto& item : collateral_.tcb_infos) {
            HALLMARK_TRY(const Signed document, read_signed(item, "tcbInfo"));
            HALLMARK_TRY(TcbInfo info, parse_tcb_info(document.value, item.name + ": tcbInfo"));
            if (info.fmspc != pck.fmspc || info.pce_id != pck.pce_id) continue;
            HALLMARK_CHECK(check_signature(document));
            if (name != nullptr && !is_later(info, found_.tcb_info)) continue;
            found_.tcb_info = std::move(info);
            name = &item.name;
        }
        if (name == nullptr)
            return refused("collateral: no TCB info of FMSPC " + to_hex(pck.fmspc) + " and PCE-ID " +
                           to_hex(pck.pce_id) + "; fetch it with this FMSPC");
        return note(found_.tcb_info.issue_date, found_.tcb_info.next_update, *name);
    }

    Status find_qe_identity() {
        const std::string* name = nullptr;
        for (const auto& item : collateral_.qe_identities) {
            HALLMARK_TRY(const Signed document, read_signed(item, "enclaveIdentity"));
            HALLMARK_TRY(QeIdentity identity, parse_qe_identity(document.value, item.name + ": enclaveIdentity"));
            HALLMARK_CHECK(check_signature(document));
            if (name != nullptr && !is_later(identity, found_.qe_identity)) continue;
            found_.qe_identity = std::move(identity);
            name = &item.name;
        }
        if (name == nullptr) return refused("collateral: no identity of the TD quoting enclave (TD_QE)");
        return note(found_.qe_identity.issue_date, found_.qe_identity.next_update, *name);
    }

    const Collateral& collateral_;
    const TrustedChain& chain_;
    const std::time_t at_;
    std::vector<openssl::Certificate> signers_;
    PlatformCollateral found_;
    bool noted_ = false;
    std::optional<Error> pck_revocation_;
};

}  // namespace

Result<PlatformCollateral> verify_collateral(const Collateral& collateral, const TrustedChain& chain,
                                             const PckFacts& pck, std::time_t at) {
    Verifier verifier(collateral, chain, at);
    HALLMARK_TRY(auto found, verifier.verify(pck));
    if (verifier.pck_revocation()) return std::unexpected(*verifier.pck_revocation());
    return found;
}

Result<PlatformCollateral> verify_kind_collateral(const Collateral& collateral, const TrustedChain& chain,
                                                  const PckFacts& pck, std::time_t at) {
    return Verifier(collateral, chain, at).verify(pck);
}

}  // namespace hallmark::verifier
