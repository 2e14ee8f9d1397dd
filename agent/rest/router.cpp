// SPDX-License-Identifier: Apache-2.0
#include "agent/rest/router.hpp"

#include <utility>

#include "common/base64.hpp"
#include "common/json.hpp"

namespace hallmark::rest {
namespace {

constexpr int kOk = 200;
constexpr int kBadRequest = 400;
constexpr int kNotFound = 404;
constexpr int kNotAllowed = 405;
constexpr int kInternalError = 500;
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kBytes = "application/octet-stream";
constexpr std::string_view kResources = "/cdh/resource/";

Secret body_of(std::string_view text) {
    const auto bytes = as_bytes(text);
    return Secret(Bytes(bytes.begin(), bytes.end()));
}

Response text(int status, std::string_view said) { return {.status = status, .body = body_of(said)}; }
Response failed(const Error& error) { return text(kInternalError, error.message); }

Response bytes_of(Result<Secret> secret) {
    if (!secret) return failed(secret.error());
    return {.status = kOk, .type = kBytes, .body = *std::move(secret)};
}

Response json_of(const Json& json) {
    return {.status = kOk, .type = kJson, .body = body_of(json.dump(-1, ' ', false, Json::error_handler_t::replace))};
}

const std::string* find(const Request& request, const char* name) {
    const auto found = request.parameters.find(name);
    return found == request.parameters.end() ? nullptr : &found->second;
}

/// The parameter's own bytes, or what they encode; nothing where that can't be told.
std::optional<Bytes> runtime_data(const Request& request) {
    const auto* data = find(request, "runtime_data");
    const auto* encoding = find(request, "encoding");
    if (data == nullptr) return std::nullopt;
    if (encoding == nullptr) return Bytes(data->begin(), data->end());
    auto decoded = from_base64url(*data);
    if (*encoding != "base64" || !decoded) return std::nullopt;
    return *std::move(decoded);
}

std::string_view reason_of(Extended result) {
    switch (result) {
        case Extended::kNotSupported:
            return "The platform does not support runtime measurement";
        case Extended::kNotEnabled:
            return "Attestation Agent does not enable eventlog recording";
        case Extended::kDone:
            break;
    }
    return "";
}

struct Event {
    std::string domain;
    std::string operation;
    std::string content;
};

Result<Event> parse_event(std::string_view body) {
    HALLMARK_TRY(const Json json, parse_json(body, "event"));
    HALLMARK_TRY(const JsonObject object, JsonObject::of(json, "event"));
    Event event;
    HALLMARK_TRY(event.domain, object.string("domain"));
    HALLMARK_TRY(event.operation, object.string("operation"));
    HALLMARK_TRY(event.content, object.string("content"));
    return event;
}

}  // namespace

Result<Features> Features::parse(std::string_view name) {
    Features features{.name = std::string(name),
                      .resource = name == "resource" || name == "all",
                      .attestation = name == "attestation" || name == "all"};
    if (features.resource || features.attestation) return features;
    return bad_input("--features: '" + std::string(name.substr(0, 64)) +
                     "' is unknown, expected resource, attestation or all");
}

Response plain(int status) {
    switch (status) {
        case kBadRequest:
            return text(status, "BAD REQUEST");
        case 403:
            return text(status, "Forbidden");
        case kNotFound:
            return text(status, "URL NOT FOUND");
        case kNotAllowed:
            return text(status, "Method Not Allowed");
        case 408:
            return text(status, "Request Timeout");
        case 413:
            return text(status, "Content Too Large");
        default:
            return text(status, "Request Header Fields Too Large");
    }
}

Response Router::answer(const Request& request) const {
    const std::string_view path = request.path;
    const bool attestation = path.starts_with("/aa/");
    if (attestation && !features_.attestation) return text(kNotFound, "Attestation Feature Not Enabled");
    if (path.starts_with("/cdh/") && !features_.resource) return text(kNotFound, "Resource Feature Not Enabled");
    const bool extends = path == "/aa/aael";
    const bool known = path == "/info" || path.starts_with(kResources) || path == "/aa/token" ||
                       path == "/aa/evidence" || path == "/aa/additional-evidence" || extends;
    if (!known) return plain(kNotFound);
    if (request.method != (extends ? "POST" : "GET")) return plain(kNotAllowed);
    if (extends) return extend(request);
    if (path == "/info") return info();
    if (path == "/aa/token") return token(request);
    if (attestation) return evidence(request, path == "/aa/additional-evidence");
    return resource(path.substr(kResources.size()));
}

Response Router::info() const {
    Json answer;
    answer["version"] = HALLMARK_VERSION;
    if (features_.attestation) {
        const auto tee = services_.tee_type();
        if (!tee) return failed(tee.error());
        const auto more = services_.additional_tees();
        if (!more) return failed(more.error());
        answer["tee"] = *tee;
        if (!more->empty()) answer["additional_tees"] = *more;
    }
    answer["feature"] = features_.name;
    return json_of(answer);
}

Response Router::resource(std::string_view path) const {
    return bytes_of(services_.resource("kbs:///" + std::string(path)));
}

Response Router::token(const Request& request) const {
    const auto* type = find(request, "token_type");
    return type == nullptr ? plain(kBadRequest) : bytes_of(services_.token(*type));
}

Response Router::evidence(const Request& request, bool additional) const {
    const auto data = runtime_data(request);
    if (!data) return plain(kBadRequest);
    return bytes_of(additional ? services_.additional_evidence(*data) : services_.evidence(*data));
}

Response Router::extend(const Request& request) const {
    const auto event = parse_event(request.body);
    if (!event) return text(kBadRequest, "Illegal AAEL entry format: " + event.error().message);
    const auto result = services_.extend(event->domain, event->operation, event->content);
    if (!result) return failed(result.error());
    Json answer;
    answer["success"] = *result == Extended::kDone ? "true" : "false";
    if (*result != Extended::kDone) answer["message"] = reason_of(*result);
    return json_of(answer);
}

}  // namespace hallmark::rest
