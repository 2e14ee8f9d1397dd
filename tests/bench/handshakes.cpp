// SPDX-License-Identifier: Apache-2.0
// Whole handshakes of simulated SNP guests with the key broker: auth, attest, one resource. Everything is what
// `hallmark-kbs serve` uses, from the bytes of a request to those of its answer: verifier, policy, stores, audit log on
// the disk. What the guest does, signing the report above all, is not counted.
//
//   handshakes speed           processor time, against the public-key operations alone, by OpenSSL on the same inputs
//   handshakes memory [N]      growth of resident memory over N handshakes
//   handshakes idle            resident memory with 1,000 sessions that are attested and do nothing
//   handshakes run N           N handshakes, for a profiler
//
// Time is that of the one thread on a processor, and the audit log's fdatasync() is a real one: what it costs the
// processor counts. What it waits for the disk does not, since the processor is free meanwhile and threads that wait
// share one. The guest is of one chip: its certificates are parsed and their signatures verified once, before the clock
// runs, so they are not among the operations that a handshake needs.
#include <malloc.h>
#include <openssl/ec.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "boot/simulated/chain.hpp"
#include "boot/simulated/processor.hpp"
#include "common/base64.hpp"
#include "common/digest.hpp"
#include "common/file.hpp"
#include "common/formats/snp_certificates.hpp"
#include "common/formats/snp_evidence.hpp"
#include "common/hex.hpp"
#include "common/jose/jwe.hpp"
#include "common/jose/jwk.hpp"
#include "common/json_bytes.hpp"
#include "common/openssl.hpp"
#include "relying-party/broker/broker.hpp"
#include "relying-party/cli_relying_party.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark {
namespace {

constexpr double kSpeedBar = 1.66;  // of their time: at least 60 % of what they would let through
constexpr std::size_t kTurns = 300;
constexpr std::size_t kFirstTurns = 10;  // not counted
constexpr std::size_t kWarmUp = 1000;
constexpr std::size_t kHandshakes = 5000;
constexpr double kGrowthLimit = 1024.0 * 1024;
constexpr std::size_t kIdleSessions = 1000;
constexpr double kIdleLimit = 64.0 * 1024 * 1024;
constexpr std::size_t kLaunches = 644;  // of the image's reference values
constexpr std::uint32_t kMilan = 0xa00f11;

constexpr std::string_view kPath = "default/key/disk";
constexpr std::string_view kSecret = "the key of a disk, of 32 bytes..";
constexpr std::string_view kReleasePolicy =
    "version = 1\n[[rule]]\nname = 'all'\npath = '*/*/*'\nverdict = 'affirming'\nsimulated = true\n";

[[noreturn]] void give_up(const std::string& what) {
    std::fprintf(stderr, "handshakes: %s\n", what.c_str());
    std::exit(2);
}

void require(bool ok, const char* what) {
    if (!ok) give_up(what);
}

void require(const Status& status) {
    if (!status) give_up(status.error().message);
}

template <class T>
T need(Result<T> result) {
    if (!result) give_up(result.error().message);
    return std::move(*result);
}

double now() {
    timespec time{};
    require(::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0, "no clock");
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// Processor time of the broker's part of one handshake.
struct Cost {
    double auth = 0;
    double attest = 0;
    double resource = 0;

    [[nodiscard]] double all() const { return auth + attest + resource; }
};

/// A guest on simulated hardware.
class Guest {
public:
    explicit Guest(const std::filesystem::path& folder)
        : chain_(need(boot::SimulatedChain::open(folder, [] {}))),
          processor_(need(boot::SimulatedProcessor::make(
              chain_, {.measurement = sha384(as_bytes(std::string_view("launch"))), .cpu_signature = kMilan}))) {}

    [[nodiscard]] snp::AttestationReport report(const std::array<std::uint8_t, 64>& report_data) const {
        return need(processor_.report(report_data, 0));
    }
    [[nodiscard]] Json evidence(const snp::AttestationReport& report) const {
        return need(snp::evidence_json(need(snp::evidence_of(as_bytes(report), processor_.certificates()))));
    }
    /// Of a role in the table that comes with the evidence.
    [[nodiscard]] openssl::Certificate certificate(const Guid& role) const {
        for (const auto& entry : need(snp::parse_certificate_table(processor_.certificates()))) {
            const unsigned char* cursor = entry.der.data();
            if (entry.guid == role)
                return openssl::Certificate(d2i_X509(nullptr, &cursor, static_cast<long>(entry.der.size())));
        }
        give_up("a certificate is missing");
    }

private:
    boot::SimulatedChain chain_;
    boot::SimulatedProcessor processor_;
};

/// What the image and its platform are known by: 644 launches, of which the guest is the last.
void register_values(const broker::Services& services, const Guest& guest) {
    const auto verified = need(services.verify(verifier::Tee::kSnp, guest.evidence(guest.report({}))));
    const auto& claims = verified.claims;
    Json launches = Json::array();
    for (std::size_t i = 1; i < kLaunches; ++i)
        launches.push_back({{"launch_digest", to_hex(sha384(as_bytes(std::to_string(i))))}});
    launches.push_back({{"launch_digest", claims["measurement"]}});
    const Json image = {
        {"schema", "hallmark/reference-values/v1"},
        {"name", "bench"},
        {"version", "1"},
        {"manifest_sha256", std::string(64, '0')},
        {"snp", {{"policy", hex_number(claims["policy"].get<std::uint64_t>())}, {"launches", launches}}}};
    require(services.register_reference_values(image.dump()));
    const Json platform = {
        {"snp_bootloader", claims["reported_tcb_bootloader"]}, {"snp_microcode", claims["reported_tcb_microcode"]},
        {"snp_snp_svn", claims["reported_tcb_snp"]},           {"snp_tee_svn", claims["reported_tcb_tee"]},
        {"snp_smt_enabled", claims["platform_smt_enabled"]},   {"snp_tsme_enabled", claims["platform_tsme_enabled"]}};
    const Json message = {{"version", "0.1.0"}, {"type", "sample"}, {"payload", to_base64(as_bytes(platform.dump()))}};
    require(services.register_reference_values(message.dump()));
}

/// A key broker, and a guest that asks it.
class Bench {
public:
    Bench() : guest_(folder_.path() / "platform"), broker_(services()) {}

    [[nodiscard]] const Guest& guest() const { return guest_; }

    /// One handshake; every answer is looked at.
    Cost handshake(std::string_view client = "192.0.2.1") {
        Cost cost;
        const auto challenge =
            ask("POST", "/kbs/v0/auth", R"({"version":"0.4.0","tee":"snp","extra-params":""})", "", client, cost.auth);
        const auto nonce = need(parse_json(challenge.body, "auth"))["nonce"].get<std::string>();
        const auto cookie = challenge.set_cookie.substr(0, challenge.set_cookie.find(';'));
        const auto key = need(jose::KeyPair::generate(jose::KeyKind::kP256));
        const auto attested = ask("POST", "/kbs/v0/attest", attest_body(nonce, key), cookie, client, cost.attest);
        last_token_size_ = attested.body.size();
        const auto resource = ask("GET", "/kbs/v0/resource/" + std::string(kPath), "", cookie, client, cost.resource);
        const auto secret = need(jose::decrypt(need(parse_json(resource.body, "resource")), key));
        require(equal(secret.bytes(), as_bytes(kSecret)), "another secret came than was stored");
        // Sessions live for five minutes: at one a second there are as many after a while.
        clock_ += std::chrono::seconds(step_);
        return cost;
    }
    void stop_clock() { step_ = 0; }
    [[nodiscard]] std::size_t sessions() const { return broker_.sessions().count(); }
    [[nodiscard]] std::size_t token_size() const { return last_token_size_; }

private:
    broker::Services services() {
        const auto policy = folder_.path() / "release.toml";
        require(write_file(policy, as_bytes(kReleasePolicy)));
        cli::RelyingPartyOptions options;
        options.data = folder_.path() / "data";
        options.release_policy = policy.string();
        options.simulated_roots = {(folder_.path() / "platform/ark.pem").string()};
        auto services = need(cli::open_relying_party(options)).services;
        register_values(services, guest_);
        require(services.write(need(keys::ResourcePath::parse(kPath)), as_bytes(kSecret)));
        services.now = [this] { return clock_; };
        return services;
    }

    broker::Response ask(std::string_view method, std::string_view target, std::string_view body,
                         std::string_view cookie, std::string_view client, double& cost) {
        const auto begin = now();
        auto response = broker_.handle({method, target, cookie, "", body, client});
        cost += now() - begin;
        if (response.status != 200) give_up(std::string(target) + ": " + response.body);
        return response;
    }

    /// Report data as the protocol has them: the canonical form is written by hand.
    [[nodiscard]] std::string attest_body(const std::string& nonce, const jose::KeyPair& key) const {
        const auto& jwk = key.public_key().json();
        const auto member = [&](const char* name) { return jwk[name].get<std::string>(); };
        const std::string runtime = R"("nonce":")" + nonce + R"(","tee-pubkey":{"alg":")" + member("alg") +
                                    R"(","crv":"P-256","kty":"EC","x":")" + member("x") + R"(","y":")" + member("y") +
                                    R"("}})";
        const auto digest = sha384(as_bytes(R"({"additional-evidence":"",)" + runtime));
        std::array<std::uint8_t, 64> report_data{};
        std::ranges::copy(digest, report_data.begin());
        return R"({"init-data":null,"runtime-data":{)" + runtime + R"(,"tee-evidence":{"primary_evidence":)" +
               text_with_bytes(guest_.evidence(guest_.report(report_data))) + R"(,"additional_evidence":""}})";
    }

    test::TemporaryFolder folder_;
    Deadline clock_ = Clock::now();
    int step_ = 1;
    std::size_t last_token_size_ = 0;
    Guest guest_;
    broker::Broker broker_;
};

/// What no broker gets around: the public-key operations of a handshake.
class Operations {
public:
    Operations(const Guest& guest, std::size_t token_size)
        : report_(guest.report({})),
          vcek_(guest.certificate(snp::kVcekGuid)),
          token_(token_size, 0x41),
          token_key_(EVP_EC_gen("P-256")),
          guest_key_(EVP_EC_gen("P-256")) {
        const openssl::EcdsaSignature signature(ECDSA_SIG_new());
        const auto number = [](ByteSpan bytes) {
            return BN_lebin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr);
        };
        BIGNUM* r = number(report_.signature.r);
        BIGNUM* s = number(report_.signature.s);
        require(signature && ECDSA_SIG_set0(signature.get(), r, s) == 1, "OpenSSL");
        unsigned char* der = nullptr;
        const int size = i2d_ECDSA_SIG(signature.get(), &der);
        require(size > 0, "OpenSSL");
        signature_.assign(der, der + size);
        OPENSSL_free(der);
    }

    struct Parts {
        double report = 0;
        double token = 0;
        double wrap = 0;
        [[nodiscard]] double all() const { return report + token + wrap; }
    };
    Parts run() {
        Parts parts;
        double at = now();
        const auto took = [&] {
            const double begin = at;
            at = now();
            return at - begin;
        };
        verify(X509_get0_pubkey(vcek_.get()), EVP_sha384(), signature_, as_bytes(report_).first(snp::kSignedSize));
        parts.report = took();
        verify(token_key_.get(), EVP_sha256(), sign(), token_);
        parts.token = took();
        exchange();
        parts.wrap = took();
        return parts;
    }

private:
    static void verify(EVP_PKEY* key, const EVP_MD* digest, ByteSpan signature, ByteSpan text) {
        const openssl::DigestContext context(EVP_MD_CTX_new());
        require(EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
                    EVP_DigestVerify(context.get(), signature.data(), signature.size(), text.data(), text.size()) == 1,
                "a signature does not verify");
    }
    Bytes sign() {
        const openssl::DigestContext context(EVP_MD_CTX_new());
        Bytes signature(128);
        std::size_t size = signature.size();
        require(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, token_key_.get()) == 1 &&
                    EVP_DigestSign(context.get(), signature.data(), &size, token_.data(), token_.size()) == 1,
                "no signature");
        signature.resize(size);
        return signature;
    }
    /// An ephemeral key, and the secret that it shares with the guest's.
    void exchange() {
        const openssl::Key ephemeral(EVP_EC_gen("P-256"));
        const openssl::Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(EVP_PKEY_CTX_new(ephemeral.get(), nullptr));
        std::array<std::uint8_t, 32> shared{};
        std::size_t size = shared.size();
        require(EVP_PKEY_derive_init(context.get()) == 1 &&
                    EVP_PKEY_derive_set_peer_ex(context.get(), guest_key_.get(), 0) == 1 &&
                    EVP_PKEY_derive(context.get(), shared.data(), &size) == 1,
                "no shared secret");
    }

    snp::AttestationReport report_;
    Bytes signature_;
    openssl::Certificate vcek_;
    Bytes token_;
    openssl::Key token_key_;
    openssl::Key guest_key_;
};

void print_row(std::string_view name, std::string_view compared_with, double ratio, double bar) {
    const Json row = {
        {"name", name}, {"compared_with", compared_with}, {"ratio", ratio}, {"bar", bar}, {"holds", ratio <= bar}};
    std::fputs(to_text(row).c_str(), stdout);
}

/// The middle one of those by `part`.
template <class Parts, class Part>
double middle(std::vector<Parts>& turns, Part part) {
    const auto half = turns.begin() + static_cast<std::ptrdiff_t>(turns.size() / 2);
    std::ranges::nth_element(turns, half, {}, part);
    return std::invoke(part, *half);
}

/// One of each in turns, and the middle of each: another load on the machine hits both alike.
void speed() {
    Bench bench;
    bench.handshake();  // and with it the size of a token
    Operations operations(bench.guest(), bench.token_size());
    std::vector<Cost> ours;
    std::vector<Operations::Parts> theirs;
    for (std::size_t turn = 0; turn < kFirstTurns + kTurns; ++turn) {
        theirs.push_back(operations.run());
        ours.push_back(bench.handshake());
        if (turn + 1 == kFirstTurns) {
            ours.clear();
            theirs.clear();
        }
    }
    const auto us = [](auto& turns, auto part) { return 1e6 * middle(turns, part); };
    const double all = us(ours, &Cost::all);
    const double limit = us(theirs, &Operations::Parts::all);
    std::fprintf(stderr,
                 "us: auth %.0f, attest %.0f, resource %.0f, all %.0f; limit: report %.0f, token %.0f, "
                 "wrap %.0f, all %.0f\n",
                 us(ours, &Cost::auth), us(ours, &Cost::attest), us(ours, &Cost::resource), all,
                 us(theirs, &Operations::Parts::report), us(theirs, &Operations::Parts::token),
                 us(theirs, &Operations::Parts::wrap), limit);
    print_row("handshakes", "OpenSSL: the signatures and keys alone", all / limit, kSpeedBar);
}

double resident() {
    std::ifstream file("/proc/self/statm");
    double all = 0;
    double pages = 0;
    file >> all >> pages;
    require(pages > 0, "/proc/self/statm can't be read");
    return pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double in_use() { return static_cast<double>(::mallinfo2().uordblks); }

void memory(std::size_t handshakes) {
    Bench bench;
    for (std::size_t i = 0; i < kWarmUp; ++i) bench.handshake();
    const auto before = resident();
    const auto used = in_use();
    for (std::size_t i = 0; i < handshakes; ++i) bench.handshake();
    const auto growth = resident() - before;
    std::fprintf(stderr, "%zu sessions; resident %.0f KiB, grew %.0f KiB; in use %.0f KiB, grew %.1f KiB\n",
                 bench.sessions(), before / 1024, growth / 1024, used / 1024, (in_use() - used) / 1024);
    print_row("handshakes-memory", "1 MiB", growth / kGrowthLimit, 1.0);
}

void idle() {
    Bench bench;
    bench.stop_clock();
    const auto before = in_use();
    for (std::size_t i = 0; i < kIdleSessions; ++i) bench.handshake();
    require(bench.sessions() == kIdleSessions, "sessions are missing");
    rusage used{};
    require(::getrusage(RUSAGE_SELF, &used) == 0, "getrusage");
    std::fprintf(stderr, "a session %.1f KiB, resident %.0f KiB\n",
                 (in_use() - before) / 1024 / static_cast<double>(kIdleSessions), resident() / 1024);
    print_row("idle-sessions", "64 MiB", static_cast<double>(used.ru_maxrss) * 1024 / kIdleLimit, 1.0);
}

}  // namespace

int handshakes_main(int argc, char** argv) {
    const std::string_view what = argc > 1 ? argv[1] : "";
    const std::size_t number = argc > 2 ? need(parse_number(argv[2])) : kHandshakes;
    if (what == "speed") {
        speed();
    } else if (what == "memory") {
        memory(number);
    } else if (what == "idle") {
        idle();
    } else {
        require(what == "run", "expected speed, memory, idle or run");
        Bench bench;
        for (std::size_t i = 0; i < number; ++i) bench.handshake();
    }
    return 0;
}

}  // namespace hallmark

int main(int argc, char** argv) { return hallmark::handshakes_main(argc, argv); }
