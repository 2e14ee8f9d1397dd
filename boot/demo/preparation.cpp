// SPDX-License-Identifier: Apache-2.0
#include "boot/demo/preparation.hpp"

#include <openssl/rand.h>

#include <array>
#include <vector>

#include "boot/demo/init_data.hpp"
#include "boot/flags/host.hpp"
#include "boot/run/image.hpp"
#include "boot/simulated/chain.hpp"
#include "boot/simulated/key_folder.hpp"
#include "boot/simulated/platform_values.hpp"
#include "boot/simulated/tdx/chain.hpp"
#include "common/hex.hpp"
#include "common/openssl.hpp"
#include "common/secret.hpp"

namespace hallmark::boot::demo {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestPem = std::size_t{64} << 10;
constexpr std::size_t kImageKey = 32;  // AES-256

/// The root certificate of the simulated platform, whose keys are made where they are missing.
Result<fs::path> simulated_root(const Typed& boot, Tee tee, View& view) {
    fs::path folder = boot.simulated_root;
    if (folder.empty()) {
        HALLMARK_TRY(folder, state_folder(boot.tee));
    }
    if (tee == Tee::kSimulatedTdx) {
        HALLMARK_CHECK(TdxChain::open(folder));
        return folder / "root.pem";
    }
    HALLMARK_CHECK(SimulatedChain::open(
        folder, [&] { view.part("platform", "making the simulated platform's keys (once, takes seconds)"); }));
    return folder / "ark.pem";
}

Result<Trust> trust_in(const DemoRequest& request, Tee tee, View& view) {
    Trust trust{.tee = tee, .kds = request.kds, .pccs = request.pccs};
    if (tee == Tee::kSimulatedTdx) HALLMARK_CHECK(find_program("swtpm", "install the package swtpm"));
    if (!is_simulated(tee)) {
        HALLMARK_CHECK(check_host(tee));
        return trust;
    }
    HALLMARK_TRY(trust.simulated_root, simulated_root(request.boot, tee, view));
    return trust;
}

/// A new key of the image, in the broker's store and nowhere else.
Status store_key(const Owner& owner, const fs::path& folder) {
    Bytes bytes(kImageKey);
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        return std::unexpected(openssl::error("image key"));
    const Secret key(std::move(bytes));
    const auto file = folder / "image.key";
    HALLMARK_CHECK(write_file(file, key.bytes(), 0600));
    const Status stored = owner.administer({"set-resource", kKeyPath, file});
    std::error_code error;
    if (!fs::remove(file, error)) return bad_input(file.string() + ": cannot be removed: " + error.message());
    return stored;
}

/// What the registers of TDX must hold, predicted from the image's files.
Status set_tdx_values(const DemoRequest& request, const Tools& tools, const fs::path& folder, const Owner& owner,
                      Deadline deadline) {
    const fs::path guest = request.boot.folder;
    HALLMARK_TRY(const Image image, Image::open(guest));
    HALLMARK_TRY(const std::string command_line, image.command_line(request.boot.command_line));
    HALLMARK_TRY(const std::string text,
                 run({tools.measure, "tdx", "--ovmf", guest / image.manifest.firmware_generic.file, "--kernel",
                      guest / image.manifest.kernel.file, "--append", command_line, "--memory",
                      std::to_string(request.boot.memory_mib) + "M", "--json"},
                     environment(folder), deadline));
    HALLMARK_TRY(const Json predicted, parse_json(text, "hallmark-measure tdx"));
    const std::array<std::pair<const char*, const char*>, 3> values{
        {{"mr_td", "/mrtd/single_pass"}, {"rtmr_1", "/rtmr1"}, {"rtmr_2", "/rtmr2"}}};
    for (const auto& [name, place] : values) {
        const Json::json_pointer pointer(place);
        if (!predicted.contains(pointer) || !predicted[pointer].is_string())
            return bad_input("hallmark-measure tdx: no " + std::string(place) + " in its answer, expected a digest");
        HALLMARK_CHECK(owner.administer({"reference-values", "set", name, predicted[pointer].get<std::string>()}));
    }
    return {};
}

/// Loads what the build and the platform published.
Status load_values(const DemoRequest& request, const Tools& tools, Tee tee, const fs::path& folder, const Owner& owner,
                   Deadline deadline) {
    if (is_tdx(tee)) {
        HALLMARK_CHECK(set_tdx_values(request, tools, folder, owner, deadline));
    } else {
        HALLMARK_CHECK(owner.publish(request.boot.folder));
    }
    fs::path platform = request.platform_values;
    if (tee == Tee::kSimulatedSnp) {
        HALLMARK_TRY(const auto cpu, snp::find_vcpu_type(request.boot.vcpu_type));
        platform = folder / "platform-values.json";
        HALLMARK_CHECK(write_file(platform, as_bytes(platform_values(cpu.model.signature()))));
    }
    if (platform.empty()) return {};
    return owner.administer({"reference-values", "add", platform});
}

/// Writes init-data, makes it known to the broker, and ties the image's key to it.
Result<std::string> tie(Tee tee, const fs::path& folder, const Owner& owner, const Pushed& image) {
    HALLMARK_TRY(const Bytes certificate, read_file(owner.certificate(), kLargestPem));
    const auto algorithm = is_tdx(tee) ? init_data::Algorithm::kSha384 : init_data::Algorithm::kSha256;
    const std::string document = init_data_document({.algorithm = algorithm,
                                                     .broker = owner.url_in_guest(),
                                                     .certificate = std::string(certificate.begin(), certificate.end()),
                                                     .image = image});
    HALLMARK_CHECK(write_file(folder / "init-data.toml", as_bytes(document)));
    const std::string digest = to_hex(init_data::digest(algorithm, as_bytes(document)));
    HALLMARK_CHECK(
        owner.administer({"reference-values", "set", is_tdx(tee) ? "tdx_mr_config_id" : "snp_host_data", digest}));
    std::string line = "init_data = [\"" + digest + "\"]";
    const std::string policy = "version = 1\n[[rule]]\nname = \"the demo's pod\"\npath = \"" + std::string(kKeyPath) +
                               "\"\nsimulated = " + (is_simulated(tee) ? "true" : "false") + "\n" + line + "\n";
    HALLMARK_CHECK(write_file(folder / "release.toml", as_bytes(policy)));
    HALLMARK_CHECK(owner.administer({"set-release-policy", folder / "release.toml"}));
    return line;
}

}  // namespace

Result<Prepared> prepare(const DemoRequest& request, const fs::path& folder, View& view, Deadline deadline) {
    HALLMARK_TRY(const Request boot, to_request(request.boot));
    HALLMARK_TRY(const Tools tools, Tools::find());
    HALLMARK_TRY(const Trust trust, trust_in(request, boot.tee, view));
    view.heading("the owner");
    HALLMARK_TRY(Owner owner, Owner::start(tools, folder, trust, deadline));
    view.part("broker", "hallmark-kbs at " + owner.url());
    HALLMARK_TRY(Server registry, start_registry(tools, folder, owner, deadline));
    view.part("registry", "docker-registry at https://127.0.0.1:" + registry.port());
    HALLMARK_CHECK(load_values(request, tools, boot.tee, folder, owner, deadline));
    view.part("values", "what a guest of " + request.boot.folder + " measures is known to the broker");
    HALLMARK_CHECK(store_key(owner, folder));
    const std::string own = std::string(kSeenAs) + ":" + registry.port();
    const std::string& seen_as = request.registry_seen_at.empty() ? own : request.registry_seen_at;
    HALLMARK_TRY(Pushed image,
                 push_image(tools, folder, owner, registry, seen_as, std::size_t{request.filler_mib} << 20, deadline));
    view.part("image", image.name + ", its layers encrypted under kbs:///" + kKeyPath + ", signed: " + image.digest);
    HALLMARK_TRY(std::string release, tie(boot.tee, folder, owner, image));
    view.part("init-data", "this pod of this image, who must have signed it, this broker");
    view.part("release", release);
    return Prepared{.owner = std::move(owner),
                    .registry = std::move(registry),
                    .image = std::move(image),
                    .init_data = folder / "init-data.toml",
                    .release = std::move(release)};
}

}  // namespace hallmark::boot::demo
