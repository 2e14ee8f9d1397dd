// SPDX-License-Identifier: Apache-2.0
#include "agent/registry/failure.hpp"

#include <cstddef>
#include <string_view>

#include "agent/oci/text.hpp"
#include "common/json.hpp"
#include "common/text.hpp"

namespace hallmark::registry {
namespace {

constexpr std::size_t kMostErrors = 3;

std::string text_at(const Json& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? oci::printable(found->get_ref<const std::string&>()) : "";
}

std::string remedy(int status, const Endpoint& endpoint) {
    const std::string& host = endpoint.reference.registry;
    if (status == 401) return "; check the credentials for " + host;
    if (status == 403) return "; ask for the right to pull from " + endpoint.reference.name();
    if (status == 404) return "; check the name of the image, and whether it needs credentials";
    if (status == 429) return "; wait, or give credentials for " + host;
    if (status >= 500) return "; try again later";
    return "";
}

}  // namespace

std::string quoted_errors(ByteSpan body) {
    const auto json = parse_json(text_of(body), "errors");
    if (!json || !json->is_object() || !json->contains("errors") || !json->at("errors").is_array()) return {};
    std::string quoted;
    std::size_t count = 0;
    for (const auto& error : json->at("errors")) {
        if (!error.is_object() || ++count > kMostErrors) break;
        const std::string code = text_at(error, "code");
        const std::string message = text_at(error, "message");
        quoted += (quoted.empty() ? "" : ", ") + code + (code.empty() || message.empty() ? "" : ": ") + message;
    }
    return quoted;
}

Error unexpected_status(const http::Response& response, const Endpoint& endpoint, const std::string& path) {
    const std::string said = quoted_errors(response.body);
    return {Fault::kNo, endpoint.reference.name() + ": " + path + ": status " + std::to_string(response.status) +
                            (said.empty() ? "" : " (" + said + ")") + ", expected 200" +
                            remedy(response.status, endpoint)};
}

Error no_answer(const http::Failure& failure, const std::string& place) {
    Error error = failure.error.at(place);
    error.fault = Fault::kNo;
    return error;
}

bool may_pass(int status) { return status == 408 || status == 429 || status >= 500; }

bool may_pass(const http::Failure& failure) {
    // A registry that is just being started anew breaks connections off in the middle of TLS's handshake too.
    return failure.may_pass || failure.cause == http::Cause::kConnection || failure.cause == http::Cause::kTime ||
           failure.cause == http::Cause::kTls;
}

}  // namespace hallmark::registry
