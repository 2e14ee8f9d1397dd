// SPDX-License-Identifier: Apache-2.0
// The flags with which Kata Containers 4.1.0 starts a confidential guest (Go runtime, image boot, no shared file
// system).
#pragma once

#include <string>

#include "boot/qemu/command.hpp"
#include "boot/run/image.hpp"
#include "boot/run/request.hpp"

namespace hallmark::boot {

/// What the flags take from the host.
struct HostFacts {
    unsigned c_bit = 51;               ///< where SEV's encryption bit lies in a page table entry
    bool quote_service_socket = true;  ///< whether the TDX quote generation service listens on its socket
};
/// CPUID Fn8000_001F EBX, and the file system; a host without SEV gives 51, as every EPYC with SNP has it.
HostFacts read_host_facts();

/// The whole command line but for the channels that hallmark-boot adds when it runs it.
QemuCommand kata_command(const Request& request, const Image& image, const std::string& command_line,
                         const HostFacts& host);

}  // namespace hallmark::boot
