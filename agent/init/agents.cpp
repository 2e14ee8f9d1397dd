// SPDX-License-Identifier: Apache-2.0
#include "agent/init/agents.hpp"

#include <proto/attestation_agent.pb.h>
#include <proto/confidential_data_hub.pb.h>

#include "agent/ports/text.hpp"
#include "common/formats/snp_evidence.hpp"
#include "common/formats/tdx_evidence.hpp"
#include "common/json.hpp"

namespace hallmark::guest {
namespace {

constexpr std::chrono::milliseconds kPatience{50'000};         // of every caller of these daemons
constexpr std::chrono::milliseconds kPullPatience{1'200'000};  // agent.image_pull_timeout of Kata
constexpr const char* kAgentService = "attestation_agent.AttestationAgentService";
constexpr const char* kResourceService = "api.GetResourceService";
constexpr const char* kPullService = "api.ImagePullService";
constexpr const char* kSealedService = "api.SealedSecretService";

std::unexpected<Error> refused_by(const ttrpc::Failure& failure) {
    return refused(one_line(as_bytes(failure.message)));
}

}  // namespace

Result<std::unique_ptr<Attester>> AgentAttester::open(std::string socket, std::string source) {
    std::unique_ptr<AgentAttester> attester(new AgentAttester(ttrpc::Client(std::move(socket)), std::move(source)));
    const auto type = attester->client_.call<attestation_agent::GetTeeTypeResponse>(
        kAgentService, "GetTeeType", attestation_agent::GetTeeTypeRequest(), kPatience);
    if (!type) return refused_by(type.error());
    attester->tee_ = one_line(as_bytes(type->tee()));
    return attester;
}

Result<guest_port::Evidence> AgentAttester::attest(const ReportData& report_data) {
    attestation_agent::GetEvidenceRequest request;
    request.set_runtimedata(report_data.data(), report_data.size());
    const auto answer =
        client_.call<attestation_agent::GetEvidenceResponse>(kAgentService, "GetEvidence", request, kPatience);
    if (!answer) return refused_by(answer.error());
    return evidence_of(tee_, answer->evidence());
}

Result<guest_port::Evidence> evidence_of(const std::string& tee, std::string_view json) {
    HALLMARK_TRY(const Json parsed, parse_json(json, "evidence"));
    guest_port::Evidence evidence{.source = guest_port::Source::kAgent, .kind = guest_port::Kind::kSnpReport};
    if (tee == "snp") {
        HALLMARK_TRY(const auto parts, snp::parse_evidence_json(parsed));
        evidence.report = parts.report;
        evidence.certificates = snp::certificate_table_of(parts);
        return evidence;
    }
    if (tee != "tdx") return refused("evidence of the TEE '" + tee + "', expected snp or tdx");
    HALLMARK_TRY(auto parts, tdx::parse_evidence(parsed, "evidence"));
    evidence.kind = guest_port::Kind::kTdxQuote;
    evidence.report = std::move(parts.quote);
    evidence.event_log = std::move(parts.event_log).value_or(Bytes());
    return evidence;
}

Status ask_hub(const std::string& socket, const std::string& resource) {
    api::GetResourceRequest request;
    request.set_resourcepath(resource);
    const auto answer =
        ttrpc::Client(socket).call<api::GetResourceResponse>(kResourceService, "GetResource", request, kPatience);
    if (!answer) return refused(answer.error().message);
    return {};
}

Result<std::string> pull_image(const std::string& socket, const std::string& reference, const std::string& bundle) {
    api::PullImageRequest request;
    request.set_image_url(reference);
    request.set_bundle_path(bundle);
    const auto answer =
        ttrpc::Client(socket).call<api::PullImageResponse>(kPullService, "PullImage", request, kPullPatience);
    if (!answer) return refused(answer.error().message);
    return answer->manifest_digest();
}

Result<Secret> unseal(const std::string& socket, const std::string& sealed) {
    api::UnsealSecretRequest request;
    request.set_secret(sealed);
    auto answer =
        ttrpc::Client(socket).call<api::UnsealSecretResponse>(kSealedService, "UnsealSecret", request, kPatience);
    if (!answer) return refused(answer.error().message);
    const ByteSpan plain = as_bytes(answer->plaintext());
    Secret secret(Bytes(plain.begin(), plain.end()));
    wipe(*answer->mutable_plaintext());
    return secret;
}

}  // namespace hallmark::guest
