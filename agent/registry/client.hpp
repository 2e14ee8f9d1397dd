// SPDX-License-Identifier: Apache-2.0
// Pulling from registries: what a name stands for, and the bytes behind a digest.
// Source: OCI Distribution Specification 1.1.0, "Pull".
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/oci/manifest.hpp"
#include "agent/oci/reference.hpp"
#include "agent/registry/transport.hpp"
#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::registry {

/// How long and how often. Connections, 429 and 5xx are tried again: a mirror twice, the registry itself as often as
/// this says. What brings a blob forward is not counted.
struct Patience {
    int attempts = 5;
    std::chrono::milliseconds first_wait{500};             ///< doubles each time
    std::chrono::milliseconds longest_wait{30'000};        ///< where Retry-After asks for more, that is an error
    std::uint64_t slowest = 1024;                          ///< bytes a second; a server that is slower …
    std::chrono::milliseconds slow_for{30'000};            ///< … for so long is left
    std::function<void(std::chrono::milliseconds)> sleep;  ///< empty: really
};

struct Settings {
    RegistriesConf registries;
    Credentials credentials;
    std::vector<std::string> extra_roots;  ///< PEM, each of one certificate or more, beside the system's
    Proxies proxies;
    oci::Platform platform{"linux", "amd64", ""};
    Patience patience;
};

/// A document of a registry, whose digest was checked.
struct Fetched {
    oci::Digest digest;
    std::string media_type;  ///< as the registry calls it; empty where it says nothing
    Bytes bytes;
};

/// What a reference stands for.
struct Resolved {
    Fetched named;                 ///< the manifest or the index under this name
    std::optional<Fetched> image;  ///< where `named` is an index: the manifest for the platform
    oci::Manifest manifest;

    [[nodiscard]] const Fetched& manifest_document() const { return image ? *image : named; }
};

/// For several threads. Mirrors are asked first, and each digest may come from another of them.
class Client {
public:
    static Result<std::unique_ptr<Client>> make(Settings settings);

    /// What a name is short for: the first of the registries to search that has it.
    Result<oci::Reference> find_short(std::string_view name);

    /// The manifest for the platform. Its digest, and the index's, are those that the reference and the index name;
    /// behind a tag, that of the bytes that came.
    Result<Resolved> resolve(const oci::Reference& reference);

    /// The manifest or index itself; nothing where no registry has it.
    Result<std::optional<Fetched>> find(const oci::Reference& reference);

    /// Simple signatures that a registry keeps itself, as it lists them; nothing where it keeps none or knows no such
    /// thing. Of the registry itself, not of its mirrors.
    /// Source: OpenShift's registry, "X-Registry-Supports-Signatures" (docs/signature-protocols.md of
    /// containers/image).
    Result<std::optional<Bytes>> signature_list(const oci::Reference& reference, const oci::Digest& manifest,
                                                std::size_t limit);

    /// Gives the blob to the sink, piece by piece, each byte once, at most the descriptor's size. A broken transfer
    /// goes on where it broke. Whether the bytes have the digest is for the sink to see. The sink's error is returned
    /// as it is.
    Status fetch_blob(const oci::Reference& reference, const oci::Descriptor& descriptor,
                      const std::function<Status(ByteSpan)>& sink);

    /// A configuration or a signature: a blob of at most oci::kLargestDocument bytes, with its digest checked.
    Result<Bytes> fetch_document(const oci::Reference& reference, const oci::Descriptor& descriptor);

private:
    explicit Client(Settings settings, const std::string& authorities);
    Result<std::optional<Fetched>> find_at(const Endpoint& endpoint);
    Result<Fetched> need(const oci::Reference& reference);

    Settings settings_;
    Transport transport_;
};

}  // namespace hallmark::registry
