// SPDX-License-Identifier: Apache-2.0
// A PCCS, played by a server on the loopback interface.
#include "relying-party/verifier/tdx/pccs.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "common/descriptor.hpp"
#include "common/file.hpp"
#include "common/hex.hpp"
#include "relying-party/verifier/tdx/pck.hpp"
#include "relying-party/verifier/tdx/verify.hpp"
#include "relying-party/verifier/x509/path.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/loopback_server.hpp"
#include "tests/support/temporary.hpp"
#include "tests/unit/relying-party/verifier/tdx/platform.hpp"

namespace hallmark::verifier {
namespace {

using std::chrono::milliseconds;
using test::LoopbackServer;
using test::platform;

std::string text_of(ByteSpan bytes) { return {bytes.begin(), bytes.end()}; }

std::string percent_encoded(const std::string& text) {
    std::string header;
    for (const char c : text) header += "%" + to_hex(ByteSpan(reinterpret_cast<const std::uint8_t*>(&c), 1));
    return header;
}

/// What a PCCS answers for one platform, in the order in which it is asked.
std::vector<std::string> answers(const Collateral& documents) {
    const std::string chain = percent_encoded(text_of(documents.certificates[0].bytes));
    return {
        LoopbackServer::answer(200, text_of(documents.tcb_infos[0].bytes), "TCB-Info-Issuer-Chain: " + chain + "\r\n"),
        LoopbackServer::answer(200, text_of(documents.qe_identities[0].bytes),
                               "SGX-Enclave-Identity-Issuer-Chain: " + chain + "\r\n"),
        LoopbackServer::answer(200, text_of(documents.crls[1].bytes)),
        LoopbackServer::answer(200, to_hex(documents.crls[0].bytes) + "\n")};
}

std::vector<std::string> operator+(std::vector<std::string> a, const std::vector<std::string>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

PccsOptions options_for(const LoopbackServer& server, const std::filesystem::path& cache = {}) {
    PccsOptions options;
    options.base = server.url() + "/";
    options.cache = cache;
    options.limits = {.largest_body = 64 * 1024, .connect = milliseconds(2000), .whole = milliseconds(4000)};
    options.patience.sleep = [](auto) {};
    return options;
}

Result<Verified> verify(CollateralSource& source, std::time_t at = test::kJune2026, const test::QuoteText& quote = {}) {
    TdxTrust trust;
    trust.simulated_roots = {platform().root()};
    trust.source = &source;
    trust.at = at;
    return verify_tdx({platform().quote(quote), {}}, trust);
}

std::string status_of(const Result<Verified>& verified) {
    return verified ? verified->claims["tcb_status"].get<std::string>() : verified.error().message;
}

/// That nothing is known and why; it is neither a refusal nor an acceptance.
void expect_unknown(const Result<Verified>& verified, const std::string& why) {
    ASSERT_TRUE(verified) << verified.error().message;
    EXPECT_EQ(verified->claims["tcb_status"], "unknown");
    EXPECT_EQ(verified->claims["collateral_expiration_status"], "unknown");
    ASSERT_TRUE(verified->claims.contains("collateral_error"));
    const auto reason = verified->claims["collateral_error"].get<std::string>();
    EXPECT_NE(reason.find(why), std::string::npos) << reason;
}

TEST(PccsAddresses, AreIntels) {
    // Provisioning Certification Service API, version 4, and the PCCS of Intel's DCAP.
    PckFacts pck;
    pck.fmspc = {0x00, 0xa0, 0x6d, 0x08, 0x00, 0x00};
    const X509& ca = *platform().ca_pair().certificate;
    const auto intel = pccs_addresses("https://api.trustedservices.intel.com", pck, ca);
    EXPECT_EQ(intel.tcb_info, "https://api.trustedservices.intel.com/tdx/certification/v4/tcb?fmspc=00A06D080000");
    EXPECT_EQ(intel.qe_identity, "https://api.trustedservices.intel.com/tdx/certification/v4/qe/identity");
    EXPECT_EQ(intel.pck_list,
              "https://api.trustedservices.intel.com/sgx/certification/v4/pckcrl?ca=platform&encoding=der");
    EXPECT_EQ(intel.root_list, "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der");
    for (const char* base : {"https://a:8081", "https://a:8081/", "https://a:8081/sgx/certification/v4/"}) {
        EXPECT_EQ(pccs_addresses(base, pck, ca).qe_identity, "https://a:8081/tdx/certification/v4/qe/identity");
        EXPECT_EQ(pccs_addresses(base, pck, ca).root_list, "https://a:8081/sgx/certification/v4/rootcacrl");
    }
    const auto processor = platform().certify("SGX PCK Processor CA of a test", 9);
    EXPECT_EQ(pccs_addresses("https://a", pck, *processor.certificate).pck_list,
              "https://a/sgx/certification/v4/pckcrl?ca=processor&encoding=der");
    for (const char* base : {"", "localhost:8081", "file:///etc/passwd"})
        test::expect_error(Pccs::open({.base = base, .cache = {}, .authorities = {}}), {"expected an address"});
}

TEST(Pccs, IsAskedOnceAndItsAnswersAreKept) {
    const std::vector<std::string> later = {LoopbackServer::answer(429, "", "Retry-After: 3\r\n")};
    LoopbackServer server(later + answers(platform().collateral()));
    const test::TemporaryFolder folder;
    {
        const auto pccs = Pccs::open(options_for(server, folder.path() / "pccs")).value();
        const auto verified = verify(*pccs);
        ASSERT_TRUE(verified) << verified.error().message;
        EXPECT_EQ(verified->claims["tcb_status"], "UpToDate");
        EXPECT_EQ(verified->claims["collateral_expiration_status"], "0");
        EXPECT_FALSE(verified->claims.contains("collateral_error"));
        EXPECT_EQ(status_of(verify(*pccs)), "UpToDate");
        EXPECT_EQ(status_of(verify(*pccs, test::kJune2026, {.svn = {4, 0, 2}})), "OutOfDate");
    }
    const auto requests = server.requests();
    ASSERT_EQ(requests.size(), 5U);
    EXPECT_TRUE(requests[1].starts_with("GET /tdx/certification/v4/tcb?fmspc=000000514D00 ")) << requests[1];
    EXPECT_TRUE(requests[2].starts_with("GET /tdx/certification/v4/qe/identity ")) << requests[2];
    EXPECT_TRUE(requests[3].starts_with("GET /sgx/certification/v4/pckcrl?ca=platform&encoding=der ")) << requests[3];
    EXPECT_TRUE(requests[4].starts_with("GET /sgx/certification/v4/rootcacrl ")) << requests[4];
    // Another process, and the service is gone, now and after a day.
    auto offline = options_for(server, folder.path() / "pccs");
    offline.base = "http://127.0.0.1:1";
    EXPECT_EQ(status_of(verify(*Pccs::open(offline).value())), "UpToDate");
    const auto list = std::filesystem::directory_iterator(folder.path() / "pccs")->path() / "root.crl";
    std::filesystem::last_write_time(list, std::filesystem::last_write_time(list) - std::chrono::hours(25));
    const auto pccs = Pccs::open(offline).value();
    EXPECT_EQ(status_of(verify(*pccs)), "UpToDate");
    // What it kept is what --collateral takes.
    const std::filesystem::directory_iterator first(folder.path() / "pccs");
    const auto documents = read_collateral(first->path());
    ASSERT_TRUE(documents) << documents.error().message;
    TdxTrust trust;
    trust.simulated_roots = {platform().root()};
    trust.collateral = &*documents;
    trust.at = test::kJune2026;
    EXPECT_EQ(status_of(verify_tdx({platform().quote(), {}}, trust)), "UpToDate");
    // A file that somebody changed is not used.
    ASSERT_TRUE(write_file(first->path() / "pck.crl", as_bytes("x")));
    expect_unknown(verify(*Pccs::open(offline).value()), "127.0.0.1:1");
}

TEST(Pccs, IsAskedOnceByManyAtOnce) {
    LoopbackServer server(answers(platform().collateral()));
    const auto pccs = Pccs::open(options_for(server)).value();
    std::atomic<int> good{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&] { good += static_cast<int>(status_of(verify(*pccs)) == "UpToDate"); });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(good, 8);
    EXPECT_EQ(server.requests().size(), 4U);
}

TEST(Pccs, IsAskedAgainWhenTheNextOneIsDue) {
    const auto old = platform().collateral({.next = "2026-05-28T20:26:41Z"});
    LoopbackServer server(answers(old) + answers(platform().collateral()));
    const test::TemporaryFolder folder;
    auto options = options_for(server, folder.path());
    options.pause = milliseconds(0);
    const auto pccs = Pccs::open(options).value();
    EXPECT_EQ(verify(*pccs).value().claims["collateral_expiration_status"], "0");
    EXPECT_EQ(server.requests().size(), 4U);
    const auto renewed = verify(*pccs, test::kJune2026 + 1);
    EXPECT_EQ(renewed.value().claims["collateral_expiration_status"], "0");
    EXPECT_EQ(renewed.value().claims["earliest_expiration_date"], "2026-05-29T20:26:40Z");
    EXPECT_EQ(server.requests().size(), 8U);
}

TEST(Pccs, IsAskedAgainEveryDay) {
    auto revoked = platform().collateral();
    revoked.crls[0].bytes = test::TestPlatform::crl(platform().root_pair(), {0x20001});
    const auto later = answers(platform().collateral()) + std::vector<std::string>{LoopbackServer::answer(503, "")};
    LoopbackServer server(answers(platform().collateral()) + later + answers(revoked));
    auto options = options_for(server);
    options.pause = milliseconds(0);
    options.life = milliseconds(0);
    options.patience.attempts = 1;
    const auto pccs = Pccs::open(options).value();
    EXPECT_EQ(status_of(verify(*pccs)), "UpToDate");
    EXPECT_EQ(status_of(verify(*pccs)), "UpToDate");
    EXPECT_EQ(server.requests().size(), 8U);
    EXPECT_EQ(status_of(verify(*pccs)), "UpToDate");  // from the time before, since there is no answer
    EXPECT_EQ(server.requests().size(), 9U);
    // What was current a moment ago does not outweigh a newer list.
    test::expect_error(verify(*pccs), {"revoked"}, Fault::kNo);
    EXPECT_EQ(server.requests().size(), 13U);
}

TEST(Pccs, SaysThatWhatItHasIsOutOfDate) {
    const auto old = platform().collateral({.next = "2026-05-28T20:26:39Z"});
    LoopbackServer server(answers(old));
    const test::TemporaryFolder folder;
    const auto pccs = Pccs::open(options_for(server, folder.path())).value();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(verify(*pccs).value().claims["collateral_expiration_status"], "1");
    EXPECT_EQ(server.requests().size(), 4U);  // not asked again so soon
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Pccs, ThatIsGoneWhenTheNextOneIsDueLeavesTheStatusUnknown) {
    LoopbackServer server(answers(platform().collateral({.next = "2026-05-28T20:26:41Z"})) +
                          std::vector<std::string>{LoopbackServer::answer(503, "")});
    auto options = options_for(server);
    options.pause = milliseconds(0);
    options.patience.attempts = 1;
    const auto pccs = Pccs::open(options).value();
    EXPECT_EQ(status_of(verify(*pccs)), "UpToDate");
    expect_unknown(verify(*pccs, test::kJune2026 + 1), "status 503");
}

TEST(Pccs, ThatDoesNotAnswerLeavesTheStatusUnknown) {
    struct Case {
        std::string answer;
        const char* why;
    };
    const auto good = answers(platform().collateral());
    const std::string body = text_of(platform().collateral().tcb_infos[0].bytes);
    for (const auto& [answer, why] : {
             Case{LoopbackServer::answer(404, "No cache data"), "status 404"},
             Case{LoopbackServer::answer(401, ""), "status 401"},
             Case{LoopbackServer::answer(200, std::string(65 * 1024, ' ')), "more than 65536 bytes"},
             Case{LoopbackServer::answer(200, body), "no header tcb-info-issuer-chain"},
             Case{LoopbackServer::answer(200, body, "TCB-Info-Issuer-Chain: %\r\n"), "issuer chain: found '%'"},
             Case{LoopbackServer::answer(200, body, "TCB-Info-Issuer-Chain: " + std::string(40'000, 'a') + "\r\n"),
                  "at most 32768"},
             Case{"no HTTP at all", "127.0.0.1"},
         }) {
        LoopbackServer server({answer});
        const test::TemporaryFolder folder;
        const auto pccs = Pccs::open(options_for(server, folder.path())).value();
        expect_unknown(verify(*pccs), why);
        expect_unknown(verify(*pccs), why);  // the service is left in peace for a while
        EXPECT_EQ(server.requests().size(), 1U) << why;
        EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << why;
    }
    // What comes in the place of a document, or of a list.
    const std::string chain =
        "TCB-Info-Issuer-Chain: " + percent_encoded(test::pem_of(*platform().root_pair().certificate)) + "\r\n";
    auto html = good;
    html[0] = LoopbackServer::answer(200, "<html>", chain);
    LoopbackServer first(html);
    expect_unknown(verify(*Pccs::open(options_for(first)).value()), "tcb?fmspc=");
    auto list = good;
    list[3] = LoopbackServer::answer(200, "30zz");
    LoopbackServer second(list);
    expect_unknown(verify(*Pccs::open(options_for(second)).value()), "rootcacrl");
}

TEST(Pccs, ThatIsSlowIsNotWaitedFor) {
    // It listens, and never says a word.
    const FileDescriptor silent(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ASSERT_EQ(::bind(silent.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(::listen(silent.get(), 8), 0);
    ASSERT_EQ(::getsockname(silent.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    PccsOptions options;
    options.base = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    options.budget = milliseconds(300);
    const auto begin = std::chrono::steady_clock::now();
    expect_unknown(verify(*Pccs::open(options).value()), "127.0.0.1");
    EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(5000));  // one request may take ten seconds
}

TEST(Pccs, IsBelievedNoMoreThanAFolder) {
    const auto refusal = [](const Collateral& documents) {
        LoopbackServer server(answers(documents));
        const test::TemporaryFolder folder;
        const auto pccs = Pccs::open(options_for(server, folder.path())).value();
        const auto verified = verify(*pccs);
        EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
        EXPECT_EQ(server.requests().size(), 4U);
        return verified;
    };
    test::expect_error(refusal(platform().collateral({.fmspc = "000000514D01"})), {"no TCB info of FMSPC 000000514d00"},
                       Fault::kNo);
    auto tampered = platform().collateral();
    auto& digit = tampered.tcb_infos[0].bytes.end()[-4];  // of the signature
    digit = digit == '0' ? '1' : '0';
    test::expect_error(refusal(tampered), {"signature does not hold"}, Fault::kNo);
    test::expect_error(refusal(test::TestPlatform().collateral()), {""}, Fault::kNo);
    test::expect_error(refusal(platform().collateral({.issued = "2026-05-29T00:00:00Z"})), {"issued on"}, Fault::kNo);
    auto revoked = platform().collateral();
    revoked.crls[0].bytes = test::TestPlatform::crl(platform().root_pair(), {0x20003});
    test::expect_error(refusal(revoked), {"TCB Signing", "revoked"}, Fault::kNo);
}

TEST(Pccs, OnePlatformThatIsRevokedDoesNotSpoilItForTheOthers) {
    auto documents = platform().collateral();
    documents.crls[1].bytes = test::TestPlatform::crl(platform().ca_pair(), {0x20002});
    LoopbackServer server(answers(documents));
    const auto pccs = Pccs::open(options_for(server)).value();
    for (int i = 0; i < 2; ++i) test::expect_error(verify(*pccs), {"PCK Certificate", "revoked"}, Fault::kNo);
    EXPECT_EQ(server.requests().size(), 4U);
    const auto chain_pck = read_pck(platform().pck()).value();
    const openssl::Certificate root = parse_certificate(platform().root(), "root").value();
    const TrustedChain other{&platform().pck(), platform().ca_pair().certificate.get(), root.get()};
    EXPECT_TRUE(pccs->collateral(other, chain_pck, test::kJune2026));
}

}  // namespace
}  // namespace hallmark::verifier
