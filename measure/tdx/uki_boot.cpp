// SPDX-License-Identifier: Apache-2.0
#include "measure/tdx/uki_boot.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

#include "measure/pe/pe_file.hpp"
#include "measure/tdx/direct_boot.hpp"
#include "measure/tdx/layout.hpp"
#include "measure/tpm/predict.hpp"
#include "measure/uki/uki.hpp"

namespace hallmark::tdx {
namespace {

using event_log::EventType;

constexpr unsigned kStartsKernelItself = 258;  // commit cab9c7b5a42e, "stub: call inner kernel directly"
constexpr std::string_view kInnerKernel = "kernel";

/// "systemd-stub 257.13-1" as 257; nothing for another stub.
std::optional<unsigned> systemd_version(const std::optional<std::string>& stub) {
    constexpr std::string_view kName = "systemd-stub ";
    if (!stub || !stub->starts_with(kName)) return std::nullopt;
    unsigned version = 0;
    const auto* begin = stub->data() + kName.size();
    const auto [end, error] = std::from_chars(begin, stub->data() + stub->size(), version);
    return error == std::errc{} && end != begin ? std::optional(version) : std::nullopt;
}

/// The register of a PCR that the image's events are in; nothing for those that the firmware's own are in.
std::optional<Register> register_of(const tpm::Event& event) {
    if (event.pcr == 4 && event.type == EventType::kEfiBootServicesApplication) return Register::kRtmr1;
    if (event.pcr >= 8 && event.pcr <= 15) return Register::kRtmr2;
    return std::nullopt;
}

std::string short_name(std::string name) {
    if (name == "LOADED_IMAGE::LoadOptions") return "load_options";
    std::ranges::replace(name, ' ', '_');
    return name;
}

struct Stubs {
    KernelStub kernel;
    bool firmware_loads_kernel = true;
};

/// What the image shows of both stubs: its own, and that of the kernel in it.
Result<Stubs> read_stubs(const UkiBoot& boot, Assumptions& assumptions) {
    HALLMARK_TRY(const pe::PeFile file, pe::parse_pe(boot.image, boot.name));
    HALLMARK_TRY(const auto sections, uki::measured_sections(file, 0, boot.name));
    Stubs stubs;
    stubs.kernel = read_kernel_stub(uki::find(sections, ".linux")->content);
    const auto name = uki::stub_version(file);
    const auto version = systemd_version(name);
    stubs.firmware_loads_kernel = !version || *version < kStartsKernelItself;
    const auto stub = name.value_or("a stub that doesn't say what it is");
    assumptions.push_back(stub + (stubs.firmware_loads_kernel ? " has the firmware load the kernel, which measures it"
                                                              : " starts the kernel itself, which nothing measures"));
    for (const auto& section : uki::machine_dependent_sections(file))
        assumptions.push_back("no section " + section + " is for this machine");
    return stubs;
}

void add_kernel_words(EventList& list, Assumptions& assumptions, const KernelStub& kernel) {
    if (!kernel.measures) {
        assumptions.push_back(kernel.name +
                              " measures nothing into RTMR2: its EFI stub doesn't know the CC measurement " +
                              "protocol (since Linux 6.9)");
        return;
    }
    assumptions.push_back(kernel.name + " measures what it is started with into RTMR2, as its EFI stub shows");
    if (kernel.takes_initrd)
        list.add_unknown(Register::kRtmr2, EventType::kEventTag, "initrd", "Linux initrd",
                         "the stub adds archives to it that it makes itself");
}

}  // namespace

Status add_uki_events(EventList& list, Assumptions& assumptions, const UkiBoot& boot) {
    HALLMARK_TRY(const Stubs stubs, read_stubs(boot, assumptions));
    tpm::UkiBoot same;
    same.image = {boot.name, boot.image};
    same.firmware.layout = layouts().back();  // changes the firmware's own events only, which are left out
    HALLMARK_TRY(const tpm::Prediction prediction, tpm::predict_uki(same));
    for (const auto& event : prediction.events) {
        const auto where = register_of(event);
        if (!where || (event.pcr == 9 && !stubs.kernel.measures)) continue;
        if (event.name == kInnerKernel && !stubs.firmware_loads_kernel) continue;
        list.add(*where, event.type, short_name(event.name), event.name + ": " + event.covers, event.digests.sha384);
    }
    add_kernel_words(list, assumptions, stubs.kernel);
    assumptions.emplace_back(
        "the image is booted from a disk without a GPT: with one its table is measured into RTMR1");
    assumptions.emplace_back("the stub is given no addons, load options, credentials or extension images");
    return {};
}

}  // namespace hallmark::tdx
