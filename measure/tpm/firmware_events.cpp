// SPDX-License-Identifier: Apache-2.0
#include "measure/tpm/firmware_events.hpp"

#include <array>
#include <string_view>

#include "common/guid.hpp"
#include "measure/tdx/variables.hpp"

namespace hallmark::tpm {
namespace {

constexpr std::string_view kCalling = "Calling EFI Application from Boot Option";
constexpr std::string_view kExitInvocation = "Exit Boot Services Invocation";
constexpr std::string_view kExitSuccess = "Exit Boot Services Returned with Success";
constexpr std::array<std::uint8_t, 4> kSeparator{};

/// The firmware volume that has the drivers and applications, and the two applications in it.
constexpr Guid kDxeVolume = guid("7cb8bdc9-f8eb-4f34-aaea-3ee4af6516a1");
constexpr Guid kBootManagerMenuApp = guid("eec25bdc-67f2-4d95-b1d5-f81b2039d11d");
constexpr Guid kUiApp = guid("462caa21-7614-4503-836e-8ab6f4662331");

/// LOAD_OPTION_ACTIVE, LOAD_OPTION_HIDDEN and LOAD_OPTION_CATEGORY_APP.
constexpr std::uint32_t kActiveApplication = 0x101;
constexpr std::uint32_t kHiddenActiveApplication = 0x109;

Event secure_boot_variable(const Guid& vendor, std::string_view name, ByteSpan value) {
    return event_over(7, EventType::kEfiVariableDriverConfig, "variable " + std::string(name),
                      value.empty() ? "UEFI_VARIABLE_DATA with no data" : "UEFI_VARIABLE_DATA",
                      tdx::variable_data(vendor, name, value));
}

Event boot_variable(const std::string& name, ByteSpan value) {
    return event_over(1, EventType::kEfiVariableBoot, "variable " + name, "its data", value);
}

/// A load option that starts an application of the firmware itself.
Bytes firmware_option(std::uint32_t attributes, std::string_view description, const Guid& file) {
    return tdx::load_option({attributes, description, kDxeVolume, file});
}

Event action(std::uint32_t pcr, std::string_view text) {
    return event_over(pcr, EventType::kEfiAction, std::string(text), "this text", as_bytes(text));
}

Event separator(std::uint32_t pcr) {
    return event_over(pcr, EventType::kSeparator, "separator", "four zero bytes", kSeparator);
}

}  // namespace

std::vector<Event> secure_boot_events(SecureBoot state) {
    constexpr std::array<std::uint8_t, 1> kOff = {0};
    const ByteSpan value = state == SecureBoot::kOff ? ByteSpan(kOff) : ByteSpan();
    return {secure_boot_variable(tdx::kGlobalVariables, "SecureBoot", value),
            secure_boot_variable(tdx::kGlobalVariables, "PK", {}),
            secure_boot_variable(tdx::kGlobalVariables, "KEK", {}),
            secure_boot_variable(tdx::kSecurityDatabases, "db", {}),
            secure_boot_variable(tdx::kSecurityDatabases, "dbx", {}),
            separator(7)};
}

std::vector<Event> boot_variable_events(const tdx::Layout& layout) {
    if (!layout.since_202505)
        return {boot_variable("BootOrder", tdx::boot_order(1)),
                boot_variable("Boot0000", firmware_option(kHiddenActiveApplication, "UiApp", kUiApp))};
    return {
        boot_variable("BootOrder", tdx::boot_order(2)),
        boot_variable("Boot0000", firmware_option(kHiddenActiveApplication, "BootManagerMenuApp", kBootManagerMenuApp)),
        boot_variable("Boot0001", firmware_option(kActiveApplication, "EFI Firmware Setup", kUiApp))};
}

Event calling_application() { return action(4, kCalling); }

std::vector<Event> separators() {
    std::vector<Event> events;
    for (std::uint32_t pcr = 0; pcr < 7; ++pcr) events.push_back(separator(pcr));
    return events;
}

std::vector<Event> exit_boot_services() { return {action(5, kExitInvocation), action(5, kExitSuccess)}; }

}  // namespace hallmark::tpm
