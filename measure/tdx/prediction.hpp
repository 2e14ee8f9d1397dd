// SPDX-License-Identifier: Apache-2.0
// All that a quote of a trust domain will say of one boot, with every assumption that went in.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/result.hpp"
#include "measure/ovmf/tdx_metadata.hpp"
#include "measure/ovmf/traits.hpp"
#include "measure/qemu/stock_qemu.hpp"
#include "measure/tdx/acpi.hpp"
#include "measure/tdx/direct_boot.hpp"
#include "measure/tdx/event.hpp"
#include "measure/tdx/kernel_file.hpp"
#include "measure/tdx/layout.hpp"
#include "measure/tdx/platform.hpp"
#include "measure/trace.hpp"

namespace hallmark::tdx {

/// What is booted and by what. Paths are read; nothing else is taken from the machine that this runs on.
struct Request {
    std::string firmware;
    std::optional<std::string> kernel;
    std::optional<std::string> initrd;
    std::optional<std::string> command_line;
    std::optional<std::string> uki;       ///< a unified kernel image that the firmware starts, instead of a kernel
    std::optional<std::uint64_t> memory;  ///< in bytes
    std::optional<std::string> acpi;      ///< a folder, see read_acpi()
    std::optional<qemu::Machine> qemu_machine;  ///< instead: see acpi_from_qemu(); its memory is that above
    std::optional<std::string> boot_variables;  ///< a folder, see read_boot_variables(); for a UKI
    std::optional<std::string> edk2;            ///< a release, where the image's content is not to decide
    std::optional<QemuRelease> qemu;
    std::optional<std::string> runtime_events;  ///< a file, see add_runtime_events()
    KnownDigests known;
};

/// A firmware that was read.
struct FirmwareImage {
    std::string name;  ///< names it in errors
    Bytes image;
    std::vector<ovmf::TdxSection> sections;
    ovmf::FirmwareTraits traits;
};
Result<FirmwareImage> read_firmware_image(const std::string& path);

/// What else a request names, read once: it serves all requests that differ in other things than files.
struct BootFiles {
    std::shared_ptr<const KernelFile> kernel;  ///< and what its stub does; or
    KernelStub stub;
    std::optional<FileSha384> initrd;
    std::vector<Event> uki;  ///< the events of a unified kernel image
    Assumptions uki_assumptions;
    std::vector<GivenVariable> boot_variables;
    std::vector<AcpiBlob> acpi;
    std::string runtime_events;
};
/// Errors: also those of a request whose parts don't go together.
Result<BootFiles> read_boot_files(const Request& request);

/// The events of a boot in the order of the log, or those of one register. Of the request's files only those are there
/// that it names.
Result<std::vector<Event>> predict_events(const Request& request, const FirmwareImage& firmware, const BootFiles& files,
                                          Assumptions& assumptions, std::optional<Register> only = std::nullopt);

struct Prediction {
    Sha384 single_pass{};  ///< MRTD, by page order
    Sha384 two_pass{};
    std::vector<Event> events;                                ///< in the order of the log; none where nothing is booted
    std::array<std::optional<Sha384>, kRegisters> registers;  ///< nothing where an event isn't predicted
    Assumptions assumptions;
    Sha256 firmware{};  ///< of the image
};

/// With a trace: MRTD in single-pass order, then every event of every register.
Result<Prediction> predict(const Request& request, Trace* trace = nullptr);

/// A size as QEMU's -m takes it: a number of MiB, or with K, M, G or T behind it.
Result<std::uint64_t> parse_memory(std::string_view text);

}  // namespace hallmark::tdx
