// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/child.hpp"

#include <proto/confidential_data_hub.pb.h>
#include <sys/mman.h>

#include "agent/storage/tool.hpp"
#include "common/descriptor.hpp"

namespace hallmark::storage {
namespace {

constexpr const char* kProgram = "/usr/bin/hallmark-guest";

}  // namespace

Status mount_in_child(const api::SecureMountRequest& request) {
    const FileDescriptor file(::memfd_create("request", MFD_CLOEXEC));
    if (!file.valid() || !request.SerializeToFileDescriptor(file.get()))
        return std::unexpected(system_error("a request in memory", Fault::kNo));
    HALLMARK_TRY(const Ended ended,
                 run_tool({kProgram, "secure-mount", "--request", path_of(file.get())}, {file.get()}));
    if (ended.status == 0) return {};
    if (ended.says.empty()) return refused("secure-mount: exit status " + std::to_string(ended.status));
    return refused(ended.says);
}

}  // namespace hallmark::storage
