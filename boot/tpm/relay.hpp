// SPDX-License-Identifier: Apache-2.0
// Between QEMU's TPM device and swtpm. QEMU hands swtpm a socket over the control channel and from then on speaks to
// the TPM alone; standing between the two lets us read PCRs of a TPM that a guest is using.
// Source: swtpm 0.7, man swtpm_ioctls(3) (CMD_SET_DATAFD); QEMU 11.1, docs/specs/tpm.rst.
#pragma once

#include <memory>
#include <mutex>
#include <thread>

#include "common/bytes.hpp"
#include "common/deadline.hpp"
#include "common/descriptor.hpp"
#include "common/result.hpp"

namespace hallmark::boot::tpm {

/// Carries both channels in a thread of its own, until it goes out of scope.
class Relay {
public:
    /// The control channels to QEMU and to swtpm.
    static Result<std::unique_ptr<Relay>> start(FileDescriptor qemu, FileDescriptor swtpm);
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;
    ~Relay();

    /// Gives the TPM a command between those of the guest, and returns its response.
    Result<Bytes> ask(ByteSpan command, Deadline deadline);

private:
    Relay(FileDescriptor qemu, FileDescriptor swtpm, FileDescriptor wake);

    void run();
    Status carry_control_from_qemu();
    Status carry_control_from_swtpm();
    Status carry_command();

    FileDescriptor qemu_;
    FileDescriptor swtpm_;
    FileDescriptor wake_;  // an eventfd: written once, at the end
    FileDescriptor qemu_data_;
    FileDescriptor swtpm_data_;
    std::mutex one_command_;  // guards swtpm_data_: a command and its response are one
    std::jthread thread_;     // last: it uses all of the above
};

}  // namespace hallmark::boot::tpm
