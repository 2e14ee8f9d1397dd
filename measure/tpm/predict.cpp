// SPDX-License-Identifier: Apache-2.0
#include "measure/tpm/predict.hpp"

#include <algorithm>
#include <utility>

#include "common/text.hpp"
#include "measure/pe/authenticode.hpp"
#include "measure/pe/pe_file.hpp"
#include "measure/tpm/utf16.hpp"
#include "measure/uki/uki.hpp"

namespace hallmark::tpm {
namespace {

void add(std::vector<Event>& to, std::vector<Event> events) {
    for (auto& event : events) to.push_back(std::move(event));
}

Result<Event> loaded_image(std::string name, const NamedFile& file) {
    HALLMARK_TRY(const pe::PeFile image, pe::parse_pe(file.bytes, file.name));
    Event event{.pcr = 4,
                .type = EventType::kEfiBootServicesApplication,
                .name = std::move(name),
                .covers = "Authenticode of " + file.name};
    HALLMARK_TRY(event.digests.sha256, pe::authenticode<Sha256>(file.bytes, image, file.name));
    HALLMARK_TRY(event.digests.sha384, pe::authenticode<Sha384>(file.bytes, image, file.name));
    return event;
}

/// What the kernel's own stub measures of its command line; nothing where there is none.
Status add_load_options(Prediction& prediction, const EfiStub& stub, const std::string& line) {
    if (!stub.measures_command_line)
        prediction.assumptions.emplace_back(
            "PCR 9: the kernel's EFI stub measures nothing, since it lacks the text \"LOADED_IMAGE::LoadOptions\"");
    if (!stub.measures_command_line || line.empty()) return {};
    HALLMARK_TRY(const Bytes bytes, utf16_command_line(line, "command line"));
    prediction.events.push_back(
        event_over(9, EventType::kEventTag, "LOADED_IMAGE::LoadOptions", "UTF-16 with a final NUL: " + line, bytes));
    return {};
}

void say_of_firmware(Prediction& prediction, const FirmwareState& firmware) {
    prediction.assumptions.emplace_back(
        firmware.secure_boot == SecureBoot::kAbsent
            ? "PCR 7: firmware built without Secure Boot, and no variable stored"
            : "PCR 7: firmware built with Secure Boot, which is off, and no key stored");
    prediction.assumptions.emplace_back("firmware: " + firmware.reason);
    prediction.assumptions.emplace_back("PCR 2: no device brings an option ROM");
    prediction.not_predicted.emplace_back(
        "PCR 0: the firmware's version and its two volumes, which are measured as they are once unpacked");
    prediction.not_predicted.emplace_back("PCR 1: ACPI tables and SMBIOS, which QEMU makes for its devices");
}

std::string initrd_argument(const KernelBoot& boot) {
    if (!boot.initrd) return boot.command_line;
    return boot.firmware.layout.initrd_first ? "initrd=initrd " + boot.command_line
                                             : boot.command_line + " initrd=initrd";
}

void add_initrd(Prediction& prediction, const EfiStub& stub, const Digests& initrd) {
    if (!stub.takes_initrd) {
        prediction.assumptions.emplace_back(
            "PCR 9: the kernel takes no initrd, since it lacks the text that it would say of it");
        return;
    }
    prediction.events.push_back({9, EventType::kEventTag, "Linux initrd", "the initrd", initrd});
}

/// The command line that the kernel gets from the stub, and what is added to it and measured into PCR 12.
struct StubLine {
    std::string text;
    std::vector<Event> additions;
};

Status append_addition(StubLine& line, std::string_view addition, const std::string& from) {
    const auto text = uki::handed_over_command_line(addition);
    if (text.empty()) return {};
    HALLMARK_TRY(const Bytes bytes, utf16_command_line(text, from));
    line.additions.push_back(
        event_over(12, EventType::kIpl, "command line of " + from, "UTF-16 with a final NUL: " + text, bytes));
    line.text += (line.text.empty() ? "" : " ") + text;
    return {};
}

Result<StubLine> stub_line(const UkiBoot& boot, const std::vector<uki::MeasuredSection>& sections) {
    StubLine line;
    if (const auto* section = uki::find(sections, ".cmdline"))
        line.text = uki::handed_over_command_line(text_of(section->content));
    for (const auto& addon : boot.addons) {
        HALLMARK_TRY(const pe::PeFile file, pe::parse_pe(addon.bytes, addon.name));
        const auto* section = file.find(".cmdline");
        if (section == nullptr) continue;
        HALLMARK_CHECK(append_addition(
            line, text_of(section->raw.first(std::min<std::size_t>(section->virtual_size, section->raw.size()))),
            addon.name));
    }
    if (boot.smbios_extra) HALLMARK_CHECK(append_addition(line, *boot.smbios_extra, "SMBIOS"));
    return line;
}

void add_sections(std::vector<Event>& events, const std::vector<uki::MeasuredSection>& sections) {
    for (const auto& [name, content] : sections) {
        const std::string with_nul = name + '\0';
        events.push_back(
            event_over(11, EventType::kIpl, "name of section " + name, "its name with a NUL", as_bytes(with_nul)));
        events.push_back(event_over(11, EventType::kIpl, "section " + name,
                                    std::to_string(content.size()) + " bytes of it", content));
    }
}

void add_phases(std::vector<Event>& events, const std::vector<std::string>& phases) {
    for (const auto& phase : phases)
        events.push_back(
            event_over(11, EventType::kIpl, "phase " + phase, "this word, by systemd in the guest", as_bytes(phase)));
}

void say_of_uki(Prediction& prediction, const pe::PeFile& file, const EfiStub& kernel) {
    prediction.assumptions.emplace_back(
        "PCR 4: the stub has the firmware load the kernel, as systemd-stub 257 does; this image has " +
        uki::stub_version(file).value_or("a stub that doesn't say what it is"));
    prediction.assumptions.emplace_back("PCR 5: the disk has no GPT; with one its table is measured too");
    prediction.assumptions.emplace_back(
        "PCR 12, 13: no load options, credentials or extension images beside what was named");
    for (const auto& section : uki::machine_dependent_sections(file))
        prediction.assumptions.emplace_back("PCR 11: no section " + section + " is for this machine");
    prediction.not_predicted.emplace_back("PCR 1: the boot variables, which name the disk by its place in the machine");
    if (kernel.takes_initrd)
        prediction.not_predicted.emplace_back(
            "PCR 9: \"Linux initrd\", to which the stub adds archives that it makes itself");
}

}  // namespace

const std::vector<std::string>& default_phases() {
    static const std::vector<std::string> kPhases = {"enter-initrd", "leave-initrd", "sysinit", "ready"};
    return kPhases;
}

Result<LoadedKernel> load_kernel(const NamedFile& kernel) {
    HALLMARK_TRY(Event event, loaded_image("kernel", kernel));
    return LoadedKernel{std::move(event), read_efi_stub(kernel.bytes)};
}

Result<Prediction> predict_kernel(const KernelBoot& boot) {
    HALLMARK_TRY(const LoadedKernel kernel, load_kernel(boot.kernel));
    return predict_kernel(boot, kernel);
}

Result<Prediction> predict_kernel(const KernelBoot& boot, const LoadedKernel& kernel) {
    Prediction prediction;
    auto& events = prediction.events;
    const EfiStub& stub = kernel.stub;
    add(events, secure_boot_events(boot.firmware.secure_boot));
    events.push_back(kernel.event);
    add(events, boot_variable_events(boot.firmware.layout));
    events.push_back(calling_application());
    add(events, separators());
    say_of_firmware(prediction, boot.firmware);
    HALLMARK_CHECK(add_load_options(prediction, stub, initrd_argument(boot)));
    if (boot.initrd) add_initrd(prediction, stub, *boot.initrd);
    add(events, exit_boot_services());
    prediction.complete = {2, 3, 4, 5, 6, 7, 9, 11, 12, 13};
    return prediction;
}

Result<Prediction> predict_uki(const UkiBoot& boot) {
    const auto& name = boot.image.name;
    HALLMARK_TRY(const pe::PeFile file, pe::parse_pe(boot.image.bytes, name));
    HALLMARK_TRY(const auto sections, uki::measured_sections(file, boot.profile, name));
    const NamedFile kernel{"section .linux of " + name, uki::find(sections, ".linux")->content};
    const EfiStub stub = read_efi_stub(kernel.bytes);
    Prediction prediction;
    auto& events = prediction.events;
    add(events, secure_boot_events(boot.firmware.secure_boot));
    events.push_back(calling_application());
    add(events, separators());
    HALLMARK_TRY(Event image, loaded_image("unified kernel image", boot.image));
    events.push_back(std::move(image));
    add_sections(events, sections);
    for (const auto& addon : boot.addons) {
        HALLMARK_TRY(Event loaded, loaded_image("addon", addon));
        events.push_back(std::move(loaded));
    }
    HALLMARK_TRY(StubLine line, stub_line(boot, sections));
    add(events, std::move(line.additions));
    HALLMARK_TRY(Event loaded_kernel, loaded_image("kernel", kernel));
    events.push_back(std::move(loaded_kernel));
    say_of_firmware(prediction, boot.firmware);
    HALLMARK_CHECK(add_load_options(prediction, stub, line.text));
    add(events, exit_boot_services());
    add_phases(events, boot.phases);
    say_of_uki(prediction, file, stub);
    prediction.complete = {2, 3, 4, 5, 6, 7};
    if (!stub.takes_initrd) prediction.complete.push_back(9);
    prediction.complete.insert(prediction.complete.end(), {11, 12, 13});
    return prediction;
}

}  // namespace hallmark::tpm
