// SPDX-License-Identifier: Apache-2.0
// Real evidence of a Milan and a Genoa under AMD's roots; a Turin and a VLEK under a root of the test.
#include "relying-party/verifier/snp/verify.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "relying-party/verifier/snp/roots.hpp"
#include "tests/unit/relying-party/verifier/snp/cases.hpp"
#include "tests/unit/relying-party/verifier/snp/leaf.hpp"

namespace hallmark::verifier {
namespace {

using enum snp::CertificateKind;

SnpTrust trust_in(const std::string& line) {
    SnpTrust trust;
    trust.at = kIn2026;
    trust.parsed = std::make_shared<ParsedCertificates>();
    trust.verified = std::make_shared<VerifiedPaths>();
    EXPECT_TRUE(add_endorsements(trust, test::vectors() / "roots" / (line + "_ask_ark_asvk.pem")));
    return trust;
}

#define REAL_GENOA(json, evidence)                                             \
    HALLMARK_VECTOR(path_##json, "confidential-containers/snp-evidence.json"); \
    const Json json = read_json(path_##json, 1 << 20).value();                 \
    snp::Evidence evidence = snp::parse_evidence_json(json).value()

std::string hex_of(const Json& list) {
    Bytes bytes;
    for (const auto& value : list) bytes.push_back(value.get<std::uint8_t>());
    return to_hex(bytes);
}

TEST(RealGenoa, IsVerifiedAndSaysWhatItsEvidenceSays) {
    REAL_GENOA(json, evidence);
    const auto verified = verify_snp(evidence, trust_in("genoa"));
    ASSERT_TRUE(verified) << verified.error().message;
    const Json& claims = verified->claims;
    const Json& report = json["attestation_report"];
    EXPECT_EQ(verified->tee, Tee::kSnp);
    EXPECT_FALSE(verified->simulated);
    EXPECT_EQ(to_hex(verified->report_data), hex_of(report["report_data"]));
    EXPECT_EQ(to_hex(verified->init_data), hex_of(report["host_data"]));
    for (const auto& [claim, field] : {std::pair{"measurement", "measurement"},
                                       {"report_data", "report_data"},
                                       {"init_data", "host_data"},
                                       {"host_data", "host_data"},
                                       {"chip_id", "chip_id"},
                                       {"hardware_id", "chip_id"},
                                       {"id_key_digest", "id_key_digest"},
                                       {"author_key_digest", "author_key_digest"},
                                       {"report_id", "report_id"},
                                       {"report_id_ma", "report_id_ma"},
                                       {"family_id", "family_id"},
                                       {"image_id", "image_id"}})
        EXPECT_EQ(claims.at(claim), hex_of(report[field])) << claim;
    for (const char* which : {"reported_tcb", "current_tcb", "committed_tcb", "launch_tcb"})
        for (const char* part : {"bootloader", "tee", "snp", "microcode"})
            EXPECT_EQ(claims.at(std::string(which) + "_" + part), report[which][part]) << which << part;
    EXPECT_EQ(claims.at("report_version"), 3U);
    EXPECT_EQ(claims.at("vmpl"), 0U);
    EXPECT_EQ(claims.at("guest_svn"), 0U);
    EXPECT_EQ(claims.at("policy"), 196608U);
    EXPECT_EQ(claims.at("policy_abi_major"), 0U);
    EXPECT_EQ(claims.at("policy_smt_allowed"), true);
    EXPECT_EQ(claims.at("policy_debug_allowed"), false);
    EXPECT_EQ(claims.at("policy_migrate_ma"), false);
    EXPECT_EQ(claims.at("policy_single_socket"), false);
    EXPECT_EQ(claims.at("platform_info"), 37U);  // SMT, ECC, alias check
    EXPECT_EQ(claims.at("platform_smt_enabled"), true);
    EXPECT_EQ(claims.at("platform_tsme_enabled"), false);
    EXPECT_EQ(claims.at("platform_ecc_enabled"), true);
    EXPECT_EQ(claims.at("platform_alias_check_complete"), true);
    EXPECT_EQ(claims.at("current_firmware"), "1.55.40");
    EXPECT_EQ(claims.at("cpuid_model"), 160U);
    EXPECT_EQ(claims.at("product"), "Genoa");
    EXPECT_EQ(claims.at("signing_key"), "vcek");
    EXPECT_EQ(claims.at("chip_id_masked"), false);
    EXPECT_EQ(claims.at("revocation_checked"), false);
    EXPECT_FALSE(claims.contains("reported_tcb_fmc"));
    EXPECT_FALSE(claims.contains("launch_mitigation_vector"));
}

TEST(RealGenoa, NoFlippedBitPasses) {
    REAL_GENOA(json, evidence);
    const SnpTrust trust = trust_in("genoa");
    ASSERT_TRUE(verify_snp(evidence, trust));  // from now on its certificates are known
    for (std::size_t at = 0; at < snp::kSignedSize + 144; ++at) {
        const auto bit = static_cast<std::uint8_t>(1U << at % 8);
        evidence.report[at] ^= bit;
        EXPECT_FALSE(verify_snp(evidence, trust)) << hex_number(at);
        evidence.report[at] ^= bit;
    }
    Bytes& vcek = evidence.certificates[0].data;
    for (std::size_t at = 0; at < vcek.size(); ++at) {
        vcek[at] ^= 1;
        EXPECT_FALSE(verify_snp(evidence, trust)) << "VCEK " << at;
        vcek[at] ^= 1;
    }
    EXPECT_TRUE(verify_snp(evidence, trust));
}

TEST(RealGenoa, OutsideItsCertificatesTimeIsRefused) {
    REAL_GENOA(json, evidence);
    SnpTrust trust = trust_in("genoa");
    trust.at = kIn2035;
    expect_refused(verify_snp(evidence, trust), "certificate has expired");
    trust.at = 1'700'000'000;  // 2023; the VCEK is of 2025
    expect_refused(verify_snp(evidence, trust), "not yet valid");
}

TEST(RealGenoa, NeedsAmdsAuthorities) {
    REAL_GENOA(json, evidence);
    SnpTrust none;
    none.at = kIn2026;
    expect_refused(verify_snp(evidence, none), "the ASK that signed 'SEV-VCEK' is missing");
    expect_refused(verify_snp(evidence, trust_in("milan")), "the ASK that signed 'SEV-VCEK' is missing");
    evidence.certificates.push_back({kAsk, {}, authorities_of("genoa").at(0)});
    expect_refused(verify_snp(evidence, none), "the root above 'SEV-Genoa' is missing");
    evidence.certificates.push_back({kArk, {}, pem_of(authorities_of("genoa").at(1))});
    EXPECT_TRUE(verify_snp(evidence, none));
    none.roots.amd = false;
    expect_refused(verify_snp(evidence, none), "signed by another chain");
    none.roots.simulated = {simulated_chain().ark()};
    expect_refused(verify_snp(evidence, none), "signed by another chain");
}

TEST(RealMilan, IsVerifiedWithCertificatesOfAFolder) {
    REAL_MILAN(real);
    const test::TemporaryFolder folder;
    ASSERT_TRUE(write_file(folder.path() / "vcek.der", real.vcek));
    ASSERT_TRUE(write_file(folder.path() / "ask.pem", pem_of(real.ask)));
    ASSERT_TRUE(write_file(folder.path() / "ark.der", real.ark));
    SnpTrust trust;
    trust.at = kIn2026;
    ASSERT_TRUE(add_endorsements(trust, folder.path()));
    const auto verified = verify_snp({.report = real.report, .certificates = {}}, trust);
    ASSERT_TRUE(verified) << verified.error().message;
    EXPECT_EQ(verified->claims.at("report_version"), 2U);
    EXPECT_EQ(verified->claims.at("reported_tcb_bootloader"), 3U);
    EXPECT_EQ(verified->claims.at("reported_tcb_snp"), 8U);
    EXPECT_EQ(verified->claims.at("reported_tcb_microcode"), 0x73U);
    EXPECT_EQ(verified->claims.at("product_name"), "Milan-B0");
    EXPECT_FALSE(verified->claims.contains("cpuid_family"));
    EXPECT_FALSE(verified->simulated);
    trust.certificates.erase(trust.certificates.begin() + 2);  // vcek.der, the last by name
    expect_refused(verify_snp({.report = real.report, .certificates = {}}, trust), "without the VCEK");
}

TEST(RealMilan, IsNoSimulatedOneWhereItsRootIsNamedAsSuch) {
    REAL_MILAN(real);
    SnpTrust trust;
    trust.at = kIn2026;
    trust.roots = {.amd = false, .simulated = {real.root}};
    const auto verified = verify_snp(real.evidence(), trust);
    ASSERT_TRUE(verified) << verified.error().message;
    EXPECT_FALSE(verified->simulated);
}

TEST(Endorsements, ThatCantBeReadAreNamed) {
    const test::TemporaryFolder folder;
    SnpTrust trust;
    ASSERT_TRUE(write_file(folder.path() / "note.txt", as_bytes("hello")));
    const auto text = add_endorsements(trust, folder.path());
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().fault, Fault::kBadInput);
    EXPECT_NE(text.error().message.find("note.txt"), std::string::npos) << text.error().message;
    ASSERT_TRUE(write_file(folder.path() / "list.crl", as_bytes("hello")));
    EXPECT_FALSE(add_endorsements(trust, folder.path() / "list.crl"));
    EXPECT_FALSE(add_endorsements(trust, folder.path() / "missing.pem"));
    EXPECT_TRUE(trust.certificates.empty());
}

SnpTrust simulated_trust() {
    SnpTrust trust;
    trust.at = kIn2026;
    trust.roots.simulated = {simulated_chain().ark()};
    return trust;
}

TEST(SimulatedEvidence, IsTrustedOnlyWhereItsRootIsNamed) {
    const Case made = simulated({.cpu_signature = 0xa00f11});
    const auto verified = verify_snp(made.evidence(), simulated_trust());
    ASSERT_TRUE(verified) << verified.error().message;
    EXPECT_TRUE(verified->simulated);
    EXPECT_EQ(verified->claims.at("measurement"), to_hex(Bytes(48, 0x5a)));
    SnpTrust real;
    real.at = kIn2026;
    expect_refused(verify_snp(made.evidence(), real), "signed by another chain");
}

TEST(SimulatedEvidence, OfACpuOlderThanSnpIsOnlyEverSimulated) {
    const auto parsed = snp::parse_report(simulated({.cpu_signature = 0x800f12}).report).value();
    EndorsementKey milan;
    milan.tcb = snp::decode_tcb(parsed.reported_tcb, snp::TcbLayout::kMilan);
    milan.hardware_id.assign(parsed.chip_id.begin(), parsed.chip_id.end());
    EXPECT_TRUE(check_platform(parsed, milan, /* simulated= */ true));
    expect_refused(check_platform(parsed, milan, /* simulated= */ false), "is not a");
}

TEST(Evidence, VmplIsForThePolicy) {
    const auto verified = verify_snp(resigned([](auto& report) { report.vmpl = 2U; }).evidence(), simulated_trust());
    ASSERT_TRUE(verified) << verified.error().message;
    EXPECT_EQ(verified->claims.at("vmpl"), 2U);
}

TEST(Evidence, OfAMaskedChipIsKnownByItsKey) {
    const Case masked = resigned([](auto& report) { report.chip_id = {}; });
    const auto verified = verify_snp(masked.evidence(), simulated_trust());
    ASSERT_TRUE(verified) << verified.error().message;
    EXPECT_EQ(verified->claims.at("chip_id_masked"), true);
}

TEST(Evidence, AndItsCertificatesMustAgreeInEveryField) {
    using Report = snp::AttestationReport;
    const auto refused = [](const std::function<void(Report&)>& change, std::string_view why, unsigned cpu) {
        expect_refused(verify_snp(resigned(change, cpu).evidence(), simulated_trust()), why);
    };
    for (const unsigned cpu : {0xa00f11U, 0xa10f10U, 0xb00f00U}) {
        for (std::size_t i = 0; i < 8; ++i)
            refused([i](Report& report) { report.reported_tcb[i] ^= 1; }, "its TCB", cpu);
        for (std::size_t i = 0; i < 64; ++i)
            refused([i](Report& report) { report.chip_id[i] ^= 1; }, "chip identifier", cpu);
        refused([](Report& report) { report.cpuid_family = 0x1b; }, "is not a", cpu);
        refused([](Report& report) { report.cpuid_model = 0x50; }, "is not a", cpu);
        refused([](Report& report) { report.signature_algorithm = 2U; }, "signature algorithm 2", cpu);
        refused([](Report& report) { report.key_info = 7U << 2; }, "another key", cpu);
        refused([](Report& report) { report.version = 6U; }, "version 6", cpu);
        refused([](Report& report) { report.version = 1U; }, "version 1", cpu);
    }
}

TEST(Evidence, HasOneKeyAndFewCertificates) {
    const Case made = simulated({.cpu_signature = 0xa00f11});
    snp::Evidence evidence = made.evidence();
    evidence.certificates.push_back({kVcek, {}, made.vcek});
    expect_refused(verify_snp(evidence, simulated_trust()), "two certificates VCEK");
    evidence.certificates.pop_back();
    evidence.certificates.push_back({kVlek, {}, Bytes{1}});  // not the one that signed
    evidence.certificates.push_back({kOther, {}, Bytes{2}});
    evidence.certificates.push_back({kEmpty, {}, {}});
    EXPECT_TRUE(verify_snp(evidence, simulated_trust()));
    evidence.certificates.resize(17);
    expect_refused(verify_snp(evidence, simulated_trust()), "more than 16");
}

TEST(Evidence, AmongManyCertificatesOfOneNameIsJudgedInBoundedTime) {
    // Others of the issuer's name before the right one: tried, up to a limit.
    const test::Pair other = test::make_authority("SEV SIMULATED by hallmark-boot", 5, &test::root(), "ARK of a test");
    const Bytes der = to_der(*other.certificate).value();
    snp::Evidence evidence = simulated({.cpu_signature = 0xa00f11}).evidence();
    evidence.certificates.insert(evidence.certificates.begin(), 3, {kAsk, {}, der});
    EXPECT_TRUE(verify_snp(evidence, simulated_trust()));
    evidence.certificates.insert(evidence.certificates.begin(), 8, {kAsk, {}, der});
    EXPECT_FALSE(verify_snp(evidence, simulated_trust()));
}

/// A report under the authority of the test.
struct Own {
    test::Pair leaf;
    snp::AttestationReport report;
    KeyKind kind = KeyKind::kVcek;

    [[nodiscard]] snp::Evidence evidence() const {
        return {.report = sign(report, *leaf.key),
                .certificates = {{kind == KeyKind::kVcek ? kVcek : kVlek, {}, to_der(*leaf.certificate).value()},
                                 {kAsk, {}, to_der(*test::authority().certificate).value()}}};
    }
    [[nodiscard]] Result<Verified> verify() const { return verify_snp(evidence(), trust()); }
    static SnpTrust trust() {
        SnpTrust trust;
        trust.at = kIn2026;
        trust.roots.simulated = {to_der(*test::root().certificate).value()};
        return trust;
    }
};

Own turin(std::uint32_t version) {
    Own own{.leaf = test::make_leaf(test::turin_vcek(), test::authority()), .report = {}};
    own.report.version = version;
    own.report.signature_algorithm = 1U;
    own.report.reported_tcb = {1, 2, 3, 4, 0, 0, 0, 0x47};
    own.report.current_tcb = {1, 2, 3, 5, 0, 0, 0, 0x48};
    own.report.chip_id = {0x6b, 0xb1, 0x22, 0x9b, 0x76, 0x92, 0xb7, 0x10};
    if (version >= 3) own.report.cpuid_family = 0x1a;
    if (version >= 5) own.report.launch_mitigation_vector = 0x8000000000000001U;
    return own;
}

TEST(Turin, IsVerifiedInEveryVersion) {
    for (const std::uint32_t version : {2U, 3U, 5U}) {
        const auto verified = turin(version).verify();
        ASSERT_TRUE(verified) << verified.error().message;
        EXPECT_EQ(verified->claims.at("product"), "Turin");
        EXPECT_EQ(verified->claims.at("reported_tcb_fmc"), 1U);
        EXPECT_EQ(verified->claims.at("reported_tcb_bootloader"), 2U);
        EXPECT_EQ(verified->claims.at("reported_tcb_tee"), 3U);
        EXPECT_EQ(verified->claims.at("reported_tcb_snp"), 4U);
        EXPECT_EQ(verified->claims.at("reported_tcb_microcode"), 0x47U);
        EXPECT_EQ(verified->claims.at("current_tcb_snp"), 5U);
        EXPECT_EQ(verified->claims.at("hardware_id"), "6bb1229b7692b710");
        EXPECT_EQ(verified->claims.contains("launch_mitigation_vector"), version == 5);
    }
    EXPECT_EQ(turin(5).verify()->claims.at("launch_mitigation_vector"), 0x8000000000000001U);
}

TEST(Turin, HasNoTcbOfAMilan) {
    Own own = turin(3);
    own.report.reported_tcb = {2, 3, 0, 0, 0, 0, 4, 0x47};
    expect_refused(own.verify(), "its TCB");
    own = turin(3);
    own.report.cpuid_family = 0x19;
    expect_refused(own.verify(), "is not a Turin-B0");
    own = turin(2);
    own.report.chip_id[63] = 1;
    expect_refused(own.verify(), "chip identifier");
}

Own vlek() {
    Own own{.leaf = test::make_leaf(test::milan_vlek(), test::authority()), .report = {}, .kind = KeyKind::kVlek};
    own.report.version = 3U;
    own.report.signature_algorithm = 1U;
    own.report.key_info = 1U << 2;
    own.report.cpuid_family = 0x19;
    own.report.cpuid_model = 1;
    own.report.reported_tcb = {4, 0, 0, 0, 0, 0, 24, 219};
    return own;
}

TEST(Vlek, IsVerifiedAndTellsItsOperator) {
    const auto verified = vlek().verify();
    ASSERT_TRUE(verified) << verified.error().message;
    EXPECT_EQ(verified->claims.at("signing_key"), "vlek");
    EXPECT_EQ(verified->claims.at("csp_id"), "CN=cc-us-east-2.example");
    EXPECT_FALSE(verified->claims.contains("hardware_id"));
    EXPECT_TRUE(verified->simulated);
}

TEST(Vlek, IsFoundInAFolder) {
    const Own own = vlek();
    SnpTrust trust = Own::trust();
    trust.certificates = std::move(read_certificates(own.evidence().certificates[0].data, 1).value());
    snp::Evidence evidence = own.evidence();
    evidence.certificates.erase(evidence.certificates.begin());
    EXPECT_TRUE(verify_snp(evidence, trust));
    // A VLEK of another region has other keys, and all else in common.
    trust.certificates.insert(trust.certificates.begin(),
                              std::move(test::make_leaf(test::milan_vlek(), test::authority()).certificate));
    EXPECT_TRUE(verify_snp(evidence, trust));
    trust.certificates.pop_back();
    expect_refused(verify_snp(evidence, trust), "without the VLEK");
}

TEST(Vlek, IsNoVcek) {
    Own own = vlek();
    own.report.key_info = 0U;
    own.kind = KeyKind::kVcek;
    expect_refused(own.verify(), "VCEK: it names a cloud operator");
    own = turin(3);
    own.report.key_info = 1U << 2;
    own.kind = KeyKind::kVlek;
    expect_refused(own.verify(), "VLEK: it names a chip");
    own = vlek();
    own.report.reported_tcb[6] = 23;
    expect_refused(own.verify(), "its TCB");
}

TEST(Vlek, KeyMustBeOnP384) {
    Own own = vlek();
    test::Pair other;
    other.key.reset(EVP_EC_gen("P-256"));
    const boot::x509::Template name{"SEV-VxEK of a test", 0, test::kUntil2051};
    other.certificate = boot::x509::start(name, {"authority of a test", 0, test::kUntil2051}, *other.key).value();
    for (const auto& [identifier, value] : test::milan_vlek().values)
        ASSERT_TRUE(boot::x509::add_extension(*other.certificate, identifier.c_str(), value));
    test::sign(*other.certificate, *test::authority().key);
    own.leaf = std::move(other);
    expect_refused(own.verify(), "it is not on P-384");
}

TEST(Chain, OfAnotherSignatureAlgorithmIsRefused) {
    Own own = turin(3);
    // PKCS #1 v1.5 in place of PSS.
    ASSERT_GT(X509_sign(own.leaf.certificate.get(), test::authority().key.get(), EVP_sha384()), 0);
    expect_refused(own.verify(), "VCEK is not signed with RSASSA-PSS");
}

TEST(Revocation, IsCheckedWithTheListThatIsGiven) {
    const Own own = turin(3);
    SnpTrust trust = Own::trust();
    EXPECT_EQ(verify_snp(own.evidence(), trust)->claims.at("revocation_checked"), false);
    trust.revocation_required = true;
    expect_refused(verify_snp(own.evidence(), trust), "no current revocation list");
    trust.revocation_lists = {test::make_crl(test::root(), {.serials = {7}})};
    EXPECT_EQ(verify_snp(own.evidence(), trust)->claims.at("revocation_checked"), true);
    trust.revocation_lists = {test::make_crl(test::root(), {.serials = {7}, .next = kIn2026 - 1})};
    expect_refused(verify_snp(own.evidence(), trust), "no current revocation list");
    trust.revocation_required = false;
    EXPECT_EQ(verify_snp(own.evidence(), trust)->claims.at("revocation_checked"), false);
}

TEST(Revocation, OfTheAuthorityRefusesWhereverItIsListed) {
    const Own own = turin(3);
    const Bytes revoked = test::make_crl(test::root(), {.serials = {0x10001}});
    const Bytes clear = test::make_crl(test::root(), {});
    SnpTrust trust = Own::trust();
    trust.verified = std::make_shared<VerifiedPaths>();
    ASSERT_TRUE(verify_snp(own.evidence(), trust));
    trust.revocation_lists = {clear, revoked};
    expect_refused(verify_snp(own.evidence(), trust), "is revoked by 'ARK of a test'");
    // A list that is out of date still says so.
    trust.revocation_lists = {clear, test::make_crl(test::root(), {.serials = {0x10001}, .next = kIn2026 - 1})};
    expect_refused(verify_snp(own.evidence(), trust), "is revoked");
    trust.revocation_lists = {clear};
    snp::Evidence evidence = own.evidence();
    evidence.certificates.push_back({kCrl, {}, revoked});
    expect_refused(verify_snp(evidence, trust), "is revoked");
    // Nobody else can revoke it.
    const auto other = test::make_authority("ARK of a test", 1);
    evidence.certificates.back().data = test::make_crl(other, {.serials = {0x10001}});
    EXPECT_EQ(verify_snp(evidence, trust)->claims.at("revocation_checked"), true);
}

/// Answers with what it was given, and remembers what it was asked.
struct FakeSource : EndorsementSource {
    std::map<std::string, Bytes> answers;
    std::vector<std::string> asked;

    Result<Bytes> answer(const std::string& question) {
        asked.push_back(question);
        const auto found = answers.find(question);
        if (found == answers.end()) return refused("no answer to " + question);
        return found->second;
    }
    Result<Bytes> vcek(snp::ProductLine line, const snp::AttestationReport&) override {
        return answer("vcek " + std::string(snp::name_of(line)));
    }
    Result<Bytes> authorities(snp::ProductLine line, KeyKind kind) override {
        return answer("authorities " + std::string(snp::name_of(line)) + " " + std::string(name_of(kind)));
    }
    Result<Bytes> revocation_list(snp::ProductLine line, KeyKind, std::time_t) override {
        return answer("list " + std::string(snp::name_of(line)));
    }
};

TEST(Source, IsAskedForWhatIsMissing) {
    REAL_MILAN(real);
    FakeSource source;
    source.answers["vcek Milan"] = real.vcek;
    source.answers["authorities Milan VCEK"] = pem_of(real.ask);
    append(source.answers["authorities Milan VCEK"], pem_of(real.ark));
    SnpTrust trust;
    trust.at = kIn2026;
    trust.source = &source;
    const auto verified = verify_snp({.report = real.report, .certificates = {}}, trust);
    ASSERT_TRUE(verified) << verified.error().message;
    EXPECT_EQ(source.asked, (std::vector<std::string>{"vcek Milan", "authorities Milan VCEK", "list Milan"}));
    source.asked.clear();
    EXPECT_TRUE(verify_snp(real.evidence(), trust));
    EXPECT_EQ(source.asked, std::vector<std::string>{"list Milan"});
    trust.revocation_required = true;
    expect_refused(verify_snp(real.evidence(), trust), "no answer to list Milan");
    source.answers.clear();
    source.asked.clear();
    // A report of version 2 doesn't tell whether it is a Milan or a Genoa.
    expect_refused(verify_snp({.report = real.report, .certificates = {}}, trust), "no answer to vcek Milan");
    EXPECT_EQ(source.asked, (std::vector<std::string>{"vcek Milan", "vcek Genoa"}));
}

TEST(Source, IsNotTrusted) {
    REAL_MILAN(real);
    FakeSource source;
    source.answers["vcek Milan"] = to_der(*turin(3).leaf.certificate).value();
    source.answers["authorities Turin VCEK"] = pem_of(to_der(*test::authority().certificate).value());
    append(source.answers["authorities Turin VCEK"], pem_of(to_der(*test::root().certificate).value()));
    SnpTrust trust;
    trust.at = kIn2026;
    trust.source = &source;
    expect_refused(verify_snp({.report = real.report, .certificates = {}}, trust), "signed by another chain");
}

TEST(Roots, AreAmds) {
    // The project's facts on vectors.
    EXPECT_EQ(to_hex(kAmdRoots[0].spki), "9f056bee44377e29308cb5ffa895bdfb62d18881fa6bed8d6f075b0204089cb9");
    EXPECT_EQ(line_of_root(kAmdRoots[2].spki), snp::ProductLine::kTurin);
    EXPECT_EQ(line_of_root(Sha256{}), std::nullopt);
}

}  // namespace
}  // namespace hallmark::verifier
