// SPDX-License-Identifier: Apache-2.0
// The options --pccs and --pccs-certificate: where collateral of Intel's is fetched from.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "common/result.hpp"
#include "relying-party/verifier/tdx/pccs.hpp"

namespace hallmark::cli {

struct PccsChoice {
    std::string url;          ///< empty: nothing is fetched
    std::string certificate;  ///< PEM file of whom to trust for its TLS; empty: the system's authorities
};

/// nullptr where nothing is to be fetched. `collateral` is the folder that was given, which says the same things.
Result<std::unique_ptr<verifier::Pccs>> open_pccs(const PccsChoice& choice, const std::string& collateral,
                                                  const std::filesystem::path& cache);

}  // namespace hallmark::cli
