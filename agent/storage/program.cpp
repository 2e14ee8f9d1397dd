// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/program.hpp"

#include <proto/confidential_data_hub.pb.h>

#include <optional>
#include <string>

#include "agent/confinement/image_pull.hpp"
#include "agent/confinement/secure_mount.hpp"
#include "agent/daemon/arguments.hpp"
#include "agent/daemon/say.hpp"
#include "agent/kernel_file.hpp"
#include "agent/storage/request.hpp"
#include "agent/storage/secure_mount.hpp"
#include "agent/ttrpc/socket.hpp"

namespace hallmark::storage {
namespace {

constexpr const char* kProgram = "hallmark-guest secure-mount";
constexpr std::size_t kLargestRequest = 64UL * 1024;

constexpr const char* kHelp =
    "hallmark-guest secure-mount: opens one disk of the host as trusted storage, and mounts it\n"
    "\n"
    "Usage: hallmark-guest secure-mount [--request FILE] [--hub ADDRESS]\n"
    "\n"
    "  --request FILE  an api.SecureMountRequest of Confidential Containers, in protobuf (default: standard input)\n"
    "  --hub ADDRESS   the data hub that has the key, unix:///PATH (default: its own default)\n"
    "  --version       prints the version\n"
    "  --help          prints this\n"
    "\n"
    "Started by whoever answers SecureMount, and by init for the scratch disk. Nothing is formatted but what the "
    "request\n"
    "says is scratch, or empty and found blank. Exit status: 0 mounted; 1 refused or failed; 2 the request is wrong.\n"
    "\n"
    "Example: hallmark-guest secure-mount < request\n";

Status run(const std::string& request_file, const std::optional<std::string>& hub) {
    HALLMARK_CHECK(confinement::keep_what_mounts_need());  // and memory private: a key will be in it
    HALLMARK_CHECK(confinement::confine_secure_mount());
    HALLMARK_TRY(const Bytes bytes, guest::read_kernel_file(request_file, kLargestRequest));
    api::SecureMountRequest request;
    if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
        return bad_input(request_file + ": " + std::to_string(bytes.size()) +
                         " bytes, expected an api.SecureMountRequest");
    HALLMARK_TRY(const Volume volume, read_request(request));
    Places places;
    if (hub) {
        HALLMARK_TRY(places.hub_socket, ttrpc::socket_path(*hub));
    }
    return secure_mount(volume, places);
}

}  // namespace

int run_secure_mount(std::span<const char* const> words) {
    guest::Arguments arguments(kProgram, kHelp, {{"--request", "FILE"}, {"--hub", "unix:///PATH"}});
    if (const auto status = arguments.parse(words)) return *status;
    const auto mounted = run(arguments.value("--request").value_or("/proc/self/fd/0"), arguments.value("--hub"));
    if (mounted) return 0;
    guest::say(kProgram, mounted.error().message);
    return mounted.error().exit_status();
}

}  // namespace hallmark::storage
