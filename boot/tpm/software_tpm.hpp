// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

#include "boot/qemu/command.hpp"
#include "boot/tpm/commands.hpp"
#include "boot/tpm/relay.hpp"
#include "common/bytes.hpp"
#include "common/descriptor.hpp"
#include "common/process.hpp"
#include "common/result.hpp"
#include "common/socket_pair.hpp"

namespace hallmark::boot::tpm {

/// swtpm, for one guest; its banks are those of a new TPM (SHA-256 and SHA-384 among them).
class SoftwareTpm {
public:
    /// Starts the host's swtpm. An error names the package where it is missing.
    static Result<SoftwareTpm> start();

    /// Adds the device and its connection to a guest that is to be started; `theirs` is what QEMU inherits.
    void add_to(QemuCommand& command) const;
    [[nodiscard]] int inherited() const { return qemu_.theirs.get(); }
    /// To be called once QEMU runs: its end of the connection is its own then.
    void started() { qemu_.theirs.reset(); }

    /// The value of a PCR (0 to 23) now, in the bank of SHA-256 or SHA-384.
    Result<Bytes> pcr(Algorithm bank, unsigned pcr, Deadline deadline);

private:
    SoftwareTpm(FileDescriptor state, FileDescriptor errors, Process process, SocketPair qemu,
                std::unique_ptr<Relay> relay)
        : state_(std::move(state)),
          errors_(std::move(errors)),
          process_(std::move(process)),
          qemu_(std::move(qemu)),
          relay_(std::move(relay)) {}

    FileDescriptor state_;  // in memory: nothing is left behind, however we end
    FileDescriptor errors_;
    Process process_;
    SocketPair qemu_;
    std::unique_ptr<Relay> relay_;
};

}  // namespace hallmark::boot::tpm
