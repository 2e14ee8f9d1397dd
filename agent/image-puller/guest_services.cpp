// SPDX-License-Identifier: Apache-2.0
#include "agent/image-puller/guest_services.hpp"

#include <proto/attestation_agent.pb.h>
#include <proto/confidential_data_hub.pb.h>
#include <proto/key_provider.pb.h>

#include <chrono>
#include <string_view>

#include "common/jcs.hpp"

namespace hallmark::image_puller {
namespace {

constexpr std::chrono::milliseconds kSecretPatience{120'000};  // a token may have to be fetched first
constexpr std::chrono::milliseconds kRecordPatience{10'000};
constexpr std::string_view kHub = "data hub: ";

std::unexpected<Error> refused_by(std::string_view who, const ttrpc::Failure& failure) {
    return refused(std::string(who) + failure.message);
}

/// A message's only field, whose own copy is wiped.
Secret taken(std::string& field) {
    Secret secret(Bytes(field.begin(), field.end()));
    wipe(field);
    return secret;
}

}  // namespace

Result<Secret> HubClient::resource(const std::string& uri) const {
    api::GetResourceRequest request;
    request.set_resourcepath(uri);
    auto answer =
        client_.call<api::GetResourceResponse>("api.GetResourceService", "GetResource", request, kSecretPatience);
    if (!answer) return refused_by(kHub, answer.error());
    return taken(*answer->mutable_resource());
}

Result<Secret> HubClient::unwrap_key(ByteSpan request) const {
    keyprovider::keyProviderKeyWrapProtocolInput input;
    input.set_keyproviderkeywrapprotocolinput(request.data(), request.size());
    auto answer = client_.call<keyprovider::keyProviderKeyWrapProtocolOutput>("keyprovider.KeyProviderService",
                                                                              "UnWrapKey", input, kSecretPatience);
    if (!answer) return refused_by(kHub, answer.error());
    return taken(*answer->mutable_keyproviderkeywrapprotocoloutput());
}

Status record_pull(const std::string& agent_socket, const std::string& image, const oci::Digest& digest) {
    HALLMARK_TRY(std::string content, canonical({{"digest", digest.text()}, {"image", image}}));
    attestation_agent::ExtendRuntimeMeasurementRequest request;
    request.set_domain("github.com/confidential-containers");
    request.set_operation("PullImage");
    request.set_content(std::move(content));
    const auto answer =
        ttrpc::Client(agent_socket)
            .call<attestation_agent::ExtendRuntimeMeasurementResponse>(
                "attestation_agent.AttestationAgentService", "ExtendRuntimeMeasurement", request, kRecordPatience);
    if (!answer) return refused_by("attestation agent: ", answer.error());
    return {};
}

}  // namespace hallmark::image_puller
