// SPDX-License-Identifier: Apache-2.0
// The name of an image: "registry.example:5000/team/app:1.2@sha256:…".
// Source: the grammar of distribution/reference (CNCF Distribution 2.8, reference.go) and its normal form
// (normalize.go).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/oci/digest.hpp"
#include "common/result.hpp"

namespace hallmark::oci {

inline constexpr std::size_t kLongestName = 255;  ///< of the repository with its registry, in bytes
inline constexpr std::size_t kLongestTag = 128;

struct Reference {
    std::string registry;    ///< host, with a port where one is named: "docker.io", "localhost:5000", "[::1]:5000"
    std::string repository;  ///< "library/busybox"
    std::string tag;         ///< empty where there is none: then there is a digest
    std::optional<Digest> digest;

    /// In normal form: "busybox" is docker.io/library/busybox:latest, index.docker.io is docker.io, and without tag and
    /// digest the tag is "latest".
    static Result<Reference> parse(std::string_view text);

    /// "registry/repository"
    [[nodiscard]] std::string name() const;
    /// "registry/repository:tag@digest", whichever of the two there are; parse() gives it back.
    [[nodiscard]] std::string text() const;

    bool operator==(const Reference&) const = default;
};

/// Whether the text names a registry, rather than leaving it to docker.io (or the registries to search): what stands
/// before the first '/' has a '.', a ':' or an upper-case letter, or is "localhost".
bool names_registry(std::string_view text);

/// A host of letters, digits, '-' and '.', an IPv4 address, or an IPv6 address in brackets; with or without a port.
bool is_registry_host(std::string_view text);

/// Components of lower-case letters and digits, joined by '.', '_', '__' or dashes; with '/' between components.
bool is_repository(std::string_view text);

}  // namespace hallmark::oci
