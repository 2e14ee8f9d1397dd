// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/tool.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <string_view>

#include "agent/ports/text.hpp"
#include "common/process.hpp"

namespace hallmark::storage {
namespace {

constexpr std::chrono::minutes kLongest{10};  // making a file system on a large and slow disk
constexpr std::size_t kEndOfErrors = 1024;

std::string last_line(const FileDescriptor& errors) {
    const off_t size = ::lseek(errors.get(), 0, SEEK_END);
    const off_t start = size > static_cast<off_t>(kEndOfErrors) ? size - static_cast<off_t>(kEndOfErrors) : 0;
    std::array<char, kEndOfErrors> end{};
    const auto count = ::pread(errors.get(), end.data(), end.size(), start);
    std::string_view text(end.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
    while (text.ends_with('\n')) text.remove_suffix(1);
    return guest::one_line(as_bytes(text.substr(text.rfind('\n') + 1)));
}

}  // namespace

Result<KeyPipe> KeyPipe::of(const Secret& key) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return std::unexpected(system_error("pipe", Fault::kNo));
    KeyPipe pipe{FileDescriptor(ends[0])};
    const FileDescriptor write_end(ends[1]);
    // Far less than a pipe holds, so nobody has to read meanwhile.
    const auto bytes = key.bytes();
    if (::write(write_end.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
        return std::unexpected(system_error("pipe", Fault::kNo));
    return pipe;
}

std::string path_of(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

std::string KeyPipe::path() const { return path_of(fd()); }

Result<Ended> run_tool(const std::vector<std::string>& argv, const std::vector<int>& inherited) {
    const FileDescriptor errors(::memfd_create("errors", MFD_CLOEXEC));
    if (!errors.valid()) return std::unexpected(system_error("memfd_create", Fault::kNo));
    const std::vector<std::string> environment{"PATH=/usr/sbin:/usr/bin"};
    HALLMARK_TRY(Process process, Process::start(argv, inherited, errors, environment));
    if (!process.wait(in(kLongest)))
        return refused(argv.front() + ": not done in " + std::to_string(kLongest.count()) + " minutes; killed");
    const int status = process.ended().value_or(0);
    return Ended{.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status),
                 .says = last_line(errors)};
}

Status run_tool_well(const std::vector<std::string>& argv, const std::vector<int>& inherited) {
    HALLMARK_TRY(const Ended ended, run_tool(argv, inherited));
    if (ended.status == 0) return {};
    return refused(argv.front() + ": exit status " + std::to_string(ended.status) + ": " + ended.says);
}

}  // namespace hallmark::storage
