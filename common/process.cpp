// SPDX-License-Identifier: Apache-2.0
#include "common/process.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <thread>

namespace hallmark {
namespace {

/// What the new process does before it becomes the program. Only async-signal-safe calls.
[[noreturn]] void become(char* const* argv, char* const* environment, const std::vector<int>& inherited, int output,
                         int errors, pid_t parent, int report) {
    const auto fail = [&] {
        const int number = errno;
        // Nobody is there to tell where even this fails.
        [[maybe_unused]] const auto ignored = ::write(report, &number, sizeof number);
        ::_exit(127);
    };
    if (::setpgid(0, 0) != 0 || ::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) fail();
    if (::getppid() != parent) ::_exit(127);  // the parent died before the line above
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0 || ::dup2(null, 0) < 0 || ::dup2(output < 0 ? null : output, 1) < 0 || ::dup2(errors, 2) < 0) fail();
    for (const int fd : inherited)
        if (::fcntl(fd, F_SETFD, 0) != 0) fail();
    ::execve(argv[0], argv, environment);
    fail();
    ::_exit(127);
}

/// Texts as exec takes them; they borrow.
std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> all;
    all.reserve(texts.size() + 1);
    for (const auto& text : texts) all.push_back(const_cast<char*>(text.c_str()));
    all.push_back(nullptr);
    return all;
}

}  // namespace

Result<Process> Process::start(const std::vector<std::string>& argv, const std::vector<int>& inherited,
                               const FileDescriptor& errors, const std::optional<std::vector<std::string>>& environment,
                               const FileDescriptor* output) {
    const auto arguments = pointers(argv);
    const auto variables = environment ? pointers(*environment) : std::vector<char*>{};
    char* const* given = environment ? variables.data() : environ;

    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return std::unexpected(system_error("pipe"));
    const FileDescriptor from_child(ends[0]);
    FileDescriptor to_parent(ends[1]);

    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) return std::unexpected(system_error(argv[0] + ": fork"));
    const int into = output != nullptr ? output->get() : -1;
    if (pid == 0) become(arguments.data(), given, inherited, into, errors.get(), parent, to_parent.get());

    Process process(pid);
    to_parent.reset();
    int number = 0;
    // The pipe closes by itself where the program starts.
    if (::read(from_child.get(), &number, sizeof number) == static_cast<ssize_t>(sizeof number)) {
        errno = number;
        return std::unexpected(system_error(argv[0] + ": cannot be started"));
    }
    return process;
}

std::optional<int> Process::ended() {
    if (status_ || pid_ < 0) return status_;
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
    return status_;
}

bool Process::wait(Deadline deadline) {
    using namespace std::chrono_literals;
    while (!ended()) {
        if (Clock::now() >= deadline) return false;
        std::this_thread::sleep_for(5ms);
    }
    return true;
}

std::chrono::milliseconds Process::processor_time() const {
    clockid_t clock{};
    timespec used{};
    if (pid_ < 0 || ::clock_getcpuclockid(pid_, &clock) != 0 || ::clock_gettime(clock, &used) != 0) return {};
    return std::chrono::milliseconds(used.tv_sec * 1000 + used.tv_nsec / 1'000'000);
}

void Process::kill() {
    if (pid_ < 0) return;
    // The group, because a launcher may have started QEMU instead of becoming it.
    ::kill(-pid_, SIGKILL);
    int status = 0;
    if (!status_) {
        ::kill(pid_, SIGKILL);
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
    }
    pid_ = -1;
}

}  // namespace hallmark
