// SPDX-License-Identifier: Apache-2.0
#include "relying-party/broker/admin.hpp"

#include <string>
#include <utility>

#include "common/base64.hpp"
#include "relying-party/broker/headers.hpp"

namespace hallmark::broker {
namespace {

constexpr std::size_t kLargestSecret = std::size_t{1024} * 1024;
constexpr std::size_t kLongestName = 1024;

/// The one policy there is; Trustee's clients call it by their names for a CPU's.
bool is_default_policy(std::string_view id) { return id == "default" || id == "default_cpu"; }

Outcome<Response> done(const Status& status, Variant variant) {
    if (!status) return refuse(variant, status.error().message);
    return Response{};
}

Outcome<Response> text_response(const Result<std::string>& text, Variant variant, const char* content_type) {
    if (!text) return refuse(variant, text.error().message);
    Response response;
    response.content_type = content_type;
    response.body = *text;
    return response;
}

/// {"type", "policy_id", "policy"}, the policy in base64url; type and policy_id may be missing.
Result<std::string> policy_text(std::string_view body, std::string_view where) {
    HALLMARK_TRY(const Json json, parse_json(body, where));
    HALLMARK_TRY(const JsonObject object, JsonObject::of(json, std::string(where) + ":"));
    HALLMARK_CHECK(object.only({"type", "policy_id", "policy"}));
    if (object.has("type")) {
        HALLMARK_TRY(const std::string type, object.string("type"));
        if (type != "toml")
            return bad_input(object.path_of("type") + ": found '" + type +
                             "'; policies of this key broker are TOML, so give \"type\": \"toml\" and such a policy");
    }
    if (object.has("policy_id")) {
        HALLMARK_TRY(const std::string id, object.string("policy_id"));
        if (!is_default_policy(id))
            return bad_input(object.path_of("policy_id") + ": found '" + id +
                             "'; this key broker has one policy, default_cpu");
    }
    HALLMARK_TRY(const std::string encoded, object.string("policy"));
    const auto text = from_base64url(encoded);
    if (!text) return std::unexpected(text.error().at(object.path_of("policy")));
    return std::string(text->begin(), text->end());
}

Outcome<Response> set_policy(const Request& request, std::string_view name,
                             const std::function<Status(std::string_view)>& set) {
    const auto text = policy_text(request.body, name);
    if (!text) return refuse(Variant::kParsePolicyError, text.error().message);
    return done(set(*text), Variant::kParsePolicyError);
}

Outcome<Response> resource(const Services& services, const Request& request, std::string_view rest) {
    const auto path = keys::ResourcePath::parse(rest);
    if (!path) return refuse(Variant::kInvalidRequestPath, path.error().message);
    if (request.method == "DELETE") return done(services.remove(*path), Variant::kPluginInternalError);
    if (request.body.size() > kLargestSecret)
        return refuse(Variant::kPluginInternalError, "resource: " + std::to_string(request.body.size()) +
                                                         " bytes, expected at most " + std::to_string(kLargestSecret));
    return done(services.write(*path, as_bytes(request.body)), Variant::kPluginInternalError);
}

Outcome<Response> reference_value(const Services& services, const Request& request, std::string_view rest) {
    if (request.method == "POST" && rest.empty())
        return done(services.register_reference_values(request.body), Variant::kRvpsError);
    if (request.method == "GET" && rest.empty())
        return text_response(services.reference_value_sets(), Variant::kRvpsError, "application/json");
    const auto name = percent_decoded(rest);
    if (!name || name->empty() || name->size() > kLongestName || request.method == "POST")
        return refuse(Variant::kInvalidRequestPath, "reference-value: expected the name of a value behind it");
    if (request.method == "DELETE") return done(services.remove_reference_value(*name), Variant::kRvpsError);
    return text_response(services.reference_value(*name), Variant::kRvpsError, "application/json");
}

/// Trustee has nothing of the kind: there a name's values are all of one message.
Outcome<Response> reference_value_set(const Services& services, std::string_view rest) {
    const auto set = percent_decoded(rest);
    if (!set || set->empty() || set->size() > kLongestName)
        return refuse(Variant::kInvalidRequestPath, "reference-value-set: expected the name of a set behind it");
    return done(services.remove_reference_value_set(*set), Variant::kRvpsError);
}

enum class Subject { kNone, kResource, kAppraisalPolicy, kReleasePolicy, kReferenceValue, kReferenceValueSet };

Subject subject_of(const Request& request, std::string_view plugin) {
    const bool reads = request.method == "GET";
    // Reading a resource is what guests do.
    if (plugin == "resource") return reads ? Subject::kNone : Subject::kResource;
    if (plugin == "reference-value") return Subject::kReferenceValue;
    if (request.method == "DELETE")
        return plugin == "reference-value-set" ? Subject::kReferenceValueSet : Subject::kNone;
    if (plugin == "attestation-policy") return Subject::kAppraisalPolicy;
    if (plugin == "resource-policy") return Subject::kReleasePolicy;
    return Subject::kNone;
}

Outcome<Response> perform(const Services& services, const Request& request, Subject subject, std::string_view rest) {
    const bool reads = request.method == "GET";
    constexpr const char* kToml = "application/toml";
    switch (subject) {
        case Subject::kResource:
            return resource(services, request, rest);
        case Subject::kReferenceValue:
            return reference_value(services, request, rest);
        case Subject::kReferenceValueSet:
            return reference_value_set(services, rest);
        case Subject::kAppraisalPolicy:
            if (!(rest.empty() || (reads && is_default_policy(rest)))) break;
            return reads ? text_response(services.appraisal_policy(), Variant::kPolicyEngineError, kToml)
                         : set_policy(request, "attestation-policy", services.set_appraisal_policy);
        case Subject::kReleasePolicy:
            if (!rest.empty()) break;
            return reads ? text_response(services.release_policy(), Variant::kPolicyEngineError, kToml)
                         : set_policy(request, "resource-policy", services.set_release_policy);
        case Subject::kNone:
            break;
    }
    return refuse(Variant::kInvalidRequestPath, "no such policy; this key broker has one, default_cpu");
}

}  // namespace

std::optional<Outcome<Response>> administer(const Services& services, const Request& request, std::string_view plugin,
                                            std::string_view rest) {
    const auto subject = subject_of(request, plugin);
    if (subject == Subject::kNone) return std::nullopt;
    Event event{.kind = Event::Kind::kAdminister,
                .peer = std::string(request.client),
                .what = std::string(request.method) + " " + std::string(plugin) +
                        (rest.empty() ? "" : "/" + std::string(rest))};
    const auto token = bearer_token(request.authorization);
    const auto administrator =
        token ? services.administrator(*token)
              : refused("no token; give one signed by the administrator's key: Authorization: Bearer …");
    if (!administrator) {
        event.why = "AdminAuthAccess: " + administrator.error().message;
        (void)services.record(event);
        return refuse(Variant::kAdminAuthAccess, administrator.error().message);
    }
    event.who = "administrator " + administrator->name;
    // Written down before it happens: what could not be recorded is not done.
    event.granted = true;
    event.why = "asked by an administrator";
    if (const auto recorded = services.record(event); !recorded)
        return refuse(Variant::kAdminAuthAccess, "the audit log can't be written; nothing is changed");
    return perform(services, request, subject, rest);
}

}  // namespace hallmark::broker
