// SPDX-License-Identifier: Apache-2.0
// AMD's service, played by a server on the loopback interface.
#include "relying-party/verifier/snp/kds.hpp"

#include <gtest/gtest.h>

#include "tests/support/loopback_server.hpp"
#include "tests/unit/relying-party/verifier/snp/cases.hpp"
#include "tests/unit/relying-party/verifier/snp/leaf.hpp"

namespace hallmark::verifier {
namespace {

using test::LoopbackServer;

std::string text_of_bytes(ByteSpan bytes) { return {bytes.begin(), bytes.end()}; }

KdsOptions options_for(const LoopbackServer& server, const std::filesystem::path& cache = {}) {
    KdsOptions options;
    options.base = server.url() + "/";
    options.cache = cache;
    options.limits = {.largest_body = 64 * 1024, .connect = std::chrono::seconds(2), .whole = std::chrono::seconds(4)};
    options.patience.sleep = [](auto) {};
    return options;
}

snp::AttestationReport turin_report() {
    snp::AttestationReport report;
    report.version = 3U;
    report.cpuid_family = 0x1a;
    report.reported_tcb = {1, 1, 1, 4, 0, 0, 0, 82};
    report.chip_id = {0x6b, 0xb1, 0x22, 0x9b, 0x76, 0x92, 0xb7, 0x10};
    return report;
}

TEST(KdsAddresses, AreAsDocumented) {
    // Publication 57230, chapter 4; the chip and TCB of the Turin are those of a test of google/go-sev-guest.
    EXPECT_EQ(vcek_url("https://kdsintf.amd.com", snp::ProductLine::kTurin, turin_report()).value(),
              "https://kdsintf.amd.com/vcek/v1/Turin/6bb1229b7692b710"
              "?blSPL=01&teeSPL=01&snpSPL=04&ucodeSPL=82&fmcSPL=01");
    snp::AttestationReport milan;
    milan.reported_tcb = {3, 0, 0, 0, 0, 0, 8, 115};
    milan.chip_id.fill(0xab);
    std::string chip;
    for (int i = 0; i < 64; ++i) chip += "ab";
    EXPECT_EQ(vcek_url("http://mirror/kds/", snp::ProductLine::kMilan, milan).value(),
              "http://mirror/kds/vcek/v1/Milan/" + chip + "?blSPL=03&teeSPL=00&snpSPL=08&ucodeSPL=115");
    EXPECT_EQ(authorities_url("https://a", snp::ProductLine::kGenoa, KeyKind::kVcek),
              "https://a/vcek/v1/Genoa/cert_chain");
    EXPECT_EQ(authorities_url("https://a", snp::ProductLine::kMilan, KeyKind::kVlek),
              "https://a/vlek/v1/Milan/cert_chain");
    EXPECT_EQ(revocation_list_url("https://a/", snp::ProductLine::kTurin, KeyKind::kVlek),
              "https://a/vlek/v1/Turin/crl");
    milan.chip_id = {};
    expect_refused(vcek_url("https://a", snp::ProductLine::kMilan, milan), "it hides its chip");
}

TEST(Kds, LeadsFromARawReportToItsRoot) {
    REAL_MILAN(real);
    const auto roots = text_of(test::vectors() / "roots/milan_ask_ark_asvk.pem");
    LoopbackServer server({LoopbackServer::answer(429, "", "Retry-After: 10\r\n"),
                           LoopbackServer::answer(200, text_of_bytes(real.vcek)), LoopbackServer::answer(200, roots),
                           LoopbackServer::answer(404, "")});
    const test::TemporaryFolder folder;
    const auto cache = folder.path() / "kds";
    SnpTrust trust;
    trust.at = kIn2026;
    const snp::Evidence evidence{.report = real.report, .certificates = {}};
    {
        Kds kds(options_for(server, cache));
        trust.source = &kds;
        const auto verified = verify_snp(evidence, trust);
        ASSERT_TRUE(verified) << verified.error().message;
        EXPECT_EQ(verified->claims.at("revocation_checked"), false);
        EXPECT_TRUE(verify_snp(evidence, trust));  // nothing is asked for again, not even the list
    }
    const auto requests = server.requests();
    ASSERT_EQ(requests.size(), 4U);
    EXPECT_EQ(requests[0], requests[1]);
    EXPECT_TRUE(requests[0].starts_with("GET /vcek/v1/Milan/d49554ec717f4e5b")) << requests[0];
    EXPECT_NE(requests[0].find("?blSPL=03&teeSPL=00&snpSPL=08&ucodeSPL=115 HTTP"), std::string::npos) << requests[0];
    EXPECT_TRUE(requests[2].starts_with("GET /vcek/v1/Milan/cert_chain ")) << requests[2];
    EXPECT_TRUE(requests[3].starts_with("GET /vcek/v1/Milan/crl ")) << requests[3];
    // Another process, and the service is gone.
    KdsOptions offline;
    offline.base = "http://127.0.0.1:1";
    offline.cache = cache;
    Kds kds(offline);
    trust.source = &kds;
    const auto verified = verify_snp(evidence, trust);
    EXPECT_TRUE(verified) << verified.error().message;
}

TEST(Kds, KeepsNothingThatIsNotWhatItAskedFor) {
    const std::string der = text_of_bytes(to_der(*test::root().certificate).value());
    LoopbackServer server({LoopbackServer::answer(200, "<html>hello</html>"), LoopbackServer::answer(200, der),
                           LoopbackServer::answer(200, std::string(65537, 'x'))});
    const test::TemporaryFolder folder;
    KdsOptions options = options_for(server, folder.path());
    options.pause = std::chrono::seconds(0);
    Kds kds(options);
    EXPECT_FALSE(kds.authorities(snp::ProductLine::kMilan, KeyKind::kVcek));
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
    EXPECT_EQ(text_of_bytes(kds.authorities(snp::ProductLine::kMilan, KeyKind::kVcek).value()), der);
    EXPECT_EQ(text_of_bytes(kds.authorities(snp::ProductLine::kMilan, KeyKind::kVcek).value()), der);
    EXPECT_FALSE(kds.vcek(snp::ProductLine::kTurin, turin_report()));
    // A file that something else wrote is not used.
    ASSERT_TRUE(write_file(folder.path() / "vlek-Genoa-cert_chain.pem", as_bytes("x")));
    EXPECT_FALSE(kds.authorities(snp::ProductLine::kGenoa, KeyKind::kVlek));
}

TEST(Kds, FetchesANewListWhereItsOwnIsOutOfDate) {
    const auto list = [](std::time_t next) {
        return text_of_bytes(test::make_crl(test::root(), {.serials = {}, .next = next}));
    };
    LoopbackServer server({LoopbackServer::answer(200, list(kIn2026 + 10)),
                           LoopbackServer::answer(200, list(kIn2026 + 20)),
                           LoopbackServer::answer(200, list(kIn2026 + 20))});
    Kds kds(options_for(server));
    const auto at = [&](std::time_t when) {
        return kds.revocation_list(snp::ProductLine::kMilan, KeyKind::kVcek, when);
    };
    const auto first = at(kIn2026);
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(*at(kIn2026 + 9), *first);
    const auto second = at(kIn2026 + 10);
    ASSERT_TRUE(second);
    EXPECT_NE(*second, *first);
    EXPECT_FALSE(at(kIn2026 + 20));
    EXPECT_EQ(server.requests().size(), 3U);
}

TEST(Kds, AsksForANewListEveryDay) {
    const auto list = [](std::time_t next) {
        return text_of_bytes(test::make_crl(test::root(), {.serials = {}, .next = next}));
    };
    LoopbackServer server({LoopbackServer::answer(200, list(kIn2026 + 10)),
                           LoopbackServer::answer(200, list(kIn2026 + 20)), LoopbackServer::answer(404, "")});
    const test::TemporaryFolder folder;
    KdsOptions options = options_for(server, folder.path());
    options.list_life = std::chrono::seconds(0);
    Kds kds(options);
    const auto ask = [&] { return kds.revocation_list(snp::ProductLine::kMilan, KeyKind::kVcek, kIn2026); };
    const auto first = ask();
    ASSERT_TRUE(first) << first.error().message;
    const auto second = ask();
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_NE(*second, *first);
    // While there is none, the last one serves on; and nobody is asked so soon after a failure.
    EXPECT_EQ(ask().value(), *second);
    EXPECT_EQ(ask().value(), *second);
    EXPECT_EQ(server.requests().size(), 3U);
    // Another process knows how old it is.
    const auto ask_anew = [&] {
        LoopbackServer later({LoopbackServer::answer(200, list(kIn2026 + 30))});
        Kds other(options_for(later, folder.path()));
        return other.revocation_list(snp::ProductLine::kMilan, KeyKind::kVcek, kIn2026).value();
    };
    EXPECT_EQ(ask_anew(), *second);
    const auto file = folder.path() / "vcek-Milan.crl";
    std::filesystem::last_write_time(file, std::filesystem::last_write_time(file) - std::chrono::hours(25));
    EXPECT_NE(ask_anew(), *second);
}

TEST(Kds, AsksFewQuestionsAtOnce) {
    LoopbackServer server({LoopbackServer::answer(429, "", "Retry-After: 1\r\n"), LoopbackServer::answer(404, "")});
    KdsOptions options = options_for(server);
    options.most_questions = 1;
    Kds* self = nullptr;
    std::string meanwhile;
    options.patience.sleep = [&](auto) {
        const auto answer = self->authorities(snp::ProductLine::kMilan, KeyKind::kVcek);
        EXPECT_TRUE(self->is_crowded());
        meanwhile = answer ? "answered" : answer.error().message;
    };
    Kds kds(options);
    self = &kds;
    EXPECT_FALSE(kds.vcek(snp::ProductLine::kTurin, turin_report()));
    EXPECT_FALSE(kds.is_crowded());
    EXPECT_NE(meanwhile.find("1 other questions wait"), std::string::npos) << meanwhile;
    EXPECT_EQ(server.requests().size(), 2U);
    // What was refused for that reason counts as no failure, and there is room again.
    const auto later = kds.authorities(snp::ProductLine::kMilan, KeyKind::kVcek);
    ASSERT_FALSE(later);
    EXPECT_EQ(later.error().message.find("wait"), std::string::npos) << later.error().message;
}

}  // namespace
}  // namespace hallmark::verifier
