// SPDX-License-Identifier: Apache-2.0
#include "agent/attestation/service.hpp"

#include <google/protobuf/message_lite.h>
#include <proto/attestation_agent.pb.h>

#include <string>
#include <string_view>
#include <utility>

#include "agent/ttrpc/messages.hpp"
#include "common/text.hpp"

namespace hallmark::attestation {
namespace {

namespace pb = ::attestation_agent;
using ttrpc::Call;
using ttrpc::Code;
template <class Message>
using Outcome = std::expected<Message, ttrpc::Failure>;

constexpr std::string_view kService = "attestation_agent.AttestationAgentService";

/// A request that can't be met is the caller's fault; all else is told as other agents tell it, as internal.
std::unexpected<ttrpc::Failure> failure(const Error& error, Code code = Code::kInternal) {
    return ttrpc::failure(code, "[AA] [ERROR]: " + error.message);
}

Outcome<pb::GetEvidenceResponse> evidence(AttestationAgent& agent, const pb::GetEvidenceRequest& request) {
    const auto json = agent.evidence(as_bytes(std::string_view(request.runtimedata())));
    if (!json)
        return failure(json.error(), json.error().fault == Fault::kBadInput ? Code::kInvalidArgument : Code::kInternal);
    pb::GetEvidenceResponse response;
    response.set_evidence(*json);
    return response;
}

/// The token is the answer: what holds it is wiped, so it goes past the message class.
ttrpc::Answer token(AttestationAgent& agent, ByteSpan payload, const Call& call) {
    const auto request = ttrpc::parse<pb::GetTokenRequest>(payload);
    if (!request) return std::unexpected(request.error());
    const auto token = agent.token(request->tokentype(), call.deadline, request->fresh());
    if (!token) return failure(token.error());
    pb::GetTokenResponse response;
    const auto bytes = text_of((*token)->answer.bytes());
    response.set_token(bytes.data(), bytes.size());
    auto answer = ttrpc::serialise(response);
    OPENSSL_cleanse(response.mutable_token()->data(), response.token().size());
    return answer;
}

Outcome<pb::ExtendRuntimeMeasurementResponse> extend(AttestationAgent& agent,
                                                     const pb::ExtendRuntimeMeasurementRequest& request) {
    guest::RuntimeEvent event{.domain = request.domain(),
                              .operation = request.operation(),
                              .content = request.content(),
                              .register_index = {}};
    if (request.has_registerindex()) event.register_index = request.registerindex();
    const auto extended = agent.extend(event);
    if (!extended) return failure(extended.error());
    pb::ExtendRuntimeMeasurementResponse response;
    switch (*extended) {
        case guest::Extended::kOk:
            response.set_result(pb::OK);
            break;
        case guest::Extended::kNotSupported:
            response.set_result(pb::NOT_SUPPORTED);
            break;
        case guest::Extended::kNotEnabled:
            response.set_result(pb::NOT_ENABLED);
            break;
    }
    return response;
}

Outcome<pb::BindInitDataResponse> bind(AttestationAgent& agent, const pb::BindInitDataRequest& request) {
    const auto bound = agent.bind_init_data(as_bytes(std::string_view(request.digest())));
    if (!bound) return failure(bound.error());
    return pb::BindInitDataResponse();
}

}  // namespace

ttrpc::Methods methods_of(AttestationAgent& agent) {
    ttrpc::Methods methods;
    methods.add(kService, "GetEvidence",
                ttrpc::unary<pb::GetEvidenceRequest>(
                    [&agent](const auto& request, const Call&) { return evidence(agent, request); }));
    // Devices beside the TEE have evidence of their own; there are none here, and the answer is an empty one.
    methods.add(kService, "GetAdditionalEvidence",
                ttrpc::unary<pb::GetAdditionalEvidenceRequest>(
                    [](const auto&, const Call&) -> Outcome<pb::GetAdditionalEvidenceResponse> {
                        return pb::GetAdditionalEvidenceResponse();
                    }));
    methods.add(kService, "GetToken",
                [&agent](ByteSpan payload, const Call& call) { return token(agent, payload, call); });
    methods.add(kService, "ExtendRuntimeMeasurement",
                ttrpc::unary<pb::ExtendRuntimeMeasurementRequest>(
                    [&agent](const auto& request, const Call&) { return extend(agent, request); }));
    methods.add(kService, "BindInitData",
                ttrpc::unary<pb::BindInitDataRequest>(
                    [&agent](const auto& request, const Call&) { return bind(agent, request); }));
    methods.add(
        kService, "GetTeeType",
        ttrpc::unary<pb::GetTeeTypeRequest>([&agent](const auto&, const Call&) -> Outcome<pb::GetTeeTypeResponse> {
            pb::GetTeeTypeResponse response;
            response.set_tee(agent.tee_type());
            return response;
        }));
    methods.add(kService, "GetAdditionalTees",
                ttrpc::unary<pb::GetAdditionalTeesRequest>(
                    [](const auto&, const Call&) -> Outcome<pb::GetAdditionalTeesResponse> {
                        return pb::GetAdditionalTeesResponse();
                    }));
    return methods;
}

}  // namespace hallmark::attestation
