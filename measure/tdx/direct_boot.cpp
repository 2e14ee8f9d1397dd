// SPDX-License-Identifier: Apache-2.0
#include "measure/tdx/direct_boot.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "common/guid.hpp"
#include "measure/tdx/setup_header.hpp"
#include "measure/tdx/variables.hpp"
#include "measure/tpm/efi_stub.hpp"

namespace hallmark::tdx {
namespace {

using event_log::EventType;

constexpr std::size_t kHead = 4096;

void add_action(EventList& list, std::string name, std::string_view words) {
    list.add_data(Register::kRtmr1, EventType::kEfiAction, std::move(name), std::string(words), as_bytes(words));
}

/// Whether QEMU changes the kernel that this firmware loads; an error where that isn't known.
Result<bool> is_patched(const DirectBoot& boot, const Layout& layout, Assumptions& assumptions) {
    if (boot.qemu) {
        const bool unpatched = (layout.named_blobs && boot.qemu->named_blobs()) || !boot.qemu->patches_kernel();
        assumptions.push_back(
            "QEMU " + boot.qemu->text() +
            (unpatched ? " hands the kernel over as it is in its file" : " writes into the kernel's setup header"));
        return !unpatched;
    }
    if (!layout.named_blobs)
        return bad_input("with edk2 " + std::string(layout.release) +
                         " the kernel's digest follows from QEMU's release (before 10.2 it writes into the setup "
                         "header); give --qemu");
    assumptions.emplace_back("QEMU is 10.0 or newer, which this firmware takes the kernel from as it is in its file");
    return false;
}

/// EFI_CC_MEASUREMENT_PROTOCOL_GUID. Compilers put it into code as two numbers of eight bytes.
constexpr Guid kCcMeasurement = guid("96751a3d-72f4-41a6-a794-ed5d0e67ae6b");

bool contains(ByteSpan bytes, ByteSpan part) { return !std::ranges::search(bytes, part).empty(); }

}  // namespace

Bytes load_options(const DirectBoot& boot, const Layout& layout) {
    std::string text = boot.command_line;
    if (boot.initrd) text = layout.initrd_first ? "initrd=initrd " + text : text + " initrd=initrd";
    if (text.empty()) return {};
    auto bytes = utf16(text);
    append(bytes, Bytes(2));
    return bytes;
}

Status add_kernel_image(EventList& list, Assumptions& assumptions, const DirectBoot& boot, const Platform& platform) {
    HALLMARK_TRY(const bool patched, is_patched(boot, platform.layout, assumptions));
    const auto& file = *boot.kernel;
    // The header that is changed lies in the first sectors.
    Bytes head(file.bytes().begin(),
               file.bytes().begin() + static_cast<std::ptrdiff_t>(std::min(file.bytes().size(), kHead)));
    if (patched) {
        const auto size = boot.initrd ? std::optional(boot.initrd->size) : std::nullopt;
        HALLMARK_CHECK(patch_setup_header(head, {boot.command_line, size, platform.memory}, file.name()));
    }
    HALLMARK_TRY(const Sha384 digest, file.authenticode(head));
    list.add(Register::kRtmr1, EventType::kEfiBootServicesApplication, "kernel",
             patched ? "kernel, Authenticode digest, with the setup header as QEMU changes it"
                     : "kernel, Authenticode digest",
             digest);
    return {};
}

KernelStub read_kernel_stub(ByteSpan kernel) {
    const auto texts = tpm::read_efi_stub(kernel);
    const ByteSpan protocol = kCcMeasurement.bytes;
    const bool has_protocol = contains(kernel, protocol.first(8)) && contains(kernel, protocol.last(8));
    const auto version = kernel_version(kernel);
    return {.name = version ? "Linux " + *version : "the kernel",
            .measures = texts.measures_command_line && has_protocol,
            .takes_initrd = texts.takes_initrd};
}

void add_stub_events(EventList& list, Assumptions& assumptions, const DirectBoot& boot, const KernelStub& stub,
                     const Layout& layout) {
    if (!stub.measures) {
        assumptions.push_back(stub.name +
                              " measures nothing into RTMR2: its EFI stub doesn't know the CC measurement " +
                              "protocol (since Linux 6.9)");
        return;
    }
    assumptions.push_back(stub.name + " measures what it is started with into RTMR2, as its EFI stub shows");
    if (const auto options = load_options(boot, layout); !options.empty())
        list.add_data(Register::kRtmr2, EventType::kEventTag, "load_options",
                      "LOADED_IMAGE::LoadOptions: command line in UTF-16", options);
    if (!boot.initrd) return;
    if (stub.takes_initrd)
        list.add(Register::kRtmr2, EventType::kEventTag, "initrd", "Linux initrd: the file", boot.initrd->digest);
    else
        assumptions.push_back(stub.name + " is built without support for an initrd, and so doesn't measure it");
}

void add_calling(EventList& list) {
    add_action(list, "calling_application", "Calling EFI Application from Boot Option");
}

void add_exit_boot_services(EventList& list, Assumptions& assumptions) {
    add_action(list, "exit_boot_services_invocation", "Exit Boot Services Invocation");
    add_action(list, "exit_boot_services_success", "Exit Boot Services Returned with Success");
    assumptions.emplace_back("nothing was started before this, and the kernel left boot services at its first attempt");
}

}  // namespace hallmark::tdx
