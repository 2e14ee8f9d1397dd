// SPDX-License-Identifier: Apache-2.0
#include "boot/demo/image.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "boot/demo/tar.hpp"
#include "common/digest.hpp"
#include "common/file.hpp"
#include "common/gzip.hpp"
#include "common/hex.hpp"
#include "common/json.hpp"

namespace hallmark::boot::demo {
namespace {

constexpr const char* kManifestType = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* kConfigType = "application/vnd.oci.image.config.v1+json";
constexpr const char* kLayerType = "application/vnd.oci.image.layer.v1.tar+gzip";
constexpr std::array kApplets{"cut", "id", "sh", "sha256sum", "uname"};
constexpr int kMarkerLines = 64;
constexpr std::string_view kProof = "SHA-256 of the marker inside: ";

std::string script() {
    return "echo 'Hello from a container whose image the host never saw'\n"
           "echo \"user $(id -u), kernel $(uname -r)\"\n"
           "echo \"" +
           std::string(kProof) + "$(sha256sum /etc/marker | cut -c 1-64)\"\n";
}

std::string marker_file() {
    std::string text;
    for (int line = 0; line < kMarkerLines; ++line) text += std::string(kMarker) + "\n";
    return text;
}

Result<Bytes> shell_layer(ByteSpan busybox) {
    std::vector<Entry> entries{{.path = "bin", .kind = EntryKind::kFolder},
                               {.path = "bin/busybox", .kind = EntryKind::kFile, .content = busybox}};
    for (const std::string applet : kApplets)
        entries.push_back({.path = "bin/" + applet, .kind = EntryKind::kLink, .target = "busybox"});
    return make_tar(entries);
}

Result<Bytes> workload_layer() {
    const std::string marker = marker_file();
    const std::string words = script();
    const std::array entries{Entry{.path = "etc", .kind = EntryKind::kFolder},
                             Entry{.path = "etc/marker", .kind = EntryKind::kFile, .content = as_bytes(marker)},
                             Entry{.path = "workload.sh", .kind = EntryKind::kFile, .content = as_bytes(words)}};
    return make_tar(entries);
}

/// Bytes without a pattern, of a congruential generator (Knuth, The Art of Computer Programming, 3.3.4, table 1).
Result<Bytes> filler_layer(std::size_t size) {
    Bytes bytes(size);
    std::uint64_t state = 1;
    for (auto& byte : bytes) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        byte = static_cast<std::uint8_t>(state >> 56);
    }
    const std::array entries{Entry{.path = "filler", .kind = EntryKind::kFile, .content = bytes}};
    return make_tar(entries);
}

std::string digest_text(ByteSpan content) { return "sha256:" + to_hex(sha256(content)); }

/// Writes a blob and describes it.
Result<Json> put(const std::filesystem::path& layout, ByteSpan content, const char* type) {
    HALLMARK_CHECK(write_file(layout / "blobs/sha256" / to_hex(sha256(content)), content));
    return Json{{"mediaType", type}, {"digest", digest_text(content)}, {"size", content.size()}};
}

Json config_of(const Json& diff_ids) {
    return {{"created", "1970-01-01T00:00:00Z"},
            {"architecture", "amd64"},
            {"os", "linux"},
            {"config",
             {{"User", "1000:1000"},
              {"Env", Json::array({"PATH=/bin"})},
              {"Entrypoint", Json::array({"/bin/sh", "/workload.sh"})}}},
            {"rootfs", {{"type", "layers"}, {"diff_ids", diff_ids}}}};
}

}  // namespace

Status write_image(const std::filesystem::path& layout, ByteSpan busybox, std::size_t filler) {
    std::error_code error;
    std::filesystem::create_directories(layout / "blobs/sha256", error);
    if (error) return bad_input(layout.string() + ": " + error.message());
    HALLMARK_TRY(const Bytes shell, shell_layer(busybox));
    HALLMARK_TRY(const Bytes workload, workload_layer());
    std::vector<Bytes> tars{shell, workload};
    if (filler > 0) {
        HALLMARK_TRY(tars.emplace_back(), filler_layer(filler));
    }
    Json layers = Json::array();
    Json diff_ids = Json::array();
    for (const Bytes& tar : tars) {
        diff_ids.push_back(digest_text(tar));
        HALLMARK_TRY(layers.emplace_back(), put(layout, gzip_stored(tar), kLayerType));
    }
    Json manifest{{"schemaVersion", 2}, {"mediaType", kManifestType}};
    HALLMARK_TRY(manifest["config"], put(layout, as_bytes(config_of(diff_ids).dump()), kConfigType));
    manifest["layers"] = std::move(layers);
    HALLMARK_TRY(Json entry, put(layout, as_bytes(manifest.dump()), kManifestType));
    entry["annotations"] = {{"org.opencontainers.image.ref.name", kLayoutTag}};
    const Json index{{"schemaVersion", 2}, {"manifests", Json::array({entry})}};
    HALLMARK_CHECK(write_file(layout / "index.json", as_bytes(index.dump())));
    return write_file(layout / "oci-layout", as_bytes(Json{{"imageLayoutVersion", "1.0.0"}}.dump()));
}

std::string proof_of_workload() { return std::string(kProof) + to_hex(sha256(as_bytes(marker_file()))); }

}  // namespace hallmark::boot::demo
