// SPDX-License-Identifier: Apache-2.0
#include "agent/image-puller/program.hpp"

#include <unistd.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "agent/confinement/image_pull.hpp"
#include "agent/daemon/arguments.hpp"
#include "agent/daemon/config_tables.hpp"
#include "agent/daemon/say.hpp"
#include "agent/image-puller/pull_image.hpp"
#include "agent/kernel_file.hpp"
#include "agent/layer-keys/jwe_key.hpp"
#include "agent/layer-keys/pkcs7_key.hpp"
#include "agent/ttrpc/socket.hpp"
#include "common/file.hpp"
#include "common/hex.hpp"
#include "common/json.hpp"
#include "common/text.hpp"

namespace hallmark::image_puller {
namespace {

constexpr const char* kProgram = "hallmark-guest image";
constexpr int kBadRequest = 2;
constexpr std::size_t kLargestFile = 1024 * 1024;

constexpr const char* kHelp =
    "hallmark-guest image: container images, pulled and verified inside the guest\n"
    "\n"
    "Usage: hallmark-guest image pull IMAGE --bundle FOLDER [OPTIONS]\n"
    "\n"
    "  --bundle FOLDER         gets rootfs (mounted), config.json and image.json; one that has none yet\n"
    "  -c, --config FILE       the data hub's configuration, of which [image] counts (default\n"
    "                          /etc/confidential-data-hub.conf where that is there)\n"
    "  --hub unix:///PATH      the data hub: asked for layer keys and for what kbs:/// URIs name\n"
    "  --agent unix:///PATH    the attestation agent: records what was pulled before it can run\n"
    "  --demand DIGEST         refuse the image where its name stands for another manifest or index\n"
    "  --key FILE              PEM: private key for layers that are encrypted for it (JWE)\n"
    "  --certificate FILE      PEM: of that key; it is then for layers encrypted in the way of PKCS #7\n"
    "  --answer N              put the answer, or the reason why there is none, as JSON into this open file\n"
    "  --version               prints the version\n"
    "  --help                  prints this\n"
    "\n"
    "Layers are kept in work_dir of the configuration, each once, by the digest of its tar. Nothing gets its name "
    "there\n"
    "before its digests are right. Exit status: 0 pulled; 1 refused, or failed on the way; 2 the request is wrong.\n"
    "\n"
    "Example: hallmark-guest image pull registry.example/app:1 --bundle /run/app \\\n"
    "             -c cdh.toml --hub unix:///run/confidential-containers/cdh.sock\n";

guest::Arguments made() {
    return {kProgram,
            kHelp,
            {{"--bundle", "FOLDER"},
             {"--config", "FILE", "-c"},
             {"--hub", "unix:///PATH"},
             {"--agent", "unix:///PATH"},
             {"--demand", "sha256:HEX"},
             {"--key", "FILE"},
             {"--certificate", "FILE"},
             {"--answer", "NUMBER"}}};
}

Result<Config> read_config(const std::optional<std::string>& given, const Places& places) {
    std::error_code ignored;
    Config config;
    if (given || std::filesystem::exists(places.config, ignored)) {
        const std::string path = given.value_or(places.config.string());
        HALLMARK_TRY(const Bytes text, read_file(path, kLargestFile));
        HALLMARK_TRY(const Toml document, guest::read_document(text_of(text), path, kLargestFile));
        std::vector<std::string> unknown;  // the data hub warns of them
        if (const Toml* image = document.find("image")) {
            HALLMARK_TRY(config, parse_config(*image, unknown));
        }
    }
    HALLMARK_TRY(const std::string line, guest::read_kernel_line(places.command_line.string()));
    HALLMARK_CHECK(apply_command_line(config, line));
    return config;
}

Result<layer_keys::Unwrappers> own_keys(const guest::Arguments& arguments) {
    layer_keys::Unwrappers keys;
    const auto path = arguments.value("--key");
    const auto certificate = arguments.value("--certificate");
    if (!path && certificate) return bad_input("--certificate: expected --key too, the private key that it is of");
    if (!path) return keys;
    HALLMARK_TRY(Bytes pem, read_file(*path, kLargestFile));
    const Secret key(std::move(pem));
    if (certificate) {
        HALLMARK_TRY(const Bytes text, read_file(*certificate, kLargestFile));
        HALLMARK_TRY(auto pkcs7, layer_keys::Pkcs7Key::from_pem(key.bytes(), text, *path));
        keys.push_back(std::make_unique<layer_keys::Pkcs7Key>(std::move(pkcs7)));
    } else {
        HALLMARK_TRY(auto pair, jose::KeyPair::from_pem(key.bytes(), *path));
        keys.push_back(std::make_unique<layer_keys::JweKey>(std::move(pair)));
    }
    return keys;
}

Result<PullRequest> request_of(const std::string& image, const guest::Arguments& arguments) {
    PullRequest request{.image = image, .bundle = arguments.value("--bundle").value_or("")};
    if (!request.bundle.is_absolute()) return bad_input("--bundle: expected an absolute path");
    if (const auto hub = arguments.value("--hub")) {
        HALLMARK_TRY(request.hub_socket, ttrpc::socket_path(*hub));
    }
    if (const auto agent = arguments.value("--agent")) {
        HALLMARK_TRY(request.agent_socket, ttrpc::socket_path(*agent));
    }
    if (const auto digest = arguments.value("--demand")) {
        auto parsed = oci::Digest::parse(*digest);
        if (!parsed) return std::unexpected(parsed.error().at("--demand"));
        request.demanded = std::move(*parsed);
    }
    HALLMARK_TRY(request.own_keys, own_keys(arguments));
    return request;
}

Result<Pulled> pull(const std::string& image, const guest::Arguments& arguments, const Places& places) {
    HALLMARK_TRY(const Config config, read_config(arguments.value("--config"), places));
    HALLMARK_TRY(PullRequest request, request_of(image, arguments));
    HALLMARK_CHECK(confinement::confine_image_pull());
    return pull_image(config, std::move(request));
}

Json answer_of(const Result<Pulled>& pulled) {
    if (!pulled) return {{"error", pulled.error().message}, {"bad_input", pulled.error().fault == Fault::kBadInput}};
    return {{"reference", pulled->reference},
            {"named", pulled->named},
            {"manifest", pulled->manifest},
            {"allowed", pulled->allowed},
            {"layers", pulled->layers}};
}

Status write_answer(const Result<Pulled>& pulled, const std::optional<std::string>& into) {
    int file = STDOUT_FILENO;
    if (into) {
        HALLMARK_TRY(const std::uint64_t number, parse_number(*into));
        file = static_cast<int>(number);
    }
    const std::string text = to_text(answer_of(pulled));
    if (::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size())) return {};
    return std::unexpected(system_error("the answer", Fault::kNo));
}

}  // namespace

int run_image(std::span<const char* const> words, const Places& places) {
    auto arguments = made();
    const std::string_view command = words.empty() ? "--help" : words[0];
    if (command != "pull") {
        if (const auto status = arguments.parse(words.empty() ? words : words.first(1)); status && !words.empty())
            return *status;
        guest::say(kProgram, "expected: image pull IMAGE --bundle FOLDER; see --help");
        return kBadRequest;
    }
    const bool named = words.size() > 1 && std::string_view(words[1]).substr(0, 1) != "-";
    if (const auto status = arguments.parse(words.subspan(named ? 2 : 1))) return *status;
    if (!named) {
        guest::say(kProgram, "pull: no image, expected its name right behind pull");
        return kBadRequest;
    }
    const auto pulled = pull(words[1], arguments, places);
    const auto into = arguments.value("--answer");
    if (pulled || into) {
        if (const auto written = write_answer(pulled, into); !written) {
            guest::say(kProgram, written.error().message);
            return written.error().exit_status();
        }
    }
    if (pulled) return 0;
    if (!into) guest::say(kProgram, pulled.error().message);
    return pulled.error().exit_status();
}

}  // namespace hallmark::image_puller
