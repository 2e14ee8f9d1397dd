// SPDX-License-Identifier: Apache-2.0
#include "agent/handshake/facts.hpp"

#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>

#include "agent/attestation/token_claims.hpp"
#include "agent/attestation/token_life.hpp"
#include "agent/ports/text.hpp"
#include "common/formats/snp_evidence.hpp"
#include "common/formats/snp_report.hpp"
#include "common/formats/tdx_evidence.hpp"
#include "common/formats/tdx_quote.hpp"
#include "common/hex.hpp"

namespace hallmark::handshake {
namespace {

constexpr std::int64_t kClocksAgree = 60;          // seconds
constexpr std::int64_t kLatest = 253'402'300'799;  // the year 9999
constexpr std::size_t kMostDimensions = 8;         // of a trustworthiness vector
constexpr const char* kSimulated = "ear.hallmark.simulated-tee";

std::string shown(const Json& value) {
    return guest::one_line(as_bytes(std::string_view(value.get_ref<const std::string&>())));
}

const Json* member(const Json& object, const char* key) {
    if (!object.is_object()) return nullptr;
    const auto found = object.find(key);
    return found == object.end() ? nullptr : &*found;
}

/// "executables 3, hardware 2"
std::string shown_vector(const Json& vector) {
    std::string text;
    std::size_t count = 0;
    for (const auto& [name, value] : vector.items()) {
        if (!value.is_number_integer() || ++count > kMostDimensions) continue;
        text += (text.empty() ? "" : ", ") + guest::one_line(as_bytes(std::string_view(name))) + " " +
                std::to_string(value.get<std::int64_t>());
    }
    return text;
}

void add_clock(Facts& facts, const Json& claims, std::time_t now) {
    const Json* made = member(claims, "iat");
    if (made == nullptr || !made->is_number_integer()) return;
    const auto seconds = made->get<std::int64_t>();
    if (seconds < 0 || seconds > kLatest) return;
    const std::int64_t ahead = seconds - static_cast<std::int64_t>(now);
    if (std::abs(ahead) <= kClocksAgree) return;
    facts.emplace_back("clocks", "the broker's is " + std::to_string(std::abs(ahead)) + " s " +
                                     (ahead > 0 ? "ahead of" : "behind") + " the one here; set the one that is wrong");
}

}  // namespace

Result<Facts> facts_of_evidence(std::string_view tee, const Json& evidence) {
    Facts facts;
    if (tee == "snp") {
        HALLMARK_TRY(const auto parts, snp::parse_evidence_json(evidence));
        HALLMARK_TRY(const auto report, snp::parse_report(parts.report));
        facts.emplace_back("launch digest", to_hex(report.measurement));
        facts.emplace_back("HOSTDATA", to_hex(report.host_data));
        facts.emplace_back("report data", to_hex(report.report_data));
    } else if (tee == "tdx") {
        HALLMARK_TRY(const auto parts, tdx::parse_evidence(evidence, "TDX evidence"));
        HALLMARK_TRY(const auto quote, tdx::parse_quote(parts.quote));
        facts.emplace_back("MRTD", to_hex(quote.body.mr_td));
        for (std::size_t i = 0; i < quote.body.rtmr.size(); ++i)
            facts.emplace_back("RTMR" + std::to_string(i), to_hex(quote.body.rtmr.at(i)));
        facts.emplace_back("MRCONFIGID", to_hex(quote.body.mr_config_id));
        facts.emplace_back("report data", to_hex(quote.body.report_data));
        facts.emplace_back("event log", parts.event_log ? std::to_string(parts.event_log->size()) + " bytes" : "none");
    }
    return facts;
}

Result<Verdict> verdict_in(std::string_view token, std::time_t now) {
    HALLMARK_TRY(const Json claims, attestation::unverified_claims(token));
    Verdict verdict;
    auto& facts = verdict.facts;
    const Json* submodules = member(claims, "submods");
    const Json* cpu = submodules == nullptr ? nullptr : member(*submodules, "cpu0");
    if (cpu != nullptr) {
        if (const Json* status = member(*cpu, "ear.status"); status != nullptr && status->is_string())
            verdict.status = shown(*status);
        if (const Json* vector = member(*cpu, "ear.trustworthiness-vector"); vector != nullptr && vector->is_object())
            facts.emplace_back("trustworthiness", shown_vector(*vector));
        if (const Json* policy = member(*cpu, "ear.appraisal-policy-id"); policy != nullptr && policy->is_string())
            facts.emplace_back("policy", shown(*policy));
        if (const Json* simulated = member(*cpu, kSimulated); simulated != nullptr && *simulated == true)
            facts.emplace_back("TEE", "simulated: it proves nothing of any hardware");
    }
    facts.emplace_back("lives", std::to_string(attestation::token_life(token, now).count()) + " s");
    add_clock(facts, claims, now);
    return verdict;
}

}  // namespace hallmark::handshake
