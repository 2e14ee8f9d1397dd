// SPDX-License-Identifier: Apache-2.0
// Options that the commands for AMD launches share, and what is made of them.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/json.hpp"
#include "common/result.hpp"
#include "measure/snp/firmware_seed.hpp"
#include "measure/snp/kernel_hashes.hpp"
#include "measure/snp/vmm_profile.hpp"
#include "measure/snp/vmsa_fields.hpp"
#include "measure/trace.hpp"

namespace hallmark::cli {

/// As typed; nothing where the option wasn't given.
using Text = std::optional<std::string>;

/// Adds an option whose empty text is not taken for its absence, as CLI11 does: a kernel would be left out in silence.
CLI::Option* add_text(CLI::App& app, const char* name, Text& into, const char* type, const char* description);

struct CpuModelOptions {
    Text type;
    Text signature;
    Text family;
    Text model;
    Text stepping;
};
void add_cpu_model_options(CLI::App& app, CpuModelOptions& options);
/// Family, model and stepping win over a signature, which wins over a type: as in sev-snp-measure.
Result<std::uint32_t> cpu_signature(const CpuModelOptions& options);
/// The same; 0 where no model is given and the hypervisor hides it from the CPU's state.
Result<std::uint32_t> cpu_signature(const CpuModelOptions& options, const snp::VmmProfile& profile);

struct KernelOptions {
    Text kernel;
    Text initrd;
    Text append;
    bool may_be_empty = false;  ///< whether the files may be; sev-snp-measure hashes what it is given
};
void add_kernel_options(CLI::App& app, KernelOptions& options);
/// Initrd and command line need a kernel.
Status check_kernel_options(const KernelOptions& options);

struct FirmwareOptions {
    Text ovmf;
    Text seed;
    Text digest;  ///< of the firmware, instead of its bytes
    bool allow_unknown_sections = false;
    bool identify = false;  ///< whether the answer names the firmware by its SHA-256

    [[nodiscard]] ovmf::UnknownSections unknown() const {
        return allow_unknown_sections ? ovmf::UnknownSections::kTake : ovmf::UnknownSections::kRefuse;
    }
    /// The file that is named in errors.
    [[nodiscard]] std::string name() const { return seed.value_or(ovmf.value_or("")); }
};
/// --ovmf alone.
void add_ovmf_option(CLI::App& app, FirmwareOptions& options);
/// --ovmf or --seed, --allow-unknown-sections.
void add_snp_firmware_options(CLI::App& app, FirmwareOptions& options);
/// The bytes of --ovmf.
Result<Bytes> read_firmware(const FirmwareOptions& options);
/// What the firmware puts into a launch digest, and its SHA-256 if it is known or wanted.
struct FirmwareInputs {
    snp::MeasuredFirmware measured;
    std::optional<Sha256> sha256;
};
Result<FirmwareInputs> read_firmware_inputs(const FirmwareOptions& options, Trace* trace);

/// Firmware, kernel and initrd, hashed at the same time where there are processors for it.
struct SnpInputs {
    FirmwareInputs firmware;
    std::optional<snp::KernelHashes> kernel;
};
Result<SnpInputs> read_snp_inputs(const FirmwareOptions& firmware, const KernelOptions& kernel, Trace* trace);

/// The same for SEV and SEV-ES, which hash the firmware's bytes.
struct SevInputs {
    Bytes image;
    std::optional<snp::KernelHashes> kernel;
};
Result<SevInputs> read_sev_inputs(const FirmwareOptions& firmware, const KernelOptions& kernel);

struct StateOptions {
    std::string vmm_type = "QEMU";
    std::string features = "0x1";
    std::vector<std::string> vmsa;
};
/// --vmm-type and --vmsa
void add_vmm_options(CLI::App& app, StateOptions& options);
void add_vmsa_option(CLI::App& app, StateOptions& options);
void add_features_option(CLI::App& app, StateOptions& options);
Result<std::vector<snp::VmsaOverride>> vmsa_overrides(const StateOptions& options);
/// The profile, which must be one that starts SNP guests.
Result<const snp::VmmProfile*> snp_profile(const StateOptions& options);
Result<std::uint64_t> feature_bits(const StateOptions& options);

struct AnswerOptions {
    std::string format = "hex";
    bool json = false;
    bool trace = false;

    /// Where the steps go, if they are wanted.
    [[nodiscard]] Trace* into(Trace& steps) const { return trace ? &steps : nullptr; }
};
void add_answer_options(CLI::App& app, AnswerOptions& options);
/// The digest in the format that was asked for, after the steps if they were, and HOSTDATA on a line of its own behind
/// it, if there is any to bind; or all as JSON.
std::string answer_text(const AnswerOptions& options, ByteSpan digest, const Trace& trace, Json parameters,
                        const std::optional<Sha256>& host_data = {});

Result<std::uint64_t> number_option(std::string_view option, std::string_view text, std::uint64_t least,
                                    std::uint64_t most);
/// --vcpus
Result<std::uint32_t> vcpu_count(std::string_view text);

/// What went into a digest, for JSON.
Json kernel_json(const snp::KernelHashes& kernel);
Json inputs_json(const SnpInputs& inputs);

/// Writes the states of `vcpus` CPUs to vmsa0.bin, vmsa1.bin, … in the working directory.
Status dump_states(const snp::CpuStates& states, std::uint32_t vcpus);

}  // namespace hallmark::cli
