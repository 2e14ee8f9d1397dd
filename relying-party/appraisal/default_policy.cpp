// SPDX-License-Identifier: Apache-2.0
// What Trustee's default policy asks of SEV-SNP and TDX; besides, init-data, and what a TD lets its host do.
#include "relying-party/appraisal/policy.hpp"

namespace hallmark::appraisal {
namespace {

constexpr std::string_view kDefaultPolicy = R"toml(version = 1
name = "default"

# Two owners: who builds the image knows its measurements, who runs the machines knows their firmware.
[values.image]
names = [
    "snp_launch_measurement", "snp_guest_abi_major", "snp_guest_abi_minor", "snp_single_socket", "snp_smt_allowed",
    "mr_td", "rtmr_1", "rtmr_2", "tdvfkernel", "tdvfkernelparams", "xfam",
]
load = "hallmark-measure publish DIR --kbs URL --admin-key FILE"

[values.platform]
names = [
    "snp_bootloader", "snp_microcode", "snp_snp_svn", "snp_tee_svn", "snp_smt_enabled", "snp_tsme_enabled",
]
load = "hallmark-kbs reference-values add platform-values.json"

# Init-data that guests of this owner may be given. The host hands it over, so its digest must be known: without a value
# here, only guests without init-data are affirmed.
[values.init-data]
names = ["snp_host_data", "tdx_mr_config_id"]
load = "hallmark-kbs reference-values set NAME DIGEST"

[snp.executables]
otherwise = 33

# VMPL 0: what asks is the measured guest itself, not something that runs below it.
[[snp.executables.grade]]
value = 3
require = [
    { claim = "measurement", in = "snp_launch_measurement" },
    { claim = "vmpl", equal = 0 },
]

[snp.hardware]
otherwise = 97

[[snp.hardware.grade]]
value = 2
require = [
    { claim = "reported_tcb_bootloader", in = "snp_bootloader" },
    { claim = "reported_tcb_microcode", in = "snp_microcode" },
    { claim = "reported_tcb_snp", in = "snp_snp_svn" },
    { claim = "reported_tcb_tee", in = "snp_tee_svn" },
]

[snp.configuration]
otherwise = 36

# The configuration is known and approved.
[[snp.configuration.grade]]
value = 2
require = [
    { claim = "policy_debug_allowed", equal = false },
    { claim = "policy_migrate_ma", equal = false },
    { claim = "platform_smt_enabled", in = "snp_smt_enabled" },
    { claim = "platform_tsme_enabled", in = "snp_tsme_enabled" },
    { claim = "policy_abi_major", in = "snp_guest_abi_major" },
    { claim = "policy_abi_minor", in = "snp_guest_abi_minor" },
    { claim = "policy_single_socket", in = "snp_single_socket" },
    { claim = "policy_smt_allowed", in = "snp_smt_allowed" },
    { claim = "init_data", in = "snp_host_data", or = ["zero"] },
]

# It exposes nothing that is known to be weak.
[[snp.configuration.grade]]
value = 3
require = [
    { claim = "policy_debug_allowed", equal = false },
    { claim = "policy_migrate_ma", equal = false },
    { claim = "init_data", in = "snp_host_data", or = ["zero"] },
]

[tdx.executables]
otherwise = 33

# Kernel and command line, as the firmware logged them for a direct boot.
[[tdx.executables.grade]]
value = 3
require = [
    { claim = "rtmr_1", in = "rtmr_1" },
    { claim = "rtmr_2", in = "rtmr_2" },
    { claim = "tdvfkernel", in = "tdvfkernel" },
    { claim = "tdvfkernelparams", in = "tdvfkernelparams" },
]

# A boot by a boot loader or as a unified kernel image.
[[tdx.executables.grade]]
value = 4
require = [
    { claim = "rtmr_1", in = "rtmr_1" },
    { claim = "rtmr_2", in = "rtmr_2" },
]

[tdx.hardware]
otherwise = 97

[[tdx.hardware.grade]]
value = 2
require = [
    { claim = "tee_type", equal = "81000000" },
    { claim = "vendor_id", equal = "939a7233f79c4ca9940a0db3957f0607" },
    { claim = "mr_td", in = "mr_td" },
    { claim = "tcb_status", equal = "UpToDate" },
    { claim = "collateral_expiration_status", equal = "0" },
]

[tdx.configuration]
otherwise = 36

# Bits 0 to 7 put a TD under debug or let the host profile it. With bit 29 (MIGRATABLE) the host names a migration TD,
# which may read all of it.
[[tdx.configuration.grade]]
value = 2
require = [
    { claim = "/td_attributes/debug", equal = false },
    { claim = "/quote/body/td_attributes", bits_clear = "ff00002000000000" },
    { claim = "xfam", in = "xfam" },
    { claim = "init_data", in = "tdx_mr_config_id", or = ["zero"] },
]
)toml";

}  // namespace

std::string_view default_policy_text() { return kDefaultPolicy; }

}  // namespace hallmark::appraisal
