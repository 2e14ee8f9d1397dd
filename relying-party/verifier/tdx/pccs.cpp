// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/tdx/pccs.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <system_error>
#include <utility>

#include "common/file.hpp"
#include "common/hex.hpp"
#include "common/text.hpp"
#include "relying-party/verifier/age.hpp"
#include "relying-party/verifier/tdx/issuer_chain.hpp"
#include "relying-party/verifier/x509/path.hpp"
#include "relying-party/verifier/x509/pin.hpp"

namespace hallmark::verifier {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::string_view kIntelService = "https://api.trustedservices.intel.com";
constexpr const char* kIntelRootList = "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der";
constexpr std::size_t kMostKinds = 512;
constexpr const char* kLastWritten = "root.crl";
constexpr int kAttemptsInLife = 24;     // while nobody answers: everybody with such a platform waits for each
constexpr std::size_t kNameDigest = 8;  // bytes of a digest that tell two CAs of one name apart

/// PCS says the first, a PCCS says the second.
constexpr std::array kTcbInfoChains = {"tcb-info-issuer-chain", "sgx-tcb-info-issuer-chain"};
constexpr std::array kIdentityChains = {"sgx-enclave-identity-issuer-chain", "enclave-identity-issuer-chain"};

/// Intel's two PCK CAs are told by their names.
const char* kind_of(const X509& authority) {
    return common_name(authority).find("Processor") != std::string::npos ? "processor" : "platform";
}

Result<std::string> name_of(const PckFacts& pck, const X509& authority) {
    HALLMARK_TRY(const Sha256 key, spki_digest(authority));
    return to_hex(pck.fmspc) + "-" + to_hex(pck.pce_id) + "-" + kind_of(authority) + "-" +
           to_hex(ByteSpan(key).first(kNameDigest));
}

/// DER, or DER in hexadecimal.
Result<Bytes> list_of(Bytes body) {
    std::string_view text = text_of(body);
    if (!text.starts_with("30")) return body;  // with which DER of a list can't begin
    while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
    return from_hex(text);
}

template <std::size_t kCount>
Result<Bytes> chain_of(const http::Response& response, const std::array<const char*, kCount>& names) {
    for (const char* name : names)
        if (const auto found = response.headers.find(name); found != response.headers.end())
            return decode_issuer_chain(found->second);
    return bad_input(std::string("no header ") + names[0] + " in the answer");
}

}  // namespace

PccsAddresses pccs_addresses(const std::string& base, const PckFacts& pck, const X509& authority) {
    std::string_view root = base;
    while (root.ends_with('/')) root.remove_suffix(1);
    constexpr std::string_view kPath = "/sgx/certification/v4";
    if (root.ends_with(kPath)) root.remove_suffix(kPath.size());
    const std::string service(root);
    std::string fmspc = to_hex(pck.fmspc);
    std::ranges::transform(fmspc, fmspc.begin(), [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
    return {.tcb_info = service + "/tdx/certification/v4/tcb?fmspc=" + fmspc,
            .qe_identity = service + "/tdx/certification/v4/qe/identity",
            .pck_list = service + "/sgx/certification/v4/pckcrl?ca=" + kind_of(authority) + "&encoding=der",
            .root_list = service == kIntelService ? kIntelRootList : service + "/sgx/certification/v4/rootcacrl"};
}

Result<std::unique_ptr<Pccs>> Pccs::open(PccsOptions options) {
    if (!options.base.starts_with("https://") && !options.base.starts_with("http://"))
        return bad_input("found '" + options.base + "', expected an address such as https://localhost:8081");
    return std::unique_ptr<Pccs>(new Pccs(std::move(options)));
}

std::shared_ptr<Pccs::Kept> Pccs::kept(const std::string& name) {
    const std::lock_guard lock(mutex_);
    if (kept_.size() >= kMostKinds && !kept_.contains(name)) kept_.clear();
    auto& entry = kept_[name];
    if (!entry) entry = std::make_shared<Kept>();
    return entry;
}

Result<http::Response> Pccs::ask(const std::string& url, Clock::time_point deadline) const {
    const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
    if (left <= milliseconds(0))
        return bad_input(url + ": not asked for: the documents before it took more than " +
                         std::to_string(options_.budget.count()) + " ms");
    http::Request request;
    request.url = url;
    request.authorities = options_.authorities;
    request.limits = options_.limits;
    request.limits.whole = std::min(request.limits.whole, left);
    http::Patience patience = options_.patience;
    patience.whole = std::min(patience.whole, left);
    return http::fetch_response(request, patience);
}

Result<Collateral> Pccs::fetch(const PccsAddresses& addresses) const {
    const auto deadline = Clock::now() + options_.budget;
    Collateral documents;
    const auto take_chain = [&](const http::Response& response, const auto& names, const std::string& url) -> Status {
        auto chain = chain_of(response, names);
        if (!chain) return std::unexpected(chain.error().at(url));
        documents.certificates.push_back({url, *std::move(chain)});
        return {};
    };
    HALLMARK_TRY(auto info, ask(addresses.tcb_info, deadline));
    HALLMARK_CHECK(take_chain(info, kTcbInfoChains, addresses.tcb_info));
    documents.tcb_infos.push_back({addresses.tcb_info, std::move(info.body)});
    HALLMARK_TRY(auto identity, ask(addresses.qe_identity, deadline));
    HALLMARK_CHECK(take_chain(identity, kIdentityChains, addresses.qe_identity));
    documents.qe_identities.push_back({addresses.qe_identity, std::move(identity.body)});
    for (const auto& url : {addresses.pck_list, addresses.root_list}) {
        HALLMARK_TRY(auto response, ask(url, deadline));
        auto list = list_of(std::move(response.body));
        if (!list) return std::unexpected(list.error().at(url));
        documents.crls.push_back({url, *std::move(list)});
    }
    return documents;
}

Status Pccs::write(const std::string& name, const Collateral& documents) const {
    if (options_.cache.empty()) return {};
    const fs::path folder = options_.cache / name;
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return bad_input(folder.string() + ": " + error.message());
    HALLMARK_CHECK(write_file(folder / "tcb-info.json", documents.tcb_infos[0].bytes));
    HALLMARK_CHECK(write_file(folder / "tcb-info-issuer-chain.pem", documents.certificates[0].bytes));
    HALLMARK_CHECK(write_file(folder / "qe-identity.json", documents.qe_identities[0].bytes));
    HALLMARK_CHECK(write_file(folder / "qe-identity-issuer-chain.pem", documents.certificates[1].bytes));
    HALLMARK_CHECK(write_file(folder / "pck.crl", documents.crls[0].bytes));
    return write_file(folder / kLastWritten, documents.crls[1].bytes);
}

Status Pccs::load(const std::string& name, const TrustedChain& chain, const PckFacts& pck, std::time_t at, Kept& kept) {
    if (options_.cache.empty()) return bad_input(name + ": not kept");
    HALLMARK_TRY(Collateral documents, read_collateral(options_.cache / name));
    HALLMARK_TRY(const auto verified, verify_kind_collateral(documents, chain, pck, at));
    if (const auto age = age_of(options_.cache / name / kLastWritten))
        kept.fresh_until = Clock::now() + options_.life - *age;
    kept.documents = std::make_shared<const Collateral>(std::move(documents));
    kept.issued = verified.latest_issue;
    kept.until = verified.earliest_expiration;
    return {};
}

Status Pccs::renew(const std::string& name, const TrustedChain& chain, const PckFacts& pck, std::time_t at,
                   Kept& kept) {
    HALLMARK_TRY(Collateral documents, fetch(pccs_addresses(options_.base, pck, *chain.authority)));
    HALLMARK_TRY(const auto verified, verify_kind_collateral(documents, chain, pck, at));
    if (verified.earliest_expiration > at) HALLMARK_CHECK(write(name, documents));
    kept.documents = std::make_shared<const Collateral>(std::move(documents));
    kept.issued = verified.latest_issue;
    kept.until = verified.earliest_expiration;
    return {};
}

Result<std::shared_ptr<const Collateral>> Pccs::collateral(const TrustedChain& chain, const PckFacts& pck,
                                                           std::time_t at) {
    HALLMARK_TRY(const std::string name, name_of(pck, *chain.authority));
    const auto entry = kept(name);
    const std::lock_guard lock(entry->mutex);
    const auto is_current = [&] { return entry->documents && entry->issued <= at && at < entry->until; };
    // What can't be read or used is fetched anew.
    if (!entry->documents && entry->outcome) (void)load(name, chain, pck, at, *entry);
    if (is_current() && Clock::now() < entry->fresh_until) return entry->documents;
    if (Clock::now() >= entry->next_attempt) {
        entry->outcome = renew(name, chain, pck, at, *entry);
        entry->next_attempt = Clock::now() + options_.pause;
        // What is here serves on where nobody answers; an answer that refuses outweighs it.
        if (!entry->outcome && entry->outcome.error().fault == Fault::kNo) entry->documents = nullptr;
        entry->fresh_until = Clock::now() + (entry->outcome ? options_.life : options_.life / kAttemptsInLife);
    }
    if (entry->outcome || is_current()) return entry->documents;
    return std::unexpected(entry->outcome.error());
}

}  // namespace hallmark::verifier
