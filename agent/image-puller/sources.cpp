// SPDX-License-Identifier: Apache-2.0
#include "agent/image-puller/sources.hpp"

#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "agent/registry/roots.hpp"
#include "common/file.hpp"
#include "common/http/client.hpp"

namespace hallmark::image_puller {
namespace {

constexpr std::size_t kLargest = 1024 * 1024;
constexpr std::string_view kFile = "file://";  // with an absolute path behind it
constexpr int kOk = 200;
constexpr int kNotFound = 404;

/// The text that a URI names; else the one that stands in the configuration; empty where there is neither.
Result<std::string> document(const std::string& uri, const std::string& inlined, const image_policy::GetResource& get) {
    if (uri.empty()) return inlined;
    Result<Bytes> bytes = uri.starts_with("file:///") ? read_file(uri.substr(kFile.size()), kLargest)
                          : uri.starts_with("kbs")
                              ? get(uri)
                              : bad_input(uri + ": expected kbs:///REPOSITORY/TYPE/TAG or file:///PATH");
    if (!bytes) return std::unexpected(bytes.error());
    std::string text(bytes->begin(), bytes->end());
    wipe(*bytes);  // there may be passwords in it
    return text;
}

registry::Proxies with_environment(registry::Proxies proxies) {
    const std::pair<const char*, std::string*> variables[] = {
        {"https_proxy", &proxies.https}, {"http_proxy", &proxies.http}, {"no_proxy", &proxies.exceptions}};
    for (const auto& [name, into] : variables)
        if (const char* value = std::getenv(name); value != nullptr && into->empty()) *into = value;
    return proxies;
}

}  // namespace

Result<Sources> find_sources(const Config& config, const image_policy::GetResource& get) {
    Sources sources;
    sources.registry.registries = config.registries;
    sources.registry.extra_roots = config.extra_roots;
    sources.registry.proxies = with_environment(config.proxies);
    if (!config.registries_uri.empty()) {
        HALLMARK_TRY(const std::string text, document(config.registries_uri, {}, get));
        HALLMARK_TRY(sources.registry.registries, registry::RegistriesConf::parse(text, config.registries_uri));
    }
    if (!config.credentials_uri.empty()) {
        HALLMARK_TRY(std::string text, document(config.credentials_uri, {}, get));
        auto credentials = registry::Credentials::parse(text, config.credentials_uri);
        wipe(text);
        HALLMARK_TRY(sources.registry.credentials, std::move(credentials));
    }
    HALLMARK_TRY(const std::string policy, document(config.policy_uri, config.policy, get));
    if (!policy.empty()) {
        const std::string what = config.policy_uri.empty() ? "image_security_policy" : config.policy_uri;
        HALLMARK_TRY(sources.policy, image_policy::Policy::parse(policy, what));
    } else if (config.must_have_policy || !config.policy_uri.empty()) {
        return bad_input("no image policy, but one must be there; set image_security_policy or its URI");
    }
    HALLMARK_TRY(const std::string lookaside, document(config.lookaside_uri, config.lookaside, get));
    if (!lookaside.empty()) {
        const std::string what = config.lookaside_uri.empty() ? "sigstore_config" : config.lookaside_uri;
        HALLMARK_TRY(sources.lookaside, image_policy::LookasideConfig::parse(lookaside, what));
    }
    return sources;
}

Result<image_policy::FetchUrl> signature_fetcher(const registry::Settings& settings) {
    HALLMARK_TRY(const std::string roots, registry::all_roots(settings.extra_roots));
    return image_policy::FetchUrl([trusted = http::Authorities(roots), proxies = settings.proxies](
                                      const std::string& url, std::size_t limit) -> Result<std::optional<Bytes>> {
        http::Request request;
        request.url = url;
        request.trusted = trusted;
        request.limits.largest_body = limit;
        request.proxy = http::Proxy{.address = url.starts_with("https:") ? proxies.https : proxies.http,
                                    .exceptions = proxies.exceptions};
        auto answer = http::attempt(request);
        if (!answer) return std::unexpected(answer.error().error.at(url));
        if (answer->status == kNotFound) return std::nullopt;
        if (answer->status != kOk)
            return refused(url + ": status " + std::to_string(answer->status) + ", expected a signature or 404");
        return std::move(answer->body);
    });
}

}  // namespace hallmark::image_puller
