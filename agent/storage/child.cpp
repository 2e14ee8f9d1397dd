// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/child.hpp"

#include <proto/confidential_data_hub.pb.h>
#include <sys/mman.h>

#include <utility>
#include <vector>

#include "agent/storage/tool.hpp"
#include "common/descriptor.hpp"

namespace hallmark::storage {
namespace {

constexpr const char* kProgram = "/usr/bin/hallmark-guest";
constexpr int kBadRequest = 2;

}  // namespace

Status mount_in_child(const api::SecureMountRequest& request, const std::string& hub) {
    const FileDescriptor file(::memfd_create("request", MFD_CLOEXEC));
    if (!file.valid() || !request.SerializeToFileDescriptor(file.get()))
        return std::unexpected(system_error("a request in memory", Fault::kNo));
    std::vector<std::string> argv{kProgram, "secure-mount", "--request", path_of(file.get())};
    if (!hub.empty()) argv.insert(argv.end(), {"--hub", hub});
    HALLMARK_TRY(const Ended ended, run_tool(argv, {file.get()}));
    if (ended.status == 0) return {};
    std::string why = ended.says.empty() ? "secure-mount: exit status " + std::to_string(ended.status) : ended.says;
    if (ended.status == kBadRequest) return bad_input(std::move(why));
    return refused(std::move(why));
}

}  // namespace hallmark::storage
