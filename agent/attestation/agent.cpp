// SPDX-License-Identifier: Apache-2.0
#include "agent/attestation/agent.hpp"

#include <utility>

#include "agent/attestation/kbs_tokens.hpp"
#include "agent/attestation/service_tokens.hpp"
#include "agent/events/logged_events.hpp"
#include "agent/evidence/platform.hpp"
#include "agent/ports/text.hpp"
#include "common/base64.hpp"
#include "common/json_bytes.hpp"

namespace hallmark::attestation {
namespace {

std::map<std::string, std::unique_ptr<TokenModule>> modules_of(const Config& config, guest::EvidenceSource& evidence,
                                                               const std::optional<std::string>& init_data) {
    std::map<std::string, std::unique_ptr<TokenModule>> modules;
    if (!config.kbs_url.empty()) modules["kbs"] = std::make_unique<KbsTokens>(config, evidence, init_data);
    if (!config.coco_as_url.empty()) modules["coco_as"] = std::make_unique<ServiceTokens>(config, evidence, init_data);
    return modules;
}

}  // namespace

AttestationAgent::AttestationAgent(const Config& config, guest::EvidenceSource& evidence, guest::RuntimeEvents& events,
                                   const std::optional<std::string>& init_data)
    : AttestationAgent(evidence, events, modules_of(config, evidence, init_data)) {}

AttestationAgent::AttestationAgent(guest::EvidenceSource& evidence, guest::RuntimeEvents& events,
                                   std::map<std::string, std::unique_ptr<TokenModule>> modules)
    : evidence_(evidence), events_(events) {
    for (auto& [type, module] : modules) tokens_[type] = std::make_unique<TokenCache>(std::move(module));
}

Result<std::string> AttestationAgent::evidence(ByteSpan runtime_data) {
    if (events_.binds_report_data()) return bound_evidence(runtime_data);
    HALLMARK_TRY(const Json json, evidence_.evidence(runtime_data));
    return text_with_bytes(json);
}

Result<std::string> AttestationAgent::bound_evidence(ByteSpan runtime_data) {
    HALLMARK_TRY(const auto report_data, guest::report_data_of(runtime_data));
    Json json;
    HALLMARK_CHECK(events_.with_entries([&](ByteSpan entries) -> Status {
        HALLMARK_TRY(json, evidence_.evidence(events::bind_entries(report_data, entries)));
        HALLMARK_TRY(const auto log, guest::compose_event_log({}, entries));
        json["runtime_events"] = {{"bound_to", "report_data"}, {"cc_eventlog", to_base64(*log)}};
        return {};
    }));
    return text_with_bytes(json);
}

Result<AttestationAgent::Token> AttestationAgent::token(std::string_view type, Deadline deadline, bool fresh) {
    const auto found = tokens_.find(type);
    if (found != tokens_.end()) {
        auto token = found->second->get(deadline, fresh);
        if (!token) return std::unexpected(std::move(token).error());
        return std::move(*token);
    }
    const std::string shown = guest::one_line(as_bytes(type));
    if (type == "kbs" || type == "coco_as")
        return bad_input("token type " + shown + ": the configuration has no token_configs." + shown + ".url");
    return bad_input("token type '" + shown + "', expected kbs or coco_as");
}

Result<guest::Extended> AttestationAgent::extend(const guest::RuntimeEvent& event) { return events_.extend(event); }

Status AttestationAgent::bind_init_data(ByteSpan digest) { return evidence_.check_init_data(digest); }

}  // namespace hallmark::attestation
