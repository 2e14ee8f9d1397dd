// SPDX-License-Identifier: Apache-2.0
#include "measure/tdx/prediction.hpp"

#include "common/checked.hpp"
#include "common/file.hpp"
#include "common/hex.hpp"
#include "measure/ovmf/layout.hpp"
#include "measure/pe/pe_file.hpp"
#include "measure/tdx/boot_variables.hpp"
#include "measure/tdx/mrtd.hpp"
#include "measure/tdx/runtime_events.hpp"
#include "measure/tdx/uki_boot.hpp"

namespace hallmark::tdx {
namespace {

constexpr std::size_t kLargestList = std::size_t{1} << 20;

Result<Bytes> read_named(const std::string& option, const std::string& path, std::size_t limit) {
    if (path.empty()) return bad_input(option + ": empty, expected the name of a file");
    HALLMARK_TRY(Bytes bytes, read_file(path, limit));
    if (bytes.empty()) return bad_input(path + ": empty, expected the file that is booted");
    return bytes;
}

/// The release whose events are predicted: named, or recognised.
Result<Layout> choose_layout(const Request& request, const FirmwareImage& firmware, Assumptions& assumptions) {
    const auto& traits = firmware.traits;
    if (traits.readable && !traits.measures_td)
        return bad_input(firmware.name +
                         ": no code that measures into RTMRs (built without CC_MEASUREMENT_ENABLE); they stay zero");
    const auto recognised = recognised_layout(traits, firmware.name);
    if (!request.edk2) {
        HALLMARK_TRY(const ChosenLayout chosen, recognised);
        assumptions.push_back("firmware: " + chosen.reason);
        if (!chosen.layout.measures_by_default)
            assumptions.emplace_back("firmware: built with CC_MEASUREMENT_ENABLE, which its release doesn't by itself");
        return chosen.layout;
    }
    HALLMARK_TRY(const ChosenLayout named, named_layout(*request.edk2));
    auto reason = "firmware: " + named.reason;
    if (recognised && recognised->layout.release != named.layout.release)
        reason += "; its content looks like " + recognised->reason;
    assumptions.push_back(std::move(reason));
    return named.layout;
}

Status check_request(const Request& request) {
    if (request.acpi && request.qemu_machine) return bad_input("--acpi and --acpi-from-qemu; give one of them");
    if (request.qemu_machine && !request.kernel && !request.uki)
        return bad_input("--acpi-from-qemu without --kernel or --uki; give one too");
    if (request.kernel && request.uki) return bad_input("--kernel and --uki; give one of them");
    if (request.boot_variables && !request.uki) return bad_input("--boot-variables without --uki; give the image too");
    if (request.kernel) return {};
    if (request.initrd) return bad_input("--initrd without --kernel; give the kernel too");
    if (request.command_line) return bad_input("--append without --kernel; give the kernel too");
    if (!request.uki && !request.known.empty()) return bad_input("--known without --kernel or --uki; give one too");
    if (!request.uki && request.runtime_events)
        return bad_input("--runtime-events without --kernel or --uki; give one too");
    return {};
}

Status read_kernel(BootFiles& files, const Request& request) {
    HALLMARK_TRY(Bytes kernel, read_named("--kernel", *request.kernel, pe::kLargestImage));
    files.stub = read_kernel_stub(kernel);
    files.kernel = std::make_shared<const KernelFile>(std::move(kernel), *request.kernel);
    if (!request.initrd) return {};
    if (request.initrd->empty()) return bad_input("--initrd: empty, expected the name of a file");
    HALLMARK_TRY(files.initrd, sha384_file(*request.initrd));
    if (files.initrd->size == 0) return bad_input(*request.initrd + ": empty, expected the file that is booted");
    return {};
}

Status read_uki(BootFiles& files, const Request& request) {
    UkiBoot boot;
    boot.name = *request.uki;
    HALLMARK_TRY(boot.image, read_named("--uki", *request.uki, pe::kLargestImage));
    if (request.boot_variables) {
        HALLMARK_TRY(files.boot_variables, read_boot_variables(*request.boot_variables));
    }
    // They follow from the image alone.
    EventList list;
    HALLMARK_CHECK(add_uki_events(list, files.uki_assumptions, boot));
    files.uki = list.events();
    return {};
}

Status add_direct_boot(EventList& list, Assumptions& assumptions, const Request& request, const Platform& platform,
                       const BootFiles& files) {
    DirectBoot boot;
    boot.kernel = files.kernel;
    boot.qemu = request.qemu;
    boot.command_line = request.command_line.value_or("");
    if (request.initrd) boot.initrd = files.initrd;
    if (list.takes(Register::kRtmr0)) HALLMARK_CHECK(add_platform_events(list, assumptions, platform, true));
    if (list.takes(Register::kRtmr1)) HALLMARK_CHECK(add_kernel_image(list, assumptions, boot, platform));
    add_smbios_event(list, platform.layout);
    add_own_boot_options(list, assumptions, platform.layout);
    add_calling(list);
    add_ready_to_boot(list, platform.layout);
    add_stub_events(list, assumptions, boot, files.stub, platform.layout);
    add_exit_boot_services(list, assumptions);
    return {};
}

Status add_uki_boot(EventList& list, Assumptions& assumptions, const Platform& platform, const BootFiles& files) {
    if (list.takes(Register::kRtmr0)) HALLMARK_CHECK(add_platform_events(list, assumptions, platform, false));
    add_smbios_event(list, platform.layout);
    add_given_boot_options(list, files.boot_variables);
    add_calling(list);
    add_ready_to_boot(list, platform.layout);
    for (const auto& event : files.uki) list.add_event(event);
    assumptions.insert(assumptions.end(), files.uki_assumptions.begin(), files.uki_assumptions.end());
    add_exit_boot_services(list, assumptions);
    return {};
}

Status add_runtime(EventList& list, Assumptions& assumptions, const Request& request, const BootFiles& files) {
    if (!request.runtime_events) {
        assumptions.emplace_back("RTMR3 is as at boot, before the guest extends it");
        return {};
    }
    assumptions.emplace_back("the guest extends RTMR3 by the events given, and by nothing else");
    return add_runtime_events(list, files.runtime_events, *request.runtime_events);
}

Result<std::vector<AcpiBlob>> acpi_from_machine(const Request& request) {
    auto machine = *request.qemu_machine;
    machine.memory = request.memory;
    return acpi_from_qemu(machine);
}

void assume_acpi(Assumptions& assumptions, const Request& request) {
    if (request.acpi)
        assumptions.emplace_back("the ACPI tables are those that QEMU has once the firmware asks for them");
    if (!request.qemu_machine) return;
    const auto& machine = *request.qemu_machine;
    assumptions.push_back("the ACPI tables are those of " + machine.program +
                          " with the arguments given, once firmware has set up the chipset as OVMF does");
    if (machine.pci_window)
        assumptions.push_back("the firmware places 64-bit BARs from " + hex_number(*machine.pci_window) +
                              " on, and all of them fit into the window that QEMU opens there");
}

}  // namespace

Result<FirmwareImage> read_firmware_image(const std::string& path) {
    FirmwareImage firmware;
    firmware.name = path;
    HALLMARK_TRY(firmware.image, read_named("--ovmf", path, ovmf::kLargestFirmware));
    HALLMARK_TRY(firmware.sections, ovmf::parse_tdx_metadata(firmware.image, path));
    return firmware;
}

Result<BootFiles> read_boot_files(const Request& request) {
    HALLMARK_CHECK(check_request(request));
    BootFiles files;
    if (request.kernel) HALLMARK_CHECK(read_kernel(files, request));
    if (request.uki) HALLMARK_CHECK(read_uki(files, request));
    if (request.acpi) {
        HALLMARK_TRY(files.acpi, read_acpi(*request.acpi));
    }
    if (request.qemu_machine) {
        HALLMARK_TRY(files.acpi, acpi_from_machine(request));
    }
    if (request.runtime_events) {
        HALLMARK_TRY(const Bytes lines, read_file(*request.runtime_events, kLargestList));
        files.runtime_events.assign(lines.begin(), lines.end());
    }
    return files;
}

Result<std::vector<Event>> predict_events(const Request& request, const FirmwareImage& firmware, const BootFiles& files,
                                          Assumptions& assumptions, std::optional<Register> only) {
    Platform platform;
    platform.image = firmware.image;
    platform.what = firmware.name;
    platform.sections = firmware.sections;
    platform.traits = firmware.traits;
    HALLMARK_TRY(platform.layout, choose_layout(request, firmware, assumptions));
    platform.memory = request.memory;
    platform.acpi = files.acpi;
    assume_acpi(assumptions, request);
    EventList list = only ? EventList(request.known, *only) : EventList(request.known);
    if (request.kernel)
        HALLMARK_CHECK(add_direct_boot(list, assumptions, request, platform, files));
    else
        HALLMARK_CHECK(add_uki_boot(list, assumptions, platform, files));
    HALLMARK_CHECK(add_runtime(list, assumptions, request, files));
    if (!only) HALLMARK_CHECK(list.all_known_used());
    return list.events();
}

Result<Prediction> predict(const Request& request, Trace* trace) {
    HALLMARK_CHECK(check_request(request));
    HALLMARK_TRY(FirmwareImage firmware, read_firmware_image(request.firmware));
    Prediction prediction;
    prediction.firmware = sha256(firmware.image);
    prediction.single_pass = mrtd(firmware.image, firmware.sections, PageOrder::kSinglePass, trace);
    prediction.two_pass = mrtd(firmware.image, firmware.sections, PageOrder::kTwoPass);
    if (!request.kernel && !request.uki) return prediction;
    firmware.traits = ovmf::firmware_traits(firmware.image);
    HALLMARK_TRY(const BootFiles files, read_boot_files(request));
    HALLMARK_TRY(prediction.events, predict_events(request, firmware, files, prediction.assumptions));
    for (std::size_t i = 0; i < kRegisters; ++i)
        prediction.registers.at(i) = replay(prediction.events, static_cast<Register>(i), trace);
    return prediction;
}

Result<std::uint64_t> parse_memory(std::string_view text) {
    constexpr std::string_view kUnits = "KMGT";
    auto digits = text;
    std::uint64_t unit = 1ULL << 20;
    if (!text.empty()) {
        const auto last = text.back() >= 'a' && text.back() <= 'z' ? text.back() - 'a' + 'A' : text.back();
        if (const auto at = kUnits.find(static_cast<char>(last)); at != std::string_view::npos) {
            unit = 1ULL << (10 * (at + 1));
            digits.remove_suffix(1);
        }
    }
    const auto number = parse_number(digits);
    if (!number) return bad_input("memory '" + std::string(text) + "', expected a size such as 2048, 2048M or 2G");
    const auto size = checked_multiply(*number, unit);
    if (!size || *size == 0)
        return bad_input("memory '" + std::string(text) + "', expected more than 0 and less than 16 EiB");
    return *size;
}

}  // namespace hallmark::tdx
