// SPDX-License-Identifier: Apache-2.0
// image-pull-driver [OPTION VALUE]… REFERENCE STORE BUNDLE: one image, from its name to a bundle.
//
//   --conf FILE, --auth FILE, --root FILE    registries.conf, containers-auth.json, certificates
//   --policy FILE, --lookaside FILE          containers-policy.json, registries.d; without a policy everything is
//   allowed
//   --key FILE                               private key for layers wrapped by JWE
//   --demand DIGEST, --at-once N, --attempts N, --wait MS
//
// Prints one line of JSON: reference, manifest, named, allowed, layers; and on standard error each step.
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/image-bundle/bundle.hpp"
#include "agent/image-policy/stored_signatures.hpp"
#include "agent/image-pull/attachments.hpp"
#include "agent/image-pull/judge.hpp"
#include "agent/image-pull/pull.hpp"
#include "agent/image-puller/sources.hpp"
#include "agent/layer-keys/jwe_key.hpp"
#include "common/file.hpp"
#include "common/json.hpp"

namespace hallmark {
namespace {

constexpr std::size_t kLargestFile = 1024 * 1024;

struct Request {
    registry::Settings registry;
    std::optional<image_policy::Policy> policy;
    image_policy::LookasideConfig lookaside;
    layer_keys::Unwrappers unwrappers;
    image_pull::Options options;
};

Result<std::string> text_in(const std::string& path) {
    HALLMARK_TRY(const Bytes bytes, read_file(path, kLargestFile));
    return std::string(bytes.begin(), bytes.end());
}

Result<std::size_t> number_of(const std::string& text) {
    HALLMARK_TRY(const std::uint64_t number, parse_number(text));
    return static_cast<std::size_t>(number);
}

Status set(Request& request, std::string_view name, const std::string& value) {
    if (name == "--demand") {
        HALLMARK_TRY(request.options.demanded, oci::Digest::parse(value));
        return {};
    }
    if (name == "--at-once" || name == "--attempts" || name == "--wait") {
        HALLMARK_TRY(const std::size_t number, number_of(value));
        if (name == "--at-once") request.options.layers_at_once = number;
        if (name == "--attempts") request.registry.patience.attempts = static_cast<int>(number);
        if (name == "--wait") request.registry.patience.first_wait = std::chrono::milliseconds(number);
        return {};
    }
    HALLMARK_TRY(std::string text, text_in(value));
    if (name == "--conf") {
        HALLMARK_TRY(request.registry.registries, registry::RegistriesConf::parse(text, value));
    } else if (name == "--auth") {
        HALLMARK_TRY(request.registry.credentials, registry::Credentials::parse(text, value));
    } else if (name == "--root") {
        request.registry.extra_roots.push_back(std::move(text));
    } else if (name == "--policy") {
        HALLMARK_TRY(request.policy, image_policy::Policy::parse(text, value));
    } else if (name == "--lookaside") {
        HALLMARK_TRY(request.lookaside, image_policy::LookasideConfig::parse(text, value));
    } else if (name == "--key") {
        HALLMARK_TRY(auto key, jose::KeyPair::from_pem(as_bytes(text), value));
        request.unwrappers.push_back(std::make_unique<layer_keys::JweKey>(std::move(key)));
    } else {
        return bad_input(std::string(name) + ": no such option");
    }
    return {};
}

const char* name_of(image_pull::Step step) {
    switch (step) {
        case image_pull::Step::kResolved:
            return "resolved";
        case image_pull::Step::kAllowed:
            return "allowed";
        case image_pull::Step::kEncrypted:
            return "encrypted";
        case image_pull::Step::kKeyAsked:
            return "asked";
        case image_pull::Step::kKey:
            return "key";
        case image_pull::Step::kLayer:
            return "layer";
        case image_pull::Step::kComplete:
            return "complete";
    }
    return "";
}

Status run(std::span<char*> arguments) {
    Request request;
    while (arguments.size() > 3 && std::string_view(arguments[0]).starts_with("--")) {
        HALLMARK_CHECK(set(request, arguments[0], arguments[1]));
        arguments = arguments.subspan(2);
    }
    if (arguments.size() != 3) return bad_input("expected REFERENCE STORE BUNDLE");
    const std::filesystem::path folder = arguments[1];
    HALLMARK_TRY(const auto store, store::LayerStore::open(folder, store::Durability::kProcess));
    HALLMARK_TRY(auto fetch, image_puller::signature_fetcher(request.registry));
    HALLMARK_TRY(const auto client, registry::Client::make(std::move(request.registry)));
    image_pull::Attachments attachments(*client);
    image_policy::StoredSignatures signatures(std::move(request.lookaside), std::move(fetch), attachments);
    const image_policy::GetResource get = [](const std::string& uri) -> Result<Bytes> {
        return refused(uri + ": this program has no broker");
    };
    image_pull::Judge judge = [](const oci::Reference&, const registry::Resolved&) -> Result<std::string> {
        return std::string("no policy");
    };
    if (request.policy) judge = image_pull::judge_by(*request.policy, signatures, get);
    request.options.room_in = folder;
    request.options.observer = [](const image_pull::Progress& progress) {
        std::fprintf(stderr, "%s %zu/%zu %s\n", name_of(progress.step), progress.layer, progress.layers,
                     progress.text.c_str());
    };
    HALLMARK_TRY(
        const auto image,
        image_pull::pull(arguments[0],
                         {.registry = *client, .store = store, .unwrappers = request.unwrappers, .judge = judge},
                         request.options));
    HALLMARK_CHECK(bundle::make_bundle(arguments[2],
                                       {.reference = image.reference.text(),
                                        .manifest = image.manifest,
                                        .config = image.config,
                                        .config_document = image.config_document,
                                        .layers = image.layers},
                                       {}, folder));
    Json layers = Json::array();
    for (const auto& layer : image.layers) layers.push_back(layer.folder().string());
    const Json answer = {{"reference", image.reference.text()},
                         {"manifest", image.manifest.text()},
                         {"named", image.named.text()},
                         {"allowed", image.allowed},
                         {"layers", std::move(layers)}};
    std::printf("%s\n", answer.dump().c_str());
    return {};
}

}  // namespace
}  // namespace hallmark

int main(int count, char** values) {
    const auto status = hallmark::run(std::span(values + 1, static_cast<std::size_t>(count - 1)));
    if (status) return 0;
    std::fprintf(stderr, "image-pull-driver: %s\n", status.error().message.c_str());
    return status.error().exit_status();
}
