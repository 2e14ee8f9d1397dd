// SPDX-License-Identifier: Apache-2.0
#include "boot/tpm/software_tpm.hpp"

#include <string>

#include "boot/flags/host.hpp"
#include "boot/qemu/memory.hpp"

namespace hallmark::boot::tpm {

Result<SoftwareTpm> SoftwareTpm::start() {
    HALLMARK_TRY(const std::string program, find_program("swtpm", "install the package swtpm"));
    HALLMARK_TRY(FileDescriptor state, make_memory_file("tpm", 0));
    HALLMARK_TRY(FileDescriptor errors, make_memory_file("swtpm", 0));
    HALLMARK_TRY(SocketPair control, SocketPair::make());
    HALLMARK_TRY(Process process, Process::start({program, "socket", "--tpm2", "--terminate", "--tpmstate",
                                                  "backend-uri=file://" + path_of(state), "--ctrl",
                                                  "type=unixio,clientfd=" + std::to_string(control.theirs.get())},
                                                 {state.get(), control.theirs.get()}, errors));
    HALLMARK_TRY(SocketPair qemu, SocketPair::make());
    HALLMARK_TRY(auto relay, Relay::start(std::move(qemu.ours), std::move(control.ours)));
    return SoftwareTpm(std::move(state), std::move(errors), std::move(process), std::move(qemu), std::move(relay));
}

void SoftwareTpm::add_to(QemuCommand& command) const {
    command.add("-chardev", qemu_.chardev("tpm"))
        .add("-tpmdev", "emulator,id=tpm0,chardev=tpm")
        .add("-device", "tpm-crb,tpmdev=tpm0");
}

Result<Bytes> SoftwareTpm::pcr(Algorithm bank, unsigned pcr, Deadline deadline) {
    HALLMARK_TRY(const Bytes response, relay_->ask(read_pcr(bank, pcr), deadline));
    return pcr_value(response, bank);
}

}  // namespace hallmark::boot::tpm
