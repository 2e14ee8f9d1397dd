// SPDX-License-Identifier: Apache-2.0
// Where images of a name really lie: registries.conf, version 2.
// Source: containers-registries.conf(5) of containers/image 5.29.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/oci/reference.hpp"
#include "common/result.hpp"
#include "common/toml.hpp"

namespace hallmark::registry {

/// Which references a mirror is asked for.
enum class PullFrom : std::uint8_t { kAll, kDigestOnly, kTagOnly };

struct Mirror {
    std::string location;
    bool insecure = false;
    PullFrom pull = PullFrom::kAll;
};

struct Registry {
    std::string prefix;    ///< of references: "host", "host/namespace", "*.domain"
    std::string location;  ///< what stands for the prefix; empty: the prefix itself
    bool insecure = false;
    bool blocked = false;
    std::vector<Mirror> mirrors;
};

/// One place to ask.
struct Endpoint {
    oci::Reference reference;  ///< as it is called there
    bool insecure = false;     ///< any certificate will do, and no TLS where none is spoken
    bool mirror = false;
};

class RegistriesConf {
public:
    static Result<RegistriesConf> parse(std::string_view text, const std::string& what);
    /// The same of a table within another document.
    static Result<RegistriesConf> parse(const Toml& table);

    /// What a name may stand for: itself, or where it names no registry and some are to be searched, one reference for
    /// each of them.
    [[nodiscard]] Result<std::vector<oci::Reference>> candidates(std::string_view name) const;

    /// The mirrors that are asked for this reference, then the place itself. A blocked registry is refused.
    [[nodiscard]] Result<std::vector<Endpoint>> endpoints(const oci::Reference& reference) const;

private:
    std::vector<std::string> search_;
    std::vector<Registry> registries_;
};

}  // namespace hallmark::registry
