// SPDX-License-Identifier: Apache-2.0
#include "agent/rest/ttrpc_services.hpp"
#include "common/text.hpp"

#include <proto/attestation_agent.pb.h>
#include <proto/confidential_data_hub.pb.h>

#include <chrono>

namespace hallmark::rest {
namespace {

namespace aa = ::attestation_agent;

constexpr std::string_view kAgent = "attestation_agent.AttestationAgentService";
constexpr std::string_view kHub = "api.GetResourceService";
/// As Confidential Containers' server waits.
constexpr std::chrono::milliseconds kPatience{50'000};

template <class Response>
Result<Response> ask(const ttrpc::Client& client, std::string_view service, std::string_view method,
                     const google::protobuf::MessageLite& request) {
    auto answer = client.call<Response>(service, method, request, kPatience);
    if (!answer) return refused(std::move(answer).error().message);
    return *std::move(answer);
}

/// Takes a secret out of a message, whose own copy is wiped.
Secret take(std::string& field) {
    const auto bytes = as_bytes(field);
    Secret secret(Bytes(bytes.begin(), bytes.end()));
    wipe(field);
    return secret;
}

}  // namespace

Result<Secret> TtrpcServices::resource(const std::string& uri) {
    api::GetResourceRequest request;
    request.set_resourcepath(uri);
    HALLMARK_TRY(auto answer, ask<api::GetResourceResponse>(hub_, kHub, "GetResource", request));
    return take(*answer.mutable_resource());
}

Result<Secret> TtrpcServices::token(const std::string& type) {
    aa::GetTokenRequest request;
    request.set_tokentype(type);
    HALLMARK_TRY(auto answer, ask<aa::GetTokenResponse>(agent_, kAgent, "GetToken", request));
    return take(*answer.mutable_token());
}

Result<Secret> TtrpcServices::evidence(ByteSpan runtime_data) {
    aa::GetEvidenceRequest request;
    request.set_runtimedata(std::string(text_of(runtime_data)));
    HALLMARK_TRY(auto answer, ask<aa::GetEvidenceResponse>(agent_, kAgent, "GetEvidence", request));
    return take(*answer.mutable_evidence());
}

Result<Secret> TtrpcServices::additional_evidence(ByteSpan runtime_data) {
    aa::GetAdditionalEvidenceRequest request;
    request.set_runtimedata(std::string(text_of(runtime_data)));
    HALLMARK_TRY(auto answer, ask<aa::GetAdditionalEvidenceResponse>(agent_, kAgent, "GetAdditionalEvidence", request));
    return take(*answer.mutable_evidence());
}

Result<Extended> TtrpcServices::extend(const std::string& domain, const std::string& operation,
                                       const std::string& content) {
    aa::ExtendRuntimeMeasurementRequest request;
    request.set_domain(domain);
    request.set_operation(operation);
    request.set_content(content);
    HALLMARK_TRY(const auto answer,
                 ask<aa::ExtendRuntimeMeasurementResponse>(agent_, kAgent, "ExtendRuntimeMeasurement", request));
    switch (answer.result()) {
        case aa::OK:
            return Extended::kDone;
        case aa::NOT_SUPPORTED:
            return Extended::kNotSupported;
        case aa::NOT_ENABLED:
            return Extended::kNotEnabled;
        default:
            return refused("attestation agent: an unknown result of a runtime measurement");
    }
}

Result<std::string> TtrpcServices::tee_type() {
    HALLMARK_TRY(const auto answer, ask<aa::GetTeeTypeResponse>(agent_, kAgent, "GetTeeType", aa::GetTeeTypeRequest()));
    return answer.tee();
}

Result<std::vector<std::string>> TtrpcServices::additional_tees() {
    HALLMARK_TRY(const auto answer, ask<aa::GetAdditionalTeesResponse>(agent_, kAgent, "GetAdditionalTees",
                                                                       aa::GetAdditionalTeesRequest()));
    return std::vector<std::string>(answer.additional_tees().begin(), answer.additional_tees().end());
}

}  // namespace hallmark::rest
