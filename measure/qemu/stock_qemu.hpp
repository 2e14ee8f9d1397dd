// SPDX-License-Identifier: Apache-2.0
// A stock QEMU, started only to be asked what it hands to firmware: no guest code runs in it.
// Source: QEMU 10.1, qemu(1); docs/devel/testing/qtest.rst.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/bytes.hpp"
#include "common/descriptor.hpp"
#include "common/process.hpp"
#include "common/result.hpp"
#include "measure/qemu/fw_cfg.hpp"
#include "measure/qemu/qtest.hpp"

namespace hallmark::qemu {

struct Machine {
    std::string program;                      ///< its path
    std::vector<std::string> arguments;       ///< behind ours: -machine q35, and -m where the memory is known
    std::optional<std::uint64_t> memory;      ///< of the guest, in bytes
    std::optional<std::uint64_t> pci_window;  ///< where firmware begins to place what may be above 4 GiB
};

class StockQemu {
public:
    /// Starts it with an environment of its own, and sets up what ACPI tables depend on as firmware does. It ends with
    /// this object. Errors have what QEMU itself says.
    static Result<StockQemu> start(const Machine& machine);

    /// A file of fw_cfg.
    Result<Bytes> file(const std::string& name);

    /// Whether firmware will place something above 4 GiB of which we don't know where.
    [[nodiscard]] bool window_unknown() const { return window_unknown_; }

private:
    StockQemu(std::string program, Process process, FileDescriptor errors, Qtest qtest)
        : program_(std::move(program)),
          process_(std::move(process)),
          errors_(std::move(errors)),
          qtest_(std::move(qtest)) {}

    Status set_up(const Machine& machine);
    /// The error, with the program's name in front and its own words behind.
    [[nodiscard]] Error explained(const Error& error);

    std::string program_;
    Process process_;
    FileDescriptor errors_;
    Qtest qtest_;
    std::vector<FwCfgFile> directory_;
    bool window_unknown_ = false;
};

}  // namespace hallmark::qemu
