// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/program.hpp"

#include <proto/confidential_data_hub.pb.h>

#include <string>

#include "agent/confinement/privileges.hpp"
#include "agent/daemon/arguments.hpp"
#include "agent/daemon/say.hpp"
#include "agent/kernel_file.hpp"
#include "agent/storage/request.hpp"
#include "agent/storage/secure_mount.hpp"

namespace hallmark::storage {
namespace {

constexpr const char* kProgram = "hallmark-guest secure-mount";
constexpr std::size_t kLargestRequest = 64UL * 1024;

constexpr const char* kHelp =
    "hallmark-guest secure-mount: opens one disk of the host as trusted storage, and mounts it\n"
    "\n"
    "Usage: hallmark-guest secure-mount [--request FILE]\n"
    "\n"
    "  --request FILE  an api.SecureMountRequest of Confidential Containers, in protobuf (default: standard input)\n"
    "  --version       prints the version\n"
    "  --help          prints this\n"
    "\n"
    "Started by whoever answers SecureMount, and by init for the scratch disk. Nothing is formatted but what the "
    "request\n"
    "says is scratch, or empty and found blank. Exit status: 0 mounted; 1 refused or failed; 2 the request is wrong.\n"
    "\n"
    "Example: hallmark-guest secure-mount < request\n";

Status run(const std::string& request_file) {
    HALLMARK_CHECK(confinement::keep_memory_private());  // a key will be in it
    HALLMARK_TRY(const Bytes bytes, guest::read_kernel_file(request_file, kLargestRequest));
    api::SecureMountRequest request;
    if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
        return bad_input(request_file + ": " + std::to_string(bytes.size()) +
                         " bytes, expected an api.SecureMountRequest");
    HALLMARK_TRY(const Volume volume, read_request(request));
    return secure_mount(volume, {});
}

}  // namespace

int run_secure_mount(std::span<const char* const> words) {
    guest::Arguments arguments(kProgram, kHelp, {{"--request", "FILE"}});
    if (const auto status = arguments.parse(words)) return *status;
    const auto mounted = run(arguments.value("--request").value_or("/proc/self/fd/0"));
    if (mounted) return 0;
    guest::say(kProgram, mounted.error().message);
    return mounted.error().exit_status();
}

}  // namespace hallmark::storage
