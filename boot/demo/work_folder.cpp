// SPDX-License-Identifier: Apache-2.0
#include "boot/demo/work_folder.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "common/descriptor.hpp"

namespace hallmark::boot::demo {
namespace {

using namespace std::chrono_literals;

constexpr auto kBetween = 50ms;
constexpr int kAttempts = 100;
constexpr int kOfSignal = 128;
constexpr int kLost = SIGKILL;  // nobody knows how it ended

Result<std::filesystem::path> make_folder() {
    std::error_code error;
    std::string name = (std::filesystem::temp_directory_path(error) / "hallmark-demo-XXXXXX").string();
    if (error) return bad_input("TMPDIR: " + error.message());
    if (::mkdtemp(name.data()) == nullptr) return std::unexpected(system_error(name));
    return std::filesystem::path(name);
}

/// Servers that the kernel is about to end may still write into it.
Status remove_folder(const std::filesystem::path& folder) {
    std::error_code error;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        std::filesystem::remove_all(folder, error);
        if (!error && !std::filesystem::exists(folder, error)) return {};
        std::this_thread::sleep_for(kBetween);
    }
    return refused(folder.string() + ": cannot be removed: " + error.message());
}

sigset_t set_of(std::initializer_list<int> signals) {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int number : signals) ::sigaddset(&set, number);
    return set;
}

/// The status with which the child ended, as waitpid gives it; a signal that comes here ends it.
int await(pid_t child, const sigset_t& signals) {
    for (;;) {
        int status = 0;
        const pid_t ended = ::waitpid(child, &status, WNOHANG);
        if (ended == child) return status;
        if (ended < 0 && errno != EINTR) return kLost;
        int number = 0;
        if (::sigwait(&signals, &number) != 0 || number == SIGCHLD) continue;
        ::kill(child, number);
    }
}

}  // namespace

Result<int> in_work_folder(const std::function<int(const std::filesystem::path&)>& work) {
    HALLMARK_TRY(const auto folder, make_folder());
    const sigset_t signals = set_of({SIGINT, SIGTERM, SIGHUP, SIGCHLD});
    sigset_t before;
    ::pthread_sigmask(SIG_BLOCK, &signals, &before);
    std::fflush(nullptr);
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
        if (::getppid() != parent) ::_exit(1);
        const int status = work(folder);
        std::fflush(nullptr);
        ::_exit(status);
    }
    const int status = child < 0 ? kLost : await(child, signals);
    const Status removed = remove_folder(folder);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (child < 0) return std::unexpected(system_error("fork"));
    HALLMARK_CHECK(removed);
    return WIFSIGNALED(status) ? kOfSignal + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace hallmark::boot::demo
