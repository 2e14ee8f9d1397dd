// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/tdx/collateral.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "common/file.hpp"
#include "common/formats/tdx_quote.hpp"
#include "common/hex.hpp"
#include "common/json.hpp"
#include "relying-party/verifier/tdx/p256.hpp"
#include "relying-party/verifier/tdx/quote.hpp"
#include "relying-party/verifier/tdx/roots.hpp"
#include "relying-party/verifier/tdx/tcb_level.hpp"
#include "relying-party/verifier/tdx/verify.hpp"
#include "relying-party/verifier/x509/certificates.hpp"
#include "relying-party/verifier/x509/pin.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temporary.hpp"
#include "tests/support/vectors.hpp"
#include "tests/unit/relying-party/verifier/tdx/platform.hpp"

namespace hallmark::verifier {
namespace {

using test::platform;
using test::TestPlatform;

// Intel SGX TCB Signing, as the header TCB-Info-Issuer-Chain of Intel's service had it in 2025; it is valid until 2032.
constexpr std::string_view kIntelTcbSigning =
    "-----BEGIN CERTIFICATE-----\n"
    "MIICjTCCAjKgAwIBAgIUfjiC1ftVKUpASY5FhAPpFJG99FUwCgYIKoZIzj0EAwIw\n"
    "aDEaMBgGA1UEAwwRSW50ZWwgU0dYIFJvb3QgQ0ExGjAYBgNVBAoMEUludGVsIENv\n"
    "cnBvcmF0aW9uMRQwEgYDVQQHDAtTYW50YSBDbGFyYTELMAkGA1UECAwCQ0ExCzAJ\n"
    "BgNVBAYTAlVTMB4XDTI1MDUwNjA5MjUwMFoXDTMyMDUwNjA5MjUwMFowbDEeMBwG\n"
    "A1UEAwwVSW50ZWwgU0dYIFRDQiBTaWduaW5nMRowGAYDVQQKDBFJbnRlbCBDb3Jw\n"
    "b3JhdGlvbjEUMBIGA1UEBwwLU2FudGEgQ2xhcmExCzAJBgNVBAgMAkNBMQswCQYD\n"
    "VQQGEwJVUzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABENFG8xzydWRfK92bmGv\n"
    "P+mAh91PEyV7Jh6FGJd5ndE9aBH7R3E4A7ubrlh/zN3C4xvpoouGlirMba+W2lju\n"
    "ypajgbUwgbIwHwYDVR0jBBgwFoAUImUM1lqdNInzg7SVUr9QGzknBqwwUgYDVR0f\n"
    "BEswSTBHoEWgQ4ZBaHR0cHM6Ly9jZXJ0aWZpY2F0ZXMudHJ1c3RlZHNlcnZpY2Vz\n"
    "LmludGVsLmNvbS9JbnRlbFNHWFJvb3RDQS5kZXIwHQYDVR0OBBYEFH44gtX7VSlK\n"
    "QEmORYQD6RSRvfRVMA4GA1UdDwEB/wQEAwIGwDAMBgNVHRMBAf8EAjAAMAoGCCqG\n"
    "SM49BAMCA0kAMEYCIQDdmmRuAo3qCO8TC1IoJMITAoOEw4dlgEBHzSz1TuMSTAIh\n"
    "AKVTqOkt59+co0O3m3hC+v5Fb00FjYWcgeu3EijOULo5\n"
    "-----END CERTIFICATE-----\n";

Result<Verified> verify(const Collateral& collateral) {
    TdxTrust trust;
    trust.simulated_roots = {platform().root()};
    trust.collateral = &collateral;
    trust.at = test::kJune2026;
    return verify_tdx({platform().quote(), {}}, trust);
}

Bytes bytes(std::string_view text) { return {text.begin(), text.end()}; }

TEST(Collateral, HoldsAsItsMakerSignedIt) {
    const auto verified = verify(platform().collateral());
    ASSERT_TRUE(verified) << verified.error().message;
    EXPECT_EQ(verified->claims["tcb_status"], "UpToDate");
    EXPECT_EQ(verified->claims["tcb_date"], "2024-03-13T00:00:00Z");
    EXPECT_EQ(verified->claims["tcb_eval_num"], 17);
    EXPECT_EQ(verified->claims["latest_issue_date"], "2026-05-27T20:26:40Z");
    EXPECT_EQ(verified->claims["earliest_issue_date"], "2026-05-20T00:00:00Z");
    EXPECT_EQ(verified->claims["earliest_expiration_date"], "2026-05-29T20:26:40Z");
}

TEST(Collateral, NoBitOfADocumentCanBeChanged) {
    const auto whole = platform().collateral();
    for (const bool info : {true, false}) {
        const Bytes original = (info ? whole.tcb_infos : whole.qe_identities)[0].bytes;
        for (std::size_t i = 0; i < original.size(); ++i) {
            auto changed = whole;
            auto& item = (info ? changed.tcb_infos : changed.qe_identities)[0];
            item.bytes[i] = static_cast<std::uint8_t>(item.bytes[i] ^ 1U << i % 8);
            ASSERT_FALSE(verify(changed)) << item.name << " byte " << i;
        }
    }
}

TEST(Collateral, NoBitOfAListOrOfTheSignersCertificateCanBeChanged) {
    const auto whole = platform().collateral();
    for (const std::size_t list : {0U, 1U}) {
        for (std::size_t i = 0; i < whole.crls[list].bytes.size(); ++i) {
            auto changed = whole;
            changed.crls[list].bytes[i] = static_cast<std::uint8_t>(changed.crls[list].bytes[i] ^ 1U << i % 8);
            ASSERT_FALSE(verify(changed)) << changed.crls[list].name << " byte " << i;
        }
    }
}

TEST(Collateral, IsWholeOrIsNone) {
    auto lacking = platform().collateral();
    lacking.tcb_infos.clear();
    test::expect_error(verify(lacking), {"no TCB info of FMSPC 000000514d00"}, Fault::kNo);
    lacking = platform().collateral();
    lacking.qe_identities.clear();
    test::expect_error(verify(lacking), {"no identity of the TD quoting enclave"}, Fault::kNo);
    lacking = platform().collateral();
    lacking.certificates.clear();
    test::expect_error(verify(lacking), {"TCB signing key"}, Fault::kNo);
    lacking = platform().collateral();
    lacking.crls.pop_back();
    test::expect_error(verify(lacking), {"no revocation list of 'SGX PCK Platform CA"}, Fault::kNo);
    lacking = platform().collateral();
    lacking.crls.erase(lacking.crls.begin());
    test::expect_error(verify(lacking), {"no revocation list of 'SGX Root CA"}, Fault::kNo);
}

TEST(Collateral, NobodyElseSignsIt) {
    const TestPlatform other;
    // Another maker's, whole.
    test::expect_error(verify(other.collateral()), {""}, Fault::kNo);
    // A platform's own CA or PCK is no TCB signing key.
    auto collateral = platform().collateral();
    collateral.tcb_infos[0].bytes =
        bytes(TestPlatform::signed_by(platform().ca_pair(), "tcbInfo", test::TcbInfoText{}.json()));
    collateral.certificates.push_back({"ca.pem", bytes(test::pem_of(*platform().ca_pair().certificate))});
    test::expect_error(verify(collateral), {"tcb.json", "does not hold"}, Fault::kNo);
    collateral = platform().collateral();
    collateral.tcb_infos[0].bytes =
        bytes(TestPlatform::signed_by(platform().root_pair(), "tcbInfo", test::TcbInfoText{}.json()));
    test::expect_error(verify(collateral), {"tcb.json", "does not hold"}, Fault::kNo);
}

TEST(Collateral, WhoIsRevokedSignsNothing) {
    struct Revoked {
        const char* who;
        std::size_t list;
        long serial;
    };
    for (const auto& [who, list, serial] : {Revoked{"PCK Platform CA", 0, 0x20001}, Revoked{"TCB Signing", 0, 0x20003},
                                            Revoked{"PCK Certificate", 1, 0x20002}}) {
        auto collateral = platform().collateral();
        const auto& issuer = list == 0 ? platform().root_pair() : platform().ca_pair();
        collateral.crls[list].bytes = TestPlatform::crl(issuer, {7, serial});
        test::expect_error(verify(collateral), {who, "revoked"}, Fault::kNo);
    }
}

TEST(Collateral, TheNewestOfSeveralCounts) {
    auto collateral = platform().collateral();
    const auto older = test::TcbInfoText{.issued = "2026-05-01T00:00:00Z", .top = "OutOfDate"};
    collateral.tcb_infos.insert(collateral.tcb_infos.begin(),
                                {"older.json", bytes(platform().signed_document("tcbInfo", older.json()))});
    EXPECT_EQ(verify(collateral).value().claims["tcb_status"], "UpToDate");
    const auto newer = test::TcbInfoText{.issued = "2026-05-28T00:00:00Z", .top = "OutOfDate"};
    collateral.tcb_infos.push_back({"newer.json", bytes(platform().signed_document("tcbInfo", newer.json()))});
    EXPECT_EQ(verify(collateral).value().claims["tcb_status"], "OutOfDate");
    // A later evaluation goes before an earlier one that was signed anew.
    const auto later = test::TcbInfoText{.issued = "2026-04-01T00:00:00Z", .top = "Revoked", .number = "18"};
    collateral.tcb_infos.insert(collateral.tcb_infos.begin(),
                                {"later.json", bytes(platform().signed_document("tcbInfo", later.json()))});
    EXPECT_EQ(verify(collateral).value().claims["tcb_status"], "Revoked");
    const auto identity = test::QeIdentityText{.issued = "2026-04-01T00:00:00Z", .status = "OutOfDate", .number = "18"};
    collateral = platform().collateral();
    collateral.qe_identities.push_back(
        {"qe2.json", bytes(platform().signed_document("enclaveIdentity", identity.json()))});
    const auto verified = verify(collateral);
    EXPECT_EQ(verified.value().claims["tcb_status"], "OutOfDate");
    // The lower of the two, as Intel's library has it (sgx_ql_qv_supplemental_t, tcb_eval_ref_num).
    EXPECT_EQ(verified.value().claims["tcb_eval_num"], 17);
    EXPECT_EQ(verify(platform().collateral({}, {.number = "16"})).value().claims["tcb_eval_num"], 16);
    // The list that revokes is newer than the one that doesn't, whichever comes first.
    collateral = platform().collateral();
    collateral.crls.insert(collateral.crls.begin(),
                           {"newer.crl", TestPlatform::crl(platform().ca_pair(), {0x20002}, test::kJune2026 + 1000,
                                                           test::kJune2026 - 1000)});
    test::expect_error(verify(collateral), {"newer.crl", "revoked"}, Fault::kNo);
}

TEST(CollateralFiles, AreToldByTheirContent) {
    const auto whole = platform().collateral();
    const test::TemporaryFolder folder;
    const auto write = [&](const char* name, ByteSpan content) {
        ASSERT_TRUE(write_file(folder.path() / name, content));
    };
    write("a.json", whole.tcb_infos[0].bytes);
    write("b.json", whole.qe_identities[0].bytes);
    write("c.pem", whole.certificates[0].bytes);
    write("d.crl", whole.crls[0].bytes);
    write("e.der", whole.crls[1].bytes);
    write("f.txt", bytes("not collateral"));
    write("sgx.json", bytes(R"({"tcbInfo":{"id":"SGX"},"signature":"00"})"));
    const auto collateral = read_collateral(folder.path());
    ASSERT_TRUE(collateral) << collateral.error().message;
    EXPECT_EQ(collateral->tcb_infos.size(), 1U);
    EXPECT_EQ(collateral->qe_identities.size(), 1U);
    EXPECT_EQ(collateral->certificates.size(), 1U);
    EXPECT_EQ(collateral->crls.size(), 2U);
    EXPECT_TRUE(verify(*collateral));
    write("g.json", bytes("{\"tcbInfo\":{\"id\":\"TDX\"}}"));
    test::expect_error(read_collateral(folder.path()), {"g.json", "signature", "missing"});
    test::expect_error(read_collateral(folder.path() / "none"), {"none"});
}

// Samples of Intel's service.
TEST(CollateralFiles, IntelsOwnAreRead) {
    HALLMARK_VECTOR(info, "intel-tdx/tcbInfo.json");
    HALLMARK_VECTOR(identity, "intel-tdx/enclaveIdentity.json");
    const Json tcb = read_json(info, kLargestCollateral).value();
    const auto parsed = parse_tcb_info(tcb["tcbInfo"], "tcbInfo.json");
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->fmspc, (std::array<std::uint8_t, 6>{0x00, 0xa0, 0x6d, 0x08, 0, 0}));
    EXPECT_EQ(parsed->issue_date, 1'761'570'437);   // date -d 2025-10-27T13:07:17Z +%s
    EXPECT_EQ(parsed->next_update, 1'764'162'437);  // date -d 2025-11-26T13:07:17Z +%s
    ASSERT_EQ(parsed->levels.size(), 2U);
    EXPECT_EQ(parsed->levels[0].pce_svn, 13U);
    EXPECT_EQ(parsed->levels[0].sgx, (Svns{2, 2, 2, 2, 4, 1, 0, 2}));
    EXPECT_EQ(parsed->levels[0].tdx, (Svns{5, 0, 2}));
    EXPECT_EQ(name_of(parsed->levels[1].level.status), "OutOfDate");
    ASSERT_EQ(parsed->module_identities.size(), 2U);
    EXPECT_EQ(parsed->module_identities[1].id, "TDX_01");
    EXPECT_EQ(parsed->module_identities[1].levels[0].isv_svn, 4U);
    const Json qe = read_json(identity, kLargestCollateral).value();
    const auto enclave = parse_qe_identity(qe["enclaveIdentity"], "enclaveIdentity.json");
    ASSERT_TRUE(enclave) << enclave.error().message;
    EXPECT_EQ(enclave->mr_signer, intel_td_qe().mr_signer);
    EXPECT_EQ(enclave->isv_prod_id, intel_td_qe().isv_prod_id);
    EXPECT_EQ(enclave->levels[0].isv_svn, 4U);
    EXPECT_EQ(enclave->attributes_mask[0], 0xfbU);
    // What was signed is what is written again.
    const Bytes text = read_file(info, kLargestCollateral).value();
    EXPECT_NE(std::string(text.begin(), text.end()).find(tcb["tcbInfo"].dump()), std::string::npos);
}

TEST(CollateralFiles, IntelsOwnAreSigned) {
    HALLMARK_VECTOR(info, "intel-tdx/tcbInfo.json");
    HALLMARK_VECTOR(identity, "intel-tdx/enclaveIdentity.json");
    HALLMARK_VECTOR(quote, "intel-tdx/quote_v4.dat");
    const Bytes quote_bytes = read_file(quote, tdx::kLargestQuote).value();
    const QuoteChain chain = read_quote_chain(tdx::parse_quote(quote_bytes).value()).value();
    ASSERT_EQ(spki_digest(*chain.root).value(), kIntelSgxRootSpki);
    const auto signers = read_certificates(as_bytes(kIntelTcbSigning), 1).value();
    ASSERT_EQ(X509_verify(signers[0].get(), X509_get0_pubkey(chain.root.get())), 1);
    EVP_PKEY& key = *X509_get0_pubkey(signers[0].get());
    for (const auto& [path, name] : {std::pair(info, "tcbInfo"), std::pair(identity, "enclaveIdentity")}) {
        const Json document = read_json(path, kLargestCollateral).value();
        tdx::P256Pair signature{};
        std::ranges::copy(from_hex(document["signature"].get<std::string>()).value(), signature.begin());
        std::string text = document[name].dump();
        EXPECT_TRUE(verify_p256(key, as_bytes(text), signature, name));
        text[text.size() / 2] ^= 1;
        EXPECT_FALSE(verify_p256(key, as_bytes(text), signature, name));
    }
}

// The real quotes are of other platforms than the samples, but of Intel's one quoting enclave.
TEST(CollateralFiles, IntelsOwnDescribeTheRealQuotingEnclaves) {
    HALLMARK_VECTOR(path, "intel-tdx/enclaveIdentity.json");
    HALLMARK_VECTOR(info_path, "intel-tdx/tcbInfo.json");
    const auto identity =
        parse_qe_identity(read_json(path, kLargestCollateral).value()["enclaveIdentity"], "identity").value();
    const auto info = parse_tcb_info(read_json(info_path, kLargestCollateral).value()["tcbInfo"], "tcbInfo").value();
    for (const auto& [name, isv_svn] :
         {std::pair("intel-tdx/quote_v4.dat", 4), std::pair("intel-tdx/quote_v5.dat", 7)}) {
        HALLMARK_VECTOR(quote_path, name);
        const Bytes bytes = read_file(quote_path, tdx::kLargestQuote).value();
        const auto quote = tdx::parse_quote(bytes).value();
        const auto holds = check_qe(quote.qe_report, identity);
        EXPECT_TRUE(holds) << holds.error().message;
        const std::uint16_t found = quote.qe_report.isv_svn;
        EXPECT_EQ(found, isv_svn);
        EXPECT_EQ(name_of(qe_level(found, identity).value().status), "UpToDate");
        const PckFacts pck = read_pck(*read_quote_chain(quote).value().pck).value();
        test::expect_error(tcb_standing(quote, pck, info, identity), {"it is of FMSPC 00a06d080000"}, Fault::kNo);
    }
}

TEST(CollateralFiles, OthersAreRefused) {
    const std::string good = test::TcbInfoText{}.json();
    const auto with = [&](std::string_view from, std::string_view to) {
        std::string text = good;
        const auto at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        text.replace(at, from.size(), to);
        return parse_tcb_info(parse_json(text, "tcb").value(), "tcb");
    };
    EXPECT_TRUE(with("\"OS/VMM\"", "\"BIOS\""));
    test::expect_error(with("\"id\":\"TDX\"", "\"id\":\"SGX\""), {"tcb: id", "expected TDX"});
    test::expect_error(with("\"version\":3", "\"version\":2"), {"tcb: version", "expected 3"});
    test::expect_error(with("\"tcbType\":0", "\"tcbType\":1"), {"tcb: tcbType"});
    test::expect_error(with("000000514D00", "000000514D"), {"tcb: fmspc", "6 bytes"});
    test::expect_error(with("2026-05-20T00:00:00Z", "2026-05-20 00:00:00Z"), {"tcb: issueDate"});
    test::expect_error(with("2026-05-20T00:00:00Z", "2026-13-20T00:00:00Z"), {"tcb: issueDate"});
    test::expect_error(with("\"svn\":2", "\"svn\":256"), {"sgxtcbcomponents[0].svn", "at most 255"});
    test::expect_error(with(",{\"svn\":2}", ""), {"sgxtcbcomponents", "expected 16"});
    test::expect_error(with("\"tcbStatus\":\"OutOfDate\"", "\"tcbStatus\":\"Fine\""), {"tcbStatus", "Fine"});
    test::expect_error(with("\"INTEL-SA-00002\"", "2"), {"advisoryIDs"});
    test::expect_error(with("\"tdxModule\":", "\"module\":"), {"tdxModule", "missing"});
}

}  // namespace
}  // namespace hallmark::verifier
