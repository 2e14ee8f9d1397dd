// SPDX-License-Identifier: Apache-2.0
#include "agent/init/console.hpp"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>

#include "agent/ports/deadline.hpp"
#include "common/bytes.hpp"
#include "common/descriptor.hpp"

namespace hallmark::guest {
namespace {

constexpr std::chrono::milliseconds kPatience{500};

/// A kernel without a console starts init without these three files. The next one that is opened must not become the
/// place that lines for the console are written to.
void fill_standard_files() {
    for (;;) {
        const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
        if (nothing < 0) return;
        if (nothing <= STDERR_FILENO) continue;
        ::close(nothing);
        return;
    }
}

/// What is typed on a console comes from the host: it is not taken in, not echoed, and makes no signals.
void take_no_input(int terminal) {
    termios settings{};
    if (::tcgetattr(terminal, &settings) != 0) return;
    settings.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL | ISIG | ICANON);
    settings.c_cflag &= ~static_cast<tcflag_t>(CREAD);
    ::tcsetattr(terminal, TCSANOW, &settings);
    ::tcflush(terminal, TCIFLUSH);
}

}  // namespace

void open_console() {
    fill_standard_files();
    const FileDescriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (nothing.valid()) ::dup2(nothing.get(), STDIN_FILENO);
    // /dev/console has no device behind it when the command line names none that exists; then the first virtio console.
    for (const char* path : {"/dev/console", "/dev/hvc0"}) {
        const FileDescriptor output(::open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
        if (!output.valid()) continue;
        take_no_input(output.get());
        ::dup2(output.get(), STDOUT_FILENO);
        ::dup2(output.get(), STDERR_FILENO);
        return;
    }
}

void say(std::string_view line) {
    const std::string text = "hallmark-guest: " + std::string(line) + "\n";
    ByteSpan rest = as_bytes(text);
    const auto deadline = after(kPatience);
    while (!rest.empty()) {
        const auto count = ::write(STDERR_FILENO, rest.data(), rest.size());
        if (count > 0) {
            rest = rest.subspan(static_cast<std::size_t>(count));
            continue;
        }
        const int left = remaining_ms(deadline);
        if ((count < 0 && errno != EAGAIN && errno != EINTR) || left == 0) return;
        pollfd console{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
        ::poll(&console, 1, left);
        if ((console.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) return;
    }
}

}  // namespace hallmark::guest
