// SPDX-License-Identifier: Apache-2.0
#include "relying-party/broker/refusal.hpp"

#include "common/json.hpp"

namespace hallmark::broker {
namespace {

constexpr std::string_view kTypePrefix = "https://github.com/confidential-containers/kbs/errors/";
constexpr std::size_t kLongestDetail = 1024;

/// Cut where it would only repeat what the client sent.
std::string shortened(const std::string& detail) {
    return detail.size() <= kLongestDetail ? detail : detail.substr(0, kLongestDetail) + "…";
}

}  // namespace

std::string_view name_of(Variant variant) {
    switch (variant) {
        case Variant::kAdminAuthAccess:
            return "AdminAuthAccess";
        case Variant::kAttestationError:
            return "AttestationError";
        case Variant::kInvalidRequestPath:
            return "InvalidRequestPath";
        case Variant::kJweError:
            return "JweError";
        case Variant::kParsePolicyError:
            return "ParsePolicyError";
        case Variant::kPluginInternalError:
            return "PluginInternalError";
        case Variant::kPluginNotFound:
            return "PluginNotFound";
        case Variant::kPolicyDeny:
            return "PolicyDeny";
        case Variant::kPolicyEngineError:
            return "PolicyEngineError";
        case Variant::kRvpsError:
            return "RvpsError";
        case Variant::kSerdeError:
            return "SerdeError";
        case Variant::kTokenNotFound:
            return "TokenNotFound";
        case Variant::kTokenVerifierError:
            return "TokenVerifierError";
    }
    return "PolicyDeny";
}

Response response_to(const Refusal& refusal) {
    const bool not_there =
        refusal.variant == Variant::kInvalidRequestPath || refusal.variant == Variant::kPluginNotFound;
    Json body;
    body["type"] = std::string(kTypePrefix) + std::string(name_of(refusal.variant));
    body["detail"] = shortened(refusal.detail);
    Response response;
    response.status = refusal.later ? 503 : not_there ? 404 : 401;
    response.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
    return response;
}

}  // namespace hallmark::broker
