// SPDX-License-Identifier: Apache-2.0
#include "measure/tpm/firmware_events.hpp"

#include <array>
#include <string_view>

#include "common/guid.hpp"
#include "measure/tdx/own_boot_options.hpp"
#include "measure/tdx/variables.hpp"

namespace hallmark::tpm {
namespace {

constexpr std::string_view kCalling = "Calling EFI Application from Boot Option";
constexpr std::string_view kExitInvocation = "Exit Boot Services Invocation";
constexpr std::string_view kExitSuccess = "Exit Boot Services Returned with Success";
constexpr std::array<std::uint8_t, 4> kSeparator{};

Event secure_boot_variable(const Guid& vendor, std::string_view name, ByteSpan value) {
    return event_over(7, EventType::kEfiVariableDriverConfig, "variable " + std::string(name),
                      value.empty() ? "UEFI_VARIABLE_DATA with no data" : "UEFI_VARIABLE_DATA",
                      tdx::variable_data(vendor, name, value));
}

Event boot_variable(const std::string& name, ByteSpan value) {
    return event_over(1, EventType::kEfiVariableBoot, "variable " + name, "its data", value);
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
    const auto options = tdx::own_boot_options(layout);
    std::vector<Event> events = {
        boot_variable("BootOrder", tdx::boot_order(static_cast<std::uint16_t>(options.size())))};
    for (std::size_t i = 0; i < options.size(); ++i)
        events.push_back(boot_variable(tdx::boot_option_name(i), tdx::load_option(options[i])));
    return events;
}

Event calling_application() { return action(4, kCalling); }

std::vector<Event> separators() {
    std::vector<Event> events;
    for (std::uint32_t pcr = 0; pcr < 7; ++pcr) events.push_back(separator(pcr));
    return events;
}

std::vector<Event> exit_boot_services() { return {action(5, kExitInvocation), action(5, kExitSuccess)}; }

}  // namespace hallmark::tpm
