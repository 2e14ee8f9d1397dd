// SPDX-License-Identifier: Apache-2.0
#include "agent/data-hub/service.hpp"

#include <proto/confidential_data_hub.pb.h>
#include <proto/key_provider.pb.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "agent/data-hub/image_limits.hpp"
#include "agent/ttrpc/admission.hpp"
#include "agent/ttrpc/client.hpp"
#include "agent/ttrpc/messages.hpp"
#include "common/secret.hpp"

namespace hallmark::hub {
namespace {

/// For callers who name no time: a token may have to be fetched first.
constexpr std::chrono::milliseconds kLongest{120'000};
constexpr std::string_view kError = "[CDH] [ERROR]: ";

Deadline deadline_of(const ttrpc::Call& call) { return std::min(call.deadline, in(kLongest)); }

ttrpc::Handler unimplemented(std::string_view what) {
    return [what](ByteSpan, const ttrpc::Call&) -> ttrpc::Answer {
        return ttrpc::failure(ttrpc::Code::kUnimplemented, std::string(kError) + std::string(what));
    };
}

/// A message with a secret in its only field; the message's own copy is wiped.
template <class Response>
Secret message_of(const Secret& secret, std::string* (Response::*field)()) {
    Response response;
    const auto bytes = secret.bytes();
    (response.*field)()->assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    Secret message = ttrpc::serialise(response);
    wipe(*(response.*field)());
    return message;
}

/// A method that takes a request and gives a secret. `ask` gets the request; `failed` is what CoCo says of an error.
template <class Request, class Response, class Ask>
ttrpc::Handler secret_method(Ask ask, std::string* (Response::*field)(), std::string_view failed) {
    return [ask, field, failed](ByteSpan payload, const ttrpc::Call& call) -> ttrpc::Answer {
        auto request = ttrpc::parse<Request>(payload);
        if (!request) return std::unexpected(request.error());
        const Result<Secret> secret = ask(*request, deadline_of(call));
        if (!secret)
            return ttrpc::failure(ttrpc::Code::kInternal,
                                  std::string(kError) + std::string(failed) + ": " + secret.error().message);
        return message_of<Response>(*secret, field);
    };
}

/// Passes a call on to the process that has the privileges for it, and waits for its end.
ttrpc::Handler passed_on(const ttrpc::Admission& admission, std::string socket, const char* service, const char* method,
                         std::string_view failed) {
    const auto pass = [client = ttrpc::Client(std::move(socket)), service, method, failed](ByteSpan payload,
                                                                                           const ttrpc::Call& call) {
        const Deadline deadline = std::min(call.deadline, in(kLongestPull));
        auto answer = client.call(service, method, payload, std::chrono::milliseconds(milliseconds_until(deadline)));
        if (!answer) answer.error().message = std::string(kError) + std::string(failed) + ": " + answer.error().message;
        return answer;
    };
    return admission.guard(pass, std::string(kError) + std::string(failed) + ": " + std::to_string(kPullsHeld) +
                                     " images and disks are under way or wait already, the most at once: try again "
                                     "when one of them is done");
}

}  // namespace

ttrpc::Methods methods_of(const DataHub& hub, std::string privileged) {
    ttrpc::Methods methods;
    methods.add("api.GetResourceService", "GetResource",
                secret_method<api::GetResourceRequest>(
                    [&hub](const api::GetResourceRequest& request, Deadline deadline) {
                        return hub.resource(request.resourcepath(), deadline);
                    },
                    &api::GetResourceResponse::mutable_resource, "Get Resource failed"));
    methods.add("api.SealedSecretService", "UnsealSecret",
                secret_method<api::UnsealSecretRequest>(
                    [&hub](const api::UnsealSecretRequest& request, Deadline deadline) {
                        return hub.unseal(as_bytes(request.secret()), deadline);
                    },
                    &api::UnsealSecretResponse::mutable_plaintext, "Unseal Secret failed"));
    using Input = keyprovider::keyProviderKeyWrapProtocolInput;
    using Output = keyprovider::keyProviderKeyWrapProtocolOutput;
    methods.add("keyprovider.KeyProviderService", "UnWrapKey",
                secret_method<Input>(
                    [&hub](const Input& request, Deadline deadline) {
                        return hub.unwrap_key(as_bytes(request.keyproviderkeywrapprotocolinput()), deadline);
                    },
                    &Output::mutable_keyproviderkeywrapprotocoloutput, "UnwrapKey failed"));
    methods.add("keyprovider.KeyProviderService", "WrapKey",
                unimplemented("WrapKey: a guest only unwraps keys; owners wrap them with hallmark-kbs keyprovider"));
    const ttrpc::Admission admission(kPullsHeld);
    constexpr const char* kMount = "api.SecureMountService";
    methods.add(kMount, "SecureMount", passed_on(admission, privileged, kMount, "SecureMount", "Secure Mount failed"));
    constexpr const char* kPull = "api.ImagePullService";
    methods.add(kPull, "PullImage",
                passed_on(admission, std::move(privileged), kPull, "PullImage", "Pull image failed"));
    return methods;
}

}  // namespace hallmark::hub
