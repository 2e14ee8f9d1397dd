// SPDX-License-Identifier: Apache-2.0
#include "agent/pod/crun.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "agent/init/spawn.hpp"
#include "agent/oci/text.hpp"

namespace hallmark::pod {
namespace {

constexpr int kConfig = 3;
constexpr int kLog = 4;
constexpr std::size_t kLargestLog = 64UL * 1024;  // of it, the end

struct Pipe {
    FileDescriptor ours;
    FileDescriptor theirs;
};

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::unexpected(system_error("pipe", Fault::kNo));
    Pipe pipe{.ours = FileDescriptor(ends[0]), .theirs = FileDescriptor(ends[1])};
    // Of our end only: a workload's writes wait.
    if (::fcntl(pipe.ours.get(), F_SETFL, O_NONBLOCK) != 0) return std::unexpected(system_error("pipe", Fault::kNo));
    return pipe;
}

std::string as_path(int number) { return "/proc/self/fd/" + std::to_string(number); }

}  // namespace

Result<Started> start_container(const Runtime& runtime, const std::string& name, const std::filesystem::path& bundle,
                                const FileDescriptor& config) {
    HALLMARK_TRY(Pipe output, make_pipe());
    HALLMARK_TRY(Pipe errors, make_pipe());
    FileDescriptor log(::memfd_create("crun.log", MFD_CLOEXEC));
    if (!log.valid()) return std::unexpected(system_error("memfd_create", Fault::kNo));
    const std::vector<std::string> argv = {runtime.program,
                                           "--root",
                                           runtime.state.string(),
                                           "--cgroup-manager=cgroupfs",
                                           "--log=" + as_path(kLog),
                                           "run",
                                           "--bundle",
                                           bundle.string(),
                                           "--config",
                                           as_path(kConfig),
                                           name};
    const std::array<guest::Handed, 4> handed = {{{.ours = output.theirs.get(), .theirs = STDOUT_FILENO},
                                                  {.ours = errors.theirs.get(), .theirs = STDERR_FILENO},
                                                  {.ours = config.get(), .theirs = kConfig},
                                                  {.ours = log.get(), .theirs = kLog}}};
    HALLMARK_TRY(const pid_t child, guest::spawn(argv, {"PATH=/usr/sbin:/usr/bin"}, handed));
    return Started{
        .child = child, .output = std::move(output.ours), .errors = std::move(errors.ours), .log = std::move(log)};
}

std::string last_word(const FileDescriptor& log) {
    const off_t size = ::lseek(log.get(), 0, SEEK_END);
    if (size <= 0) return {};
    std::string text(std::min(static_cast<std::size_t>(size), kLargestLog), '\0');
    const auto count = ::pread(log.get(), text.data(), text.size(), size - static_cast<off_t>(text.size()));
    if (count <= 0) return {};
    text.resize(static_cast<std::size_t>(count));
    text.erase(text.find_last_not_of('\n') + 1);
    return oci::printable(text.substr(text.rfind('\n') + 1));
}

}  // namespace hallmark::pod
