// SPDX-License-Identifier: Apache-2.0
// The options of `pcr`, for it and for the explanation of its values.
#pragma once

#include <CLI/CLI.hpp>
#include <deque>
#include <string>
#include <vector>

#include "common/bytes.hpp"
#include "common/result.hpp"
#include "measure/cli_launch.hpp"
#include "measure/tpm/output.hpp"
#include "measure/tpm/predict.hpp"

namespace hallmark::cli {

/// As typed; nothing where the option wasn't given.
struct PcrOptions {
    Text uki;
    std::vector<std::string> addons;
    Text smbios_extra;
    Text phases;
    std::string profile = "0";
    Text kernel;
    Text initrd;
    Text append;
    Text ovmf;
    Text edk2;
    std::string secure_boot;  ///< empty: as the firmware image shows
    std::vector<std::string> pcrs;
    std::vector<std::string> banks;
    std::string format = "text";
    bool json = false;
    bool trace = false;
};

/// All that says what is booted, and --pcr.
void add_pcr_flags(CLI::App& app, PcrOptions& options);
/// Either a kernel or a unified kernel image.
Status check_pcr_options(const PcrOptions& options);

/// Files that were read, for as long as predictions borrow from them.
struct NamedFiles {
    std::deque<Bytes> contents;

    Result<tpm::NamedFile> read(const std::string& option, const std::string& path);
};

/// What --kernel or --uki boots.
Result<tpm::KernelBoot> kernel_boot(const PcrOptions& options, NamedFiles& files);
Result<tpm::UkiBoot> uki_boot(const PcrOptions& options, NamedFiles& files);
/// Which values are asked for.
Result<tpm::Selection> selection(const PcrOptions& options);

}  // namespace hallmark::cli
