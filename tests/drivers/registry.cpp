// SPDX-License-Identifier: Apache-2.0
// registry-driver [OPTION VALUE]… COMMAND…: what the image puller asks of registries, by itself.
//
//   --conf FILE, --auth FILE, --root FILE (more than once), --https-proxy URL, --http-proxy URL, --no-proxy LIST
//   --attempts N, --wait MS, --longest-wait MS, --slowest BYTES, --slow-for MS
//
//   pull REFERENCE… FOLDER   layers, all at once, as files named by their digests; a line of JSON for each reference
//   fill REFERENCE… BYTES    the first layer, to a sink that takes so many bytes and then no more
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "agent/oci/image_config.hpp"
#include "agent/registry/client.hpp"
#include "common/file.hpp"
#include "common/hex.hpp"
#include "common/json.hpp"

namespace hallmark::registry {
namespace {

constexpr std::size_t kLargestFile = 1024 * 1024;

Result<std::string> text_in(const std::string& path) {
    HALLMARK_TRY(const Bytes bytes, read_file(path, kLargestFile));
    return std::string(bytes.begin(), bytes.end());
}

Result<std::chrono::milliseconds> milliseconds_of(const std::string& text) {
    HALLMARK_TRY(const std::uint64_t number, parse_number(text));
    return std::chrono::milliseconds(number);
}

Status set_patience(Patience& patience, std::string_view name, const std::string& value) {
    HALLMARK_TRY(const std::chrono::milliseconds number, milliseconds_of(value));
    if (name == "--attempts")
        patience.attempts = static_cast<int>(number.count());
    else if (name == "--wait")
        patience.first_wait = number;
    else if (name == "--longest-wait")
        patience.longest_wait = number;
    else if (name == "--slowest")
        patience.slowest = static_cast<std::uint64_t>(number.count());
    else if (name == "--slow-for")
        patience.slow_for = number;
    else
        return bad_input(std::string(name) + ": no such option");
    return {};
}

Status set(Settings& settings, std::string_view name, const std::string& value) {
    if (name == "--conf") {
        HALLMARK_TRY(const std::string text, text_in(value));
        HALLMARK_TRY(settings.registries, RegistriesConf::parse(text, value));
    } else if (name == "--auth") {
        HALLMARK_TRY(const std::string text, text_in(value));
        HALLMARK_TRY(settings.credentials, Credentials::parse(text, value));
    } else if (name == "--root") {
        HALLMARK_TRY(std::string text, text_in(value));
        settings.extra_roots.push_back(std::move(text));
    } else if (name == "--https-proxy") {
        settings.proxies.https = value;
    } else if (name == "--http-proxy") {
        settings.proxies.http = value;
    } else if (name == "--no-proxy") {
        settings.proxies.exceptions = value;
    } else {
        return set_patience(settings.patience, name, value);
    }
    return {};
}

struct CloseFile {
    void operator()(std::FILE* file) const { (void)std::fclose(file); }
};

/// The blob as a file named by its digest, which is checked.
Status fetch_to_file(Client& client, const oci::Reference& reference, const oci::Descriptor& blob,
                     const std::string& folder) {
    const std::string path = folder + "/" + blob.digest.hex();
    const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "wb"));
    if (!file) return bad_input(path + ": can't be written");
    oci::Digester digester(blob.digest.algorithm);
    HALLMARK_CHECK(client.fetch_blob(reference, blob, [&](ByteSpan piece) -> Status {
        digester.update(piece);
        if (std::fwrite(piece.data(), 1, piece.size(), file.get()) != piece.size())
            return bad_input(path + ": can't be written");
        return {};
    }));
    if (digester.finish() != blob.digest) return refused(path + ": another digest");
    return {};
}

/// Each in a thread of its own; the first error in their order.
Status fetch_layers(Client& client, const oci::Reference& reference, const std::vector<oci::Descriptor>& layers,
                    const std::string& folder) {
    std::vector<Status> done(layers.size());
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < layers.size(); ++i)
            threads.emplace_back([&, i] { done[i] = fetch_to_file(client, reference, layers[i], folder); });
    }
    for (auto& status : done) HALLMARK_CHECK(std::move(status));
    return {};
}

Status pull(Client& client, const std::string& name, const std::string& folder) {
    HALLMARK_TRY(const oci::Reference reference, client.find_short(name));
    HALLMARK_TRY(const Resolved resolved, client.resolve(reference));
    HALLMARK_TRY(const Bytes text, client.fetch_document(reference, resolved.manifest.config));
    HALLMARK_TRY(const oci::ImageConfig config,
                 oci::parse_image_config({reinterpret_cast<const char*>(text.data()), text.size()}, name));
    HALLMARK_CHECK(oci::fits(config, resolved.manifest, name));
    HALLMARK_CHECK(fetch_layers(client, reference, resolved.manifest.layers, folder));
    Json layers = Json::array();
    for (const auto& layer : resolved.manifest.layers)
        layers.push_back({{"type", layer.media_type}, {"digest", layer.digest.text()}, {"size", layer.size}});
    const Json told{{"reference", reference.text()},
                    {"named", resolved.named.digest.text()},
                    {"image", resolved.manifest_document().digest.text()},
                    {"type", resolved.manifest.media_type},
                    {"architecture", config.platform.architecture},
                    {"layers", std::move(layers)}};
    std::printf("%s\n", told.dump().c_str());
    return {};
}

Status fill(Client& client, const std::string& name, const std::string& bytes) {
    HALLMARK_TRY(const std::uint64_t most, parse_number(bytes));
    HALLMARK_TRY(const oci::Reference reference, oci::Reference::parse(name));
    HALLMARK_TRY(const Resolved resolved, client.resolve(reference));
    if (resolved.manifest.layers.empty()) return bad_input(name + ": no layers");
    std::uint64_t taken = 0;
    return client.fetch_blob(reference, resolved.manifest.layers[0], [&](ByteSpan piece) -> Status {
        taken += piece.size();
        if (taken > most) return refused("the sink is full");
        return {};
    });
}

/// Each reference by itself: an error ends it, and the others are pulled.
Result<int> run(std::vector<std::string> words) {
    Settings settings;
    while (words.size() >= 2 && words[0].starts_with("--")) {
        HALLMARK_CHECK(set(settings, words[0], words[1]));
        words.erase(words.begin(), words.begin() + 2);
    }
    if (words.size() < 3) return bad_input("expected a command, a reference and what to do with it");
    HALLMARK_TRY(const std::unique_ptr<Client> client, Client::make(std::move(settings)));
    int exit_status = 0;
    for (std::size_t i = 1; i + 1 < words.size(); ++i) {
        const auto done =
            words[0] == "pull" ? pull(*client, words[i], words.back()) : fill(*client, words[i], words.back());
        if (done) continue;
        std::fprintf(stderr, "registry-driver: %s\n", done.error().message.c_str());
        exit_status = done.error().exit_status();
    }
    return exit_status;
}

}  // namespace
}  // namespace hallmark::registry

int main(int count, char** words) {
    const auto status = hallmark::registry::run({words + 1, words + count});
    if (status) return *status;
    std::fprintf(stderr, "registry-driver: %s\n", status.error().message.c_str());
    return status.error().exit_status();
}
