// SPDX-License-Identifier: Apache-2.0
#include "agent/registry/client.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include "agent/oci/media_types.hpp"
#include "agent/oci/text.hpp"
#include "agent/registry/blob.hpp"
#include "agent/registry/failure.hpp"
#include "agent/registry/retries.hpp"
#include "agent/registry/roots.hpp"
#include "common/text.hpp"

namespace hallmark::registry {
namespace {

constexpr int kOk = 200;
constexpr int kNotFound = 404;
constexpr std::chrono::milliseconds kWholeDocument{60'000};

std::string accepted() {
    return "Accept: " + std::string(oci::kOciIndex) + ", " + std::string(oci::kOciManifest) + ", " +
           std::string(oci::kDockerList) + ", " + std::string(oci::kDockerManifest);
}

std::string header_of(const http::Response& response, const std::string& name) {
    const auto found = response.headers.find(name);
    return found == response.headers.end() ? std::string() : found->second;
}

/// What the bytes are held against: the digest that was asked for, or the one that the registry names.
Result<Fetched> checked(http::Response response, const Endpoint& endpoint, const std::string& path) {
    const std::string place = endpoint.reference.name() + ": " + path;
    std::optional<oci::Digest> expected = endpoint.reference.digest;
    if (const std::string named = header_of(response, "docker-content-digest"); !expected && !named.empty()) {
        auto digest = oci::Digest::parse(named);
        if (!digest) return std::unexpected(digest.error().at(place + ": Docker-Content-Digest"));
        expected = std::move(*digest);
    }
    const auto algorithm = expected ? expected->algorithm : oci::Algorithm::kSha256;
    Fetched fetched{oci::Digest::of(response.body, algorithm), {}, std::move(response.body)};
    if (expected && fetched.digest != *expected)
        return refused(place + ": found bytes with the digest " + fetched.digest.text() + ", expected " +
                       expected->text() + "; the registry's copy is damaged or somebody changed it");
    fetched.media_type = header_of(response, "content-type");
    fetched.media_type.resize(std::min(fetched.media_type.size(), fetched.media_type.find_first_of("; \t")));
    return fetched;
}

}  // namespace

Client::Client(Settings settings, const std::string& authorities)
    : settings_(std::move(settings)),
      transport_({http::Authorities(authorities), settings_.proxies}, std::move(settings_.credentials)) {}

Result<std::unique_ptr<Client>> Client::make(Settings settings) {
    HALLMARK_TRY(std::string roots, all_roots(settings.extra_roots));
    return std::unique_ptr<Client>(new Client(std::move(settings), std::move(roots)));
}

Result<std::optional<Fetched>> Client::find_at(const Endpoint& endpoint) {
    const oci::Reference& reference = endpoint.reference;
    const std::string path = "manifests/" + (reference.digest ? reference.digest->text() : reference.tag);
    const http::Limits limits{.largest_body = oci::kLargestDocument, .whole = kWholeDocument};
    Retries retries(settings_.patience, endpoint.mirror);
    for (;;) {
        auto answer = transport_.ask({endpoint, path, {accepted()}, limits, {}});
        if (answer && answer->status == kOk) return checked(std::move(*answer), endpoint, path);
        if (answer && answer->status == kNotFound) return std::nullopt;
        const bool again = answer ? may_pass(answer->status) && retries.again(answer->retry_after())
                                  : may_pass(answer.error()) && retries.again();
        if (again) continue;
        if (answer) return std::unexpected(unexpected_status(*answer, endpoint, path));
        return std::unexpected(no_answer(answer.error(), reference.name()));
    }
}

Result<std::optional<Fetched>> Client::find(const oci::Reference& reference) {
    HALLMARK_TRY(const std::vector<Endpoint> endpoints, settings_.registries.endpoints(reference));
    std::string mirrors;
    for (const auto& endpoint : endpoints) {
        auto found = find_at(endpoint);
        if (found && *found) return found;
        if (!endpoint.mirror) {
            if (found || mirrors.empty()) return found;
            return std::unexpected(Error{found.error().fault, found.error().message + mirrors});
        }
        mirrors += "; mirror " + (found ? endpoint.reference.name() + ": has no such image" : found.error().message);
    }
    return bad_input(reference.text() + ": nobody to ask");  // the last one is never a mirror
}

Result<std::optional<Bytes>> Client::signature_list(const oci::Reference& reference, const oci::Digest& manifest,
                                                    std::size_t limit) {
    HALLMARK_TRY(const std::vector<Endpoint> endpoints, settings_.registries.endpoints(reference));
    const http::Limits limits{.largest_body = limit, .whole = kWholeDocument};
    const Endpoint& endpoint = endpoints.back();
    auto answer = transport_.ask({endpoint, "signatures/" + manifest.text(), {}, limits, {}, "/extensions/v2/"});
    if (!answer) return std::unexpected(no_answer(answer.error(), reference.name()));
    // Whoever has no such extension answers with one error or another; a signature that is not shown counts for
    // nothing.
    if (answer->status != kOk) return std::nullopt;
    return std::move(answer->body);
}

Result<Fetched> Client::need(const oci::Reference& reference) {
    HALLMARK_TRY(std::optional<Fetched> found, find(reference));
    if (found) return std::move(*found);
    return bad_input(reference.text() +
                     ": the registry has no such image; check its name, its tag, and whether it needs credentials");
}

Result<oci::Reference> Client::find_short(std::string_view name) {
    HALLMARK_TRY(const std::vector<oci::Reference> candidates, settings_.registries.candidates(name));
    if (candidates.size() == 1) return candidates.front();
    std::string searched;
    for (const auto& candidate : candidates) {
        // One that can't be asked might have it: another's image must not take its place.
        HALLMARK_TRY(const std::optional<Fetched> found, find(candidate));
        if (found) return candidate;
        searched += (searched.empty() ? "" : ", ") + candidate.registry;
    }
    return bad_input("image reference '" + oci::printable(name) +
                     "': none of the registries to search has it: " + searched);
}

Result<Resolved> Client::resolve(const oci::Reference& reference) {
    Resolved resolved;
    HALLMARK_TRY(resolved.named, need(reference));
    const std::string what = reference.text();
    HALLMARK_TRY(oci::Document document,
                 oci::parse_document(text_of(resolved.named.bytes), resolved.named.media_type, what));
    if (auto* manifest = std::get_if<oci::Manifest>(&document)) {
        resolved.manifest = std::move(*manifest);
        return resolved;
    }
    HALLMARK_TRY(const oci::Descriptor chosen, oci::choose(std::get<oci::Index>(document), settings_.platform, what));
    oci::Reference image = reference;
    image.tag.clear();
    image.digest = chosen.digest;
    HALLMARK_TRY(resolved.image, need(image));
    if (resolved.image->bytes.size() != chosen.size)
        return refused(image.text() + ": " + std::to_string(resolved.image->bytes.size()) + " bytes, expected " +
                       std::to_string(chosen.size) + " as the index says");
    HALLMARK_TRY(oci::Document inner,
                 oci::parse_document(text_of(resolved.image->bytes), chosen.media_type, image.text()));
    resolved.manifest = std::move(std::get<oci::Manifest>(inner));  // as its type says, which choose() looked at
    return resolved;
}

Status Client::fetch_blob(const oci::Reference& reference, const oci::Descriptor& descriptor,
                          const std::function<Status(ByteSpan)>& sink) {
    oci::Reference by_digest = reference;
    by_digest.tag.clear();
    by_digest.digest = descriptor.digest;
    HALLMARK_TRY(const std::vector<Endpoint> endpoints, settings_.registries.endpoints(by_digest));
    BlobTransfer transfer(transport_, settings_.patience, descriptor, sink);
    std::string earlier;
    for (const auto& endpoint : endpoints) {
        auto done = transfer.go_on(endpoint);
        if (done || transfer.is_over()) return done;
        if (!endpoint.mirror) return std::unexpected(Error{done.error().fault, done.error().message + earlier});
        earlier += "; mirror " + done.error().message;
    }
    return bad_input(by_digest.text() + ": nobody to ask");
}

Result<Bytes> Client::fetch_document(const oci::Reference& reference, const oci::Descriptor& descriptor) {
    const std::string place = reference.name() + ": " + descriptor.digest.text();
    if (descriptor.size > oci::kLargestDocument)
        return bad_input(place + ": " + std::to_string(descriptor.size) + " bytes, expected at most " +
                         std::to_string(oci::kLargestDocument));
    Bytes bytes;
    HALLMARK_CHECK(fetch_blob(reference, descriptor, [&](ByteSpan piece) -> Status {
        append(bytes, piece);
        return {};
    }));
    const auto digest = oci::Digest::of(bytes, descriptor.digest.algorithm);
    if (digest != descriptor.digest)
        return refused(place + ": found bytes with the digest " + digest.text() +
                       "; the registry's copy is damaged or somebody changed it");
    return bytes;
}

}  // namespace hallmark::registry
