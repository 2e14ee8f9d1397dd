// SPDX-License-Identifier: Apache-2.0
// AMD's key distribution service, or a mirror of it: endorsements of chips by their identifier and TCB.
// Source: AMD publication 57230, revision 1.00, chapter 4 (KDS interface).
#pragma once

#include <chrono>
#include <ctime>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>

#include "common/bytes.hpp"
#include "common/http/client.hpp"
#include "relying-party/verifier/snp/verify.hpp"

namespace hallmark::verifier {

struct KdsOptions {
    std::string base = "https://kdsintf.amd.com";
    std::filesystem::path cache;        ///< folder for what was fetched; made where it is missing; empty: memory only
    std::filesystem::path authorities;  ///< PEM of those to trust for TLS; empty: the system's
    http::Limits limits{.largest_body = 256 * 1024};
    http::Patience patience;
    std::chrono::seconds pause{60};  ///< after a failure the same thing is not asked for again so soon
    /// A revocation list is asked for again after so long, and serves on where there is no answer: AMD's are current
    /// for a year, and a new one may come any day.
    std::chrono::seconds list_life{24 * 3600};
    /// Questions at once; one more fails, since whoever forges reports chooses how many there are.
    std::size_t most_questions = 2;
};

/// May be used by several threads.
class Kds : public EndorsementSource {
public:
    explicit Kds(KdsOptions options) : options_(std::move(options)) {}

    Result<Bytes> vcek(snp::ProductLine line, const snp::AttestationReport& report) override;
    Result<Bytes> authorities(snp::ProductLine line, KeyKind kind) override;
    Result<Bytes> revocation_list(snp::ProductLine line, KeyKind kind, std::time_t at) override;

    /// Whether the next question would be one too many.
    bool is_crowded();

private:
    struct Failure {
        Error error;
        std::chrono::steady_clock::time_point until;
    };
    /// What is kept under that name where it is still `good`, else what the service answers if that is.
    template <class Good>
    Result<Bytes> get(const std::string& name, const std::string& url, const Good& good);
    /// What the service answers if it is good, which is kept.
    template <class Good>
    Result<Bytes> fetch(const std::string& name, const std::string& url, const Good& good);
    Result<Bytes> ask(const std::string& name, const std::string& url);
    Result<Bytes> ask_service(const std::string& url);
    Result<Bytes> kept(const std::string& name);
    Status keep(const std::string& name, const Bytes& bytes);

    KdsOptions options_;
    std::mutex mutex_;
    std::map<std::string, Bytes> memory_;
    std::map<std::string, Failure> failures_;
    std::map<std::string, std::chrono::steady_clock::time_point> fresh_until_;  // lists
    std::size_t questions_ = 0;
};

/// "https://kdsintf.amd.com/vcek/v1/Milan/HWID?blSPL=…"; Turin's has fmcSPL too. Refused where the chip is masked.
Result<std::string> vcek_url(const std::string& base, snp::ProductLine line, const snp::AttestationReport& report);
/// "…/vcek/v1/Milan/cert_chain": ASK and ARK; under vlek ASVK and ARK.
std::string authorities_url(const std::string& base, snp::ProductLine line, KeyKind kind);
/// "…/vcek/v1/Milan/crl"
std::string revocation_list_url(const std::string& base, snp::ProductLine line, KeyKind kind);

}  // namespace hallmark::verifier
