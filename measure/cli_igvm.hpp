// SPDX-License-Identifier: Apache-2.0
// The options of `igvm`, for it and for the explanation of its digests.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "common/result.hpp"
#include "measure/igvm/file.hpp"
#include "measure/igvm/reading.hpp"

namespace hallmark::cli {

struct IgvmOptions {
    std::string file;
    std::string platform;
    bool pass_over_unknown = false;
    bool trace = false;
    bool json = false;

    [[nodiscard]] igvm::Unknown unknown() const {
        return pass_over_unknown ? igvm::Unknown::kPassOver : igvm::Unknown::kRefuse;
    }
};

/// All that says what is launched.
void add_igvm_flags(CLI::App& app, IgvmOptions& options);

Result<igvm::File> open_igvm(const std::string& file);
/// The platform that was named, else the one that the file is for: "snp" or "tdx".
Result<std::string> choose_platform(const IgvmOptions& options, const igvm::File& file);

}  // namespace hallmark::cli
