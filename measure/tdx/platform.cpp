// SPDX-License-Identifier: Apache-2.0
#include "measure/tdx/platform.hpp"

#include <algorithm>
#include <array>

#include "measure/ovmf/variable_store.hpp"
#include "measure/tdx/own_boot_options.hpp"
#include "measure/tdx/td_hob.hpp"
#include "measure/tdx/variables.hpp"

namespace hallmark::tdx {
namespace {

using event_log::EventType;
using ovmf::TdxSectionType;

constexpr std::array<std::uint8_t, 4> kSeparator = {};
constexpr Guid kSecureBootEnable = guid("f0a30bc7-af08-4556-99c4-001009c93a44");

Status add_hand_off(EventList& list, const Platform& platform) {
    constexpr auto kType = EventType::kEfiHandoffTables2;
    const char* name = "td_hob";
    const char* text = "hand-off blocks: the guest's memory";
    if (!platform.memory) {
        list.add_unknown(Register::kRtmr0, kType, name, text, "follows from the memory's size; give --memory");
        return {};
    }
    HALLMARK_TRY(const Bytes blocks, td_hob(platform.sections, *platform.memory, platform.what));
    list.add_data(Register::kRtmr0, kType, name, text, blocks);
    return {};
}

/// The configuration volume; empty where the firmware has none.
ByteSpan configuration(const Platform& platform) {
    const auto found =
        std::ranges::find(platform.sections, TdxSectionType::kConfigurationVolume, &ovmf::TdxSection::type);
    return found == platform.sections.end() ? ByteSpan{} : found->data(platform.image);
}

/// What a firmware without a PEI phase reads from fw_cfg, it measures.
void add_fw_cfg(EventList& list, Assumptions& assumptions, bool from_kernel) {
    constexpr auto kType = EventType::kPlatformConfigFlags;
    list.add_data(Register::kRtmr0, kType, "fw_cfg_boot_menu", "fw_cfg item BootMenu: 0", Bytes(2));
    assumptions.emplace_back(
        "QEMU offers no boot menu, extra PCI roots, reserved memory or PCI window (fw_cfg items BootMenu, "
        "etc/extra-pci-roots, etc/boot-menu-wait, etc/reserved-memory-end, opt/ovmf/X-PciMmio64Mb)");
    if (!from_kernel) {
        list.add_unknown(Register::kRtmr0, kType, "fw_cfg_boot_order", "fw_cfg item bootorder",
                         "follows from the devices with a boot index");
        return;
    }
    constexpr std::string_view kOrder("/rom@genroms/linuxboot_dma.bin", 31);
    list.add_data(Register::kRtmr0, kType, "fw_cfg_boot_order", "fw_cfg item bootorder: the kernel alone",
                  as_bytes(kOrder));
    assumptions.emplace_back("no device has a boot index (fw_cfg item bootorder)");
}

/// The value of SecureBoot: absent in builds without it, else whether a platform key is enrolled.
Bytes secure_boot_value(const std::vector<ovmf::StoredVariable>& variables, bool built_in) {
    if (!built_in) return {};
    const bool enrolled = ovmf::find_variable(variables, kGlobalVariables, "PK") != nullptr;
    const auto* enabled = ovmf::find_variable(variables, kSecureBootEnable, "SecureBootEnable");
    const bool off = enabled != nullptr && equal(enabled->data, Bytes{0});
    return {static_cast<std::uint8_t>(enrolled && !off ? 1 : 0)};
}

void add_variable(EventList& list, const std::vector<ovmf::StoredVariable>& variables, const Guid& vendor,
                  const std::string& name) {
    const auto* found = ovmf::find_variable(variables, vendor, name);
    const auto data = found == nullptr ? ByteSpan{} : found->data;
    list.add_data(Register::kRtmr0, EventType::kEfiVariableDriverConfig, "variable_" + name,
                  "variable " + name + ": " + std::to_string(data.size()) + " bytes",
                  variable_data(vendor, name, data));
}

Status add_secure_boot(EventList& list, Assumptions& assumptions, const Platform& platform) {
    std::vector<ovmf::StoredVariable> variables;
    if (const auto volume = configuration(platform); !volume.empty()) {
        HALLMARK_TRY(variables, ovmf::parse_variable_store(volume, platform.what + ": configuration volume"));
    }
    const auto value = secure_boot_value(variables, platform.traits.secure_boot);
    const std::string state = value.empty() ? "absent: built without it" : value[0] == 0 ? "off" : "on";
    assumptions.push_back("Secure Boot is " + state + ", and its variables are those of the configuration volume");
    list.add_data(Register::kRtmr0, EventType::kEfiVariableDriverConfig, "variable_SecureBoot",
                  "variable SecureBoot: " + state, variable_data(kGlobalVariables, "SecureBoot", value));
    add_variable(list, variables, kGlobalVariables, "PK");
    add_variable(list, variables, kGlobalVariables, "KEK");
    add_variable(list, variables, kSecurityDatabases, "db");
    add_variable(list, variables, kSecurityDatabases, "dbx");
    if (ovmf::find_variable(variables, kSecurityDatabases, "dbt") != nullptr)
        add_variable(list, variables, kSecurityDatabases, "dbt");
    return {};
}

/// "etc/acpi/tables" as "acpi_tables"
std::string acpi_name(const std::string& file) {
    auto name = file.substr(file.rfind('/') + 1);
    std::ranges::replace(name, '-', '_');
    return "acpi_" + name;
}

void add_acpi(EventList& list, const std::vector<AcpiBlob>& blobs) {
    constexpr auto kType = EventType::kPlatformConfigFlags;
    for (const auto& blob : blobs) {
        const auto text = "fw_cfg file " + blob.name;
        if (blob.digest)
            list.add(Register::kRtmr0, kType, acpi_name(blob.name), text, *blob.digest);
        else
            list.add_unknown(Register::kRtmr0, kType, acpi_name(blob.name), text, blob.reason);
    }
    if (!blobs.empty()) return;
    for (const auto* file : {"etc/table-loader", "etc/acpi/rsdp", "etc/acpi/tables"})
        list.add_unknown(Register::kRtmr0, kType, acpi_name(file), std::string("fw_cfg file ") + file,
                         "follows from QEMU's version, vCPUs and devices; give --acpi or --acpi-from-qemu");
}

}  // namespace

Status add_platform_events(EventList& list, Assumptions& assumptions, const Platform& platform, bool from_kernel) {
    HALLMARK_CHECK(add_hand_off(list, platform));
    list.add_data(Register::kRtmr0, EventType::kEfiPlatformFirmwareBlob2, "cfv", "configuration volume of the firmware",
                  configuration(platform));
    if (platform.traits.tdx_only && platform.layout.since_202505) add_fw_cfg(list, assumptions, from_kernel);
    HALLMARK_CHECK(add_secure_boot(list, assumptions, platform));
    list.add_data(Register::kRtmr0, EventType::kSeparator, "separator", "separator behind Secure Boot's variables",
                  kSeparator);
    add_acpi(list, platform.acpi);
    return {};
}

void add_smbios_event(EventList& list, const Layout& layout) {
    if (!layout.since_202505) return;
    list.add_unknown(Register::kRtmr0, EventType::kEfiHandoffTables, "smbios", "SMBIOS tables, without serial numbers",
                     "follows from QEMU's machine version, memory and -smbios, and from the firmware's build");
}

void add_own_boot_options(EventList& list, Assumptions& assumptions, const Layout& layout) {
    constexpr auto kType = EventType::kEfiVariableBoot;
    const auto options = own_boot_options(layout);
    list.add_data(Register::kRtmr0, kType, "boot_order", "variable BootOrder",
                  boot_order(static_cast<std::uint16_t>(options.size())));
    for (std::size_t i = 0; i < options.size(); ++i) {
        const auto name = boot_option_name(i);
        list.add_data(Register::kRtmr0, kType, "boot_option_" + name.substr(4),
                      "variable " + name + ": " + std::string(options[i].description), load_option(options[i]));
    }
    if (layout.since_202505)
        assumptions.emplace_back("QEMU was not given -fw_cfg opt/org.tianocore/FirmwareSetupSupport=no");
}

void add_given_boot_options(EventList& list, const std::vector<GivenVariable>& options) {
    constexpr auto kType = EventType::kEfiVariableBoot;
    for (const auto& option : options) {
        const auto name =
            option.name == "BootOrder" ? std::string("boot_order") : "boot_option_" + option.name.substr(4);
        list.add_data(Register::kRtmr0, kType, name, "variable " + option.name + ", given", option.data);
    }
    if (options.empty())
        list.add_unknown(Register::kRtmr0, kType, "boot_order", "variables BootOrder and Boot####",
                         "follow from the machine's disks and their PCI addresses; give --boot-variables");
}

void add_ready_to_boot(EventList& list, const Layout& layout) {
    list.add_data(layout.separator_in_rtmr1 ? Register::kRtmr1 : Register::kRtmr0, EventType::kSeparator,
                  "ready_to_boot_separator", "separator at ready-to-boot", kSeparator);
}

}  // namespace hallmark::tdx
