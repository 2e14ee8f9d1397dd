// SPDX-License-Identifier: Apache-2.0
// A TDX platform made for one test run: root, CA, PCK and TCB signing key, quotes of it, and the collateral that its
// maker would publish. The documents are texts of this file, signed by OpenSSL as they stand.
#pragma once

#include <gtest/gtest.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "boot/simulated/tdx/p256.hpp"
#include "boot/simulated/tdx/pck.hpp"
#include "common/digest.hpp"
#include "common/formats/tdx_quote.hpp"
#include "common/hex.hpp"
#include "relying-party/verifier/tdx/collateral_files.hpp"

namespace hallmark::test {

constexpr std::time_t kJune2026 = 1'780'000'000;  // 2026-05-28T20:26:40Z
constexpr const char* kRootName = "SGX Root CA SIMULATED by hallmark-boot";

using Pair = boot::KeyAndCertificate;

inline std::string pem_of(X509& certificate) {
    const openssl::Owned<BIO, BIO_free_all> bio(BIO_new(BIO_s_mem()));
    EXPECT_EQ(PEM_write_bio_X509(bio.get(), &certificate), 1);
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

/// TCB info with two levels of the platform (15 and up: current; 13: `below`) and two of module version 1.
struct TcbInfoText {
    std::string fmspc = "000000514D00";
    std::string pce_id = "0000";
    std::string issued = "2026-05-20T00:00:00Z";
    std::string next = "2026-06-20T00:00:00Z";
    std::string top = "UpToDate";  ///< of the highest level, for SVN 2 and PCESVN 13
    std::string top_pce_svn = "13";
    std::string top_tdx = "5";        ///< SVN of the first TDX component there
    std::string below = "OutOfDate";  ///< of the level below, for SVN 1 and PCESVN 5
    std::string module = "UpToDate";  ///< of module version 1 from ISVSVN 4 on; below, from 2 on, it is out of date
    std::string mr_signer = std::string(96, '0');
    std::string number = "17";  ///< tcbEvaluationDataNumber

    [[nodiscard]] std::string json() const {
        const auto components = [](const std::string& first, const std::string& all) {
            std::string text = "[{\"svn\":" + first + ",\"category\":\"OS/VMM\",\"type\":\"TDX Module\"}";
            for (int i = 1; i < 16; ++i) text += ",{\"svn\":" + all + "}";
            return text + "]";
        };
        const auto level = [&](const std::string& sgx, const std::string& pce, const std::string& tdx,
                               const std::string& status, const std::string& advisory) {
            return "{\"tcb\":{\"sgxtcbcomponents\":" + components(sgx, sgx) + ",\"pcesvn\":" + pce +
                   ",\"tdxtcbcomponents\":" + components(tdx, "0") +
                   "},\"tcbDate\":\"2024-03-13T00:00:00Z\",\"tcbStatus\":\"" + status + "\"" + advisory + "}";
        };
        const std::string identity = "\"mrsigner\":\"" + mr_signer +
                                     "\",\"attributes\":\"0000000000000000\",\"attributesMask\":\"FFFFFFFFFFFFFFFF\"";
        return "{\"id\":\"TDX\",\"version\":3,\"issueDate\":\"" + issued + "\",\"nextUpdate\":\"" + next +
               "\",\"fmspc\":\"" + fmspc + "\",\"pceId\":\"" + pce_id +
               "\",\"tcbType\":0,\"tcbEvaluationDataNumber\":" + number + ",\"tdxModule\":{" + identity +
               "},\"tdxModuleIdentities\":[{\"id\":\"TDX_01\"," + identity +
               ",\"tcbLevels\":[{\"tcb\":{\"isvsvn\":4},\"tcbDate\":\"2024-03-13T00:00:00Z\",\"tcbStatus\":\"" +
               module +
               "\"},{\"tcb\":{\"isvsvn\":2},\"tcbDate\":\"2023-08-09T00:00:00Z\",\"tcbStatus\":\"OutOfDate\","
               "\"advisoryIDs\":[\"INTEL-SA-00002\"]}]}],\"tcbLevels\":[" +
               level("2", top_pce_svn, top_tdx, top, "") + "," +
               level("1", "5", "3", below, ",\"advisoryIDs\":[\"INTEL-SA-00003\",\"INTEL-SA-00001\"]") + "]}";
    }
};

struct QeIdentityText {
    std::string issued = "2026-05-21T00:00:00Z";
    std::string next = "2026-06-21T00:00:00Z";
    std::string mr_signer = std::string(64, 'A');
    std::string product = "2";
    std::string misc_select = "00000000";
    std::string attributes = "11000000000000000000000000000000";
    std::string mask = "FBFFFFFFFFFFFFFF0000000000000000";
    std::string status = "UpToDate";  ///< from ISVSVN 4 on; below, from 3 on, it is out of date
    std::string number = "17";        ///< tcbEvaluationDataNumber

    [[nodiscard]] std::string json() const {
        return "{\"id\":\"TD_QE\",\"version\":2,\"issueDate\":\"" + issued + "\",\"nextUpdate\":\"" + next +
               "\",\"tcbEvaluationDataNumber\":" + number + ",\"miscselect\":\"" + misc_select +
               "\",\"miscselectMask\":\"FFFFFFFF\",\"attributes\":\"" + attributes + "\",\"attributesMask\":\"" + mask +
               "\",\"mrsigner\":\"" + mr_signer + "\",\"isvprodid\":" + product +
               ",\"tcbLevels\":[{\"tcb\":{\"isvsvn\":4},\"tcbDate\":\"2024-03-13T00:00:00Z\",\"tcbStatus\":\"" +
               status +
               "\"},{\"tcb\":{\"isvsvn\":3},\"tcbDate\":\"2023-03-13T00:00:00Z\",\"tcbStatus\":\"OutOfDate\","
               "\"advisoryIDs\":[\"INTEL-SA-00002\"]}]}";
    }
};

constexpr std::array<std::uint8_t, 64> filled_report_data() {
    std::array<std::uint8_t, 64> data{};
    data.fill(0x44);
    return data;
}

/// What a quote says of its platform.
struct QuoteText {
    std::uint16_t version = 5;
    tdx::BodyType type = tdx::BodyType::kTd10;
    std::vector<std::uint8_t> svn = {5, 0, 2};  ///< TEE_TCB_SVN, zeros behind it
    std::vector<std::uint8_t> svn2 = {5, 0, 2};
    std::uint16_t qe_svn = 4;
    std::uint8_t qe_attributes = 0x15;
    std::array<tdx::Measurement, 4> rtmr{};
    std::array<std::uint8_t, 64> report_data = filled_report_data();
    bool with_root = true;
};

class TestPlatform {
public:
    TestPlatform() {
        root_ = boot::make_tdx_root().value();
        ca_ = boot::make_platform_ca(root_).value();
        pck_ = boot::make_pck(ca_, {}).value();
        signer_ = certify("SGX TCB Signing of a test", 0x20003);
        attestation_ = boot::make_p256().value();
    }

    [[nodiscard]] Bytes root() const { return boot::x509::to_der(*root_.certificate).value(); }
    [[nodiscard]] X509& pck() const { return *pck_.certificate; }
    [[nodiscard]] const Pair& root_pair() const { return root_; }
    [[nodiscard]] const Pair& ca_pair() const { return ca_; }

    /// A certificate of a key that signs, by the root.
    [[nodiscard]] Pair certify(const char* name, long serial) const {
        Pair made;
        made.key = boot::make_p256().value();
        made.certificate = boot::x509::start({name, serial, "20330101000000Z"}, {kRootName, 0, ""}, *made.key).value();
        EXPECT_TRUE(boot::x509::add_signer_extensions(*made.certificate));
        EXPECT_GT(X509_sign(made.certificate.get(), root_.key.get(), EVP_sha256()), 0);
        return made;
    }

    [[nodiscard]] Bytes quote(const QuoteText& text = {}) const {
        std::array<std::uint8_t, 32> authentication{};
        std::iota(authentication.begin(), authentication.end(), std::uint8_t{0});
        tdx::Quote quote;
        quote.header.version = text.version;
        quote.header.attestation_key_type = tdx::kEcdsaP256Sha256;
        quote.header.tee_type = tdx::kTeeTypeTdx;
        quote.header.vendor_id = tdx::kIntelVendorId;
        quote.body_type = text.type;
        std::ranges::copy(text.svn, quote.body.tee_tcb_svn.begin());
        std::ranges::copy(text.svn2, quote.extension.tee_tcb_svn2.begin());
        quote.body.rtmr = text.rtmr;
        quote.body.report_data = text.report_data;
        quote.attestation_key = boot::public_point(*attestation_).value();
        quote.signature = boot::sign_p256(*attestation_, tdx::encode_signed_part(quote)).value();
        quote.qe_report.attributes[0] = text.qe_attributes;
        quote.qe_report.mr_signer.fill(0xaa);
        quote.qe_report.isv_prod_id = 2U;
        quote.qe_report.isv_svn = text.qe_svn;
        Bytes bound(quote.attestation_key.size() + authentication.size());
        std::ranges::copy(quote.attestation_key, bound.begin());
        std::ranges::copy(authentication, bound.begin() + static_cast<std::ptrdiff_t>(quote.attestation_key.size()));
        std::ranges::copy(sha256(bound), quote.qe_report.report_data.begin());
        quote.qe_signature = boot::sign_p256(*pck_.key, as_bytes(quote.qe_report)).value();
        quote.authentication_data = authentication;
        const std::string chain = pem_of(*pck_.certificate) + pem_of(*ca_.certificate) +
                                  (text.with_root ? pem_of(*root_.certificate) : std::string());
        quote.certification = as_bytes(std::string_view(chain));
        return tdx::encode_quote(quote);
    }

    /// {"NAME": document, "signature": …}, as the service answers.
    [[nodiscard]] std::string signed_document(std::string_view name, const std::string& document) const {
        return signed_by(signer_, name, document);
    }
    static std::string signed_by(const Pair& signer, std::string_view name, const std::string& document) {
        const auto signature = boot::sign_p256(*signer.key, as_bytes(std::string_view(document))).value();
        return "{\"" + std::string(name) + "\":" + document + ",\"signature\":\"" + to_hex(signature) + "\"}";
    }

    /// A revocation list of the CA or the root, in DER.
    static Bytes crl(const Pair& issuer, const std::vector<long>& serials, std::time_t next = kJune2026 + 86400,
                     std::time_t issued = kJune2026 - 86400) {
        const openssl::Owned<X509_CRL, X509_CRL_free> list(X509_CRL_new());
        X509_CRL_set_version(list.get(), 1);
        X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(issuer.certificate.get()));
        const openssl::Owned<ASN1_TIME, ASN1_TIME_free> from(ASN1_TIME_set(nullptr, issued));
        const openssl::Owned<ASN1_TIME, ASN1_TIME_free> to(ASN1_TIME_set(nullptr, next));
        X509_CRL_set1_lastUpdate(list.get(), from.get());
        X509_CRL_set1_nextUpdate(list.get(), to.get());
        for (const long serial : serials) {
            X509_REVOKED* entry = X509_REVOKED_new();
            const openssl::Owned<ASN1_INTEGER, ASN1_INTEGER_free> number(ASN1_INTEGER_new());
            ASN1_INTEGER_set(number.get(), serial);
            X509_REVOKED_set_serialNumber(entry, number.get());
            X509_REVOKED_set_revocationDate(entry, from.get());
            X509_CRL_add0_revoked(list.get(), entry);
        }
        EXPECT_GT(X509_CRL_sign(list.get(), issuer.key.get(), EVP_sha256()), 0);
        unsigned char* encoded = nullptr;
        const int size = i2d_X509_CRL(list.get(), &encoded);
        EXPECT_GT(size, 0);
        Bytes der(encoded, encoded + size);
        OPENSSL_free(encoded);
        return der;
    }

    [[nodiscard]] verifier::Collateral collateral(const TcbInfoText& info = {}, const QeIdentityText& qe = {}) const {
        verifier::Collateral made;
        const auto item = [](std::string name, std::string_view text) {
            return verifier::CollateralItem{std::move(name), Bytes(text.begin(), text.end())};
        };
        made.tcb_infos.push_back(item("tcb.json", signed_document("tcbInfo", info.json())));
        made.qe_identities.push_back(item("qe.json", signed_document("enclaveIdentity", qe.json())));
        made.certificates.push_back(item("chain.pem", pem_of(*signer_.certificate) + pem_of(*root_.certificate)));
        made.crls.push_back({"root.crl", crl(root_, {})});
        made.crls.push_back({"pck.crl", crl(ca_, {})});
        return made;
    }

private:
    Pair root_;
    Pair ca_;
    Pair pck_;
    Pair signer_;
    openssl::Key attestation_;
};

inline const TestPlatform& platform() {
    static const TestPlatform instance;
    return instance;
}

}  // namespace hallmark::test
