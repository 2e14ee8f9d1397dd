// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/policy.hpp"

#include <utility>

#include "agent/oci/text.hpp"
#include "common/json.hpp"

namespace hallmark::image_policy {
namespace {

constexpr std::string_view kDocker = "docker";

Status check_list(const Json& list, const std::string& where) {
    if (!list.is_array()) return bad_input(where + ": found another value, expected a list of requirements");
    if (list.empty())
        return bad_input(where + ": an empty list; expected requirements (insecureAcceptAnything demands nothing)");
    if (list.size() > kMostRequirements)
        return bad_input(where + ": " + std::to_string(list.size()) + " requirements, expected at most " +
                         std::to_string(kMostRequirements));
    return {};
}

Result<Requirements> parse_list(const Json& list, const std::string& where) {
    HALLMARK_CHECK(check_list(list, where));
    Requirements requirements;
    for (std::size_t i = 0; i < list.size(); ++i) {
        HALLMARK_TRY(const JsonObject object, JsonObject::of(list[i], where + "[" + std::to_string(i) + "]"));
        HALLMARK_TRY(Requirement requirement, parse_requirement(object));
        requirements.push_back(std::move(requirement));
    }
    return requirements;
}

/// Of a transport that no image here comes by.
Status check_form(const Json& scopes, const std::string& where) {
    HALLMARK_CHECK(JsonObject::of(scopes, where));
    for (const auto& [scope, list] : scopes.items()) {
        const std::string at = where + ".'" + oci::printable(scope) + "'";
        HALLMARK_CHECK(check_list(list, at));
        for (const auto& element : list) {
            HALLMARK_TRY(const JsonObject object, JsonObject::of(element, at));
            HALLMARK_CHECK(object.string("type"));
        }
    }
    return {};
}

}  // namespace

std::vector<std::string> scopes_of(const oci::Reference& image) {
    std::string name = image.name();
    std::vector<std::string> scopes = {image.digest ? name + "@" + image.digest->text() : name + ":" + image.tag};
    for (;;) {
        scopes.push_back(name);
        const auto slash = name.rfind('/');
        if (slash == std::string::npos) break;
        name.resize(slash);
    }
    if (const auto port = name.find(':'); port != std::string::npos) name.resize(port);
    for (auto dot = name.find('.'); dot != std::string::npos; dot = name.find('.')) {
        name.erase(0, dot + 1);
        scopes.push_back("*." + name);
    }
    return scopes;
}

Result<Policy> Policy::parse(std::string_view text, std::string_view what) {
    const std::string name(what);
    if (text.size() > kLargestPolicy)
        return bad_input(name + ": " + std::to_string(text.size()) + " bytes, expected a policy of at most " +
                         std::to_string(kLargestPolicy));
    HALLMARK_TRY(const Json json, parse_json(text, what));
    HALLMARK_TRY(const JsonObject object, JsonObject::of(json, name));
    HALLMARK_CHECK(object.only({"default", "transports"}));
    if (!object.has("default")) return bad_input(name + ": no 'default'; expected requirements for all other images");
    Policy policy;
    HALLMARK_TRY(policy.default_, parse_list(json["default"], object.path_of("default")));
    if (!object.has("transports")) return policy;
    HALLMARK_TRY(const JsonObject transports, object.object("transports"));
    for (const auto& [transport, scopes] : json["transports"].items()) {
        const std::string where = transports.path_of(oci::printable(transport));
        if (transport != kDocker) {
            HALLMARK_CHECK(check_form(scopes, where));
            continue;
        }
        HALLMARK_CHECK(JsonObject::of(scopes, where));
        for (const auto& [scope, list] : scopes.items()) {
            HALLMARK_TRY(Requirements requirements, parse_list(list, where + ".'" + oci::printable(scope) + "'"));
            policy.docker_.emplace(scope, std::move(requirements));
        }
    }
    return policy;
}

Policy::Found Policy::find(const oci::Reference& image) const {
    auto scopes = scopes_of(image);
    scopes.emplace_back();  // the transport's own default
    for (const auto& scope : scopes)
        if (const auto found = docker_.find(scope); found != docker_.end())
            return {found->second, "transports.docker.'" + oci::printable(scope) + "'"};
    return {default_, "default"};
}

}  // namespace hallmark::image_policy
