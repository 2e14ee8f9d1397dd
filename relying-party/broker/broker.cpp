// SPDX-License-Identifier: Apache-2.0
#include "relying-party/broker/broker.hpp"

#include <string>
#include <utility>

#include "relying-party/broker/admin.hpp"

namespace hallmark::broker {
namespace {

constexpr std::string_view kPrefix = "/kbs/v0/";

struct Target {
    std::string_view path;
    std::string_view query;
};

Target split(std::string_view target) {
    const auto mark = target.find('?');
    if (mark == std::string_view::npos) return {target, {}};
    return {target.substr(0, mark), target.substr(mark + 1)};
}

bool is_known_method(std::string_view method) { return method == "GET" || method == "POST" || method == "DELETE"; }

Response text_response(std::string text, const char* content_type) {
    Response response;
    response.content_type = content_type;
    response.body = std::move(text);
    return response;
}

std::unexpected<Refusal> no_such_path(std::string_view path) {
    return refuse(Variant::kInvalidRequestPath, "path '" + std::string(path.substr(0, 256)) + "' is not there");
}

}  // namespace

Response Broker::handle(const Request& request) {
    auto response = route(request);
    if (!response) return response_to(response.error());
    return std::move(*response);
}

Outcome<Response> Broker::route(const Request& request) {
    const auto target = split(request.target);
    if (request.method == "GET" && target.path == "/healthz") return text_response("OK\n", "text/plain");
    if (request.method == "GET" && target.path == "/.well-known/jwks.json")
        return text_response(services_.key_set(), "application/json");
    if (!target.path.starts_with(kPrefix) || !is_known_method(request.method)) return no_such_path(target.path);
    const auto path = target.path.substr(kPrefix.size());
    const auto slash = path.find('/');
    const auto plugin = path.substr(0, slash);
    // None of the requests here has a query, so that nobody believes one was heeded.
    if (!target.query.empty()) return refuse(Variant::kInvalidRequestPath, "a query is not expected here");
    return route_plugin(request, plugin, slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1));
}

Outcome<Response> Broker::route_plugin(const Request& request, std::string_view plugin, std::string_view rest) {
    if (request.method == "POST" && rest.empty()) {
        if (plugin == "auth") return auth(request);
        if (plugin == "attest") return attest(request);
    }
    if (request.method == "GET" && plugin == "resource") return get_resource(request, rest);
    if (auto administered = administer(services_, request, plugin, rest)) return std::move(*administered);
    return refuse(Variant::kPluginNotFound,
                  "plugin '" + std::string(plugin.substr(0, 64)) + "' is not here; this key broker has resource");
}

}  // namespace hallmark::broker
