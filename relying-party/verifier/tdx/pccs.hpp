// SPDX-License-Identifier: Apache-2.0
// Collateral from Intel's provisioning certification service (PCS), or from a service that keeps it for a site (PCCS).
// Source: Intel "Provisioning Certification Service" API, version 4: Get TDX TCB Info, Get TDX QE Identity, Get
// Revocation List; a PCCS has the root's revocation list besides, and gives lists in hexadecimal where PCS gives DER.
#pragma once

#include <chrono>
#include <ctime>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "common/http/client.hpp"
#include "relying-party/verifier/tdx/collateral.hpp"

namespace hallmark::verifier {

struct PccsOptions {
    std::string base;                   ///< "https://localhost:8081"
    std::filesystem::path cache;        ///< folder for what was fetched; made where it is missing; empty: memory only
    std::filesystem::path authorities;  ///< PEM of those to trust for TLS; empty: the system's
    http::Limits limits{.largest_body = 1024 * 1024, .whole = std::chrono::seconds(10)};
    http::Patience patience{.attempts = 3, .whole = std::chrono::seconds(10), .sleep = {}};
    std::chrono::milliseconds budget{20'000};  ///< for all documents of one platform; then no other one is asked for
    std::chrono::milliseconds pause{60'000};   ///< the same things are not asked for again so soon
    /// Documents are asked for again after so long, and serve on where there is no answer: Intel's are current for a
    /// month, and a new list or level may come any day.
    std::chrono::milliseconds life = std::chrono::hours(24);
};

/// Where the documents of one kind of platform are.
struct PccsAddresses {
    std::string tcb_info;
    std::string qe_identity;
    std::string pck_list;
    std::string root_list;
};

/// `base` may end as Intel's configuration files have it: "https://localhost:8081/sgx/certification/v4/". `authority`
/// is the CA of the PCK certificate.
PccsAddresses pccs_addresses(const std::string& base, const PckFacts& pck, const X509& authority);

/// Keeps what it fetched for as long as all of it is current: in memory, and each kind of platform in a folder of its
/// own that `--collateral` could name. May be used by several threads; of those who want the same, one asks.
class Pccs : public CollateralSource {
public:
    /// Refused where the address is none.
    static Result<std::unique_ptr<Pccs>> open(PccsOptions options);

    Result<std::shared_ptr<const Collateral>> collateral(const TrustedChain& chain, const PckFacts& pck,
                                                         std::time_t at) override;

private:
    /// Of one kind of platform.
    struct Kept {
        std::mutex mutex;  // of all below, and held while asking
        std::shared_ptr<const Collateral> documents;
        std::time_t issued = 0;  ///< the newest of them
        std::time_t until = 0;   ///< the first of them is out of date
        Status outcome;          ///< of the last attempt
        std::chrono::steady_clock::time_point next_attempt;
        std::chrono::steady_clock::time_point fresh_until;
    };

    explicit Pccs(PccsOptions options) : options_(std::move(options)) {}
    std::shared_ptr<Kept> kept(const std::string& name);
    Status load(const std::string& name, const TrustedChain& chain, const PckFacts& pck, std::time_t at, Kept& kept);
    Status renew(const std::string& name, const TrustedChain& chain, const PckFacts& pck, std::time_t at, Kept& kept);
    Result<http::Response> ask(const std::string& url, std::chrono::steady_clock::time_point deadline) const;
    Result<Collateral> fetch(const PccsAddresses& addresses) const;
    Status write(const std::string& name, const Collateral& documents) const;

    PccsOptions options_;
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<Kept>> kept_;
};

}  // namespace hallmark::verifier
