// SPDX-License-Identifier: Apache-2.0
// --init-data: what the owner of a guest binds to its launch.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/formats/init_data_digest.hpp"
#include "common/json.hpp"
#include "common/result.hpp"

namespace hallmark::cli {

struct InitData {
    init_data::Algorithm algorithm{};
    Bytes digest;

    /// HOSTDATA of SEV-SNP and MRCONFIGID of TDX that bind it.
    [[nodiscard]] Sha256 host_data() const { return init_data::host_data(digest); }
    [[nodiscard]] Sha384 mr_config_id() const { return init_data::mr_config_id(digest); }
    /// Algorithm and digest.
    [[nodiscard]] Json json() const;
};

/// `field` names what follows from it, for --help.
void add_init_data_option(CLI::App& app, std::optional<std::string>& into, const std::string& field);

/// The document in a file, or on the disk that a runtime makes of one; nothing where no file is named.
Result<std::optional<InitData>> read_init_data(const std::optional<std::string>& path);

}  // namespace hallmark::cli
