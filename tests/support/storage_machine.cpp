// SPDX-License-Identifier: Apache-2.0
// Process 1 of a machine that tests trusted storage: does the steps that the first disk behind the root names, one in a
// line, says on the first serial port how each went, and turns the machine off. Static, so that it runs in any root.
//
//   hub                    starts the data hub, and waits until it listens
//   mount HEX              gives that api.SecureMountRequest to `hallmark-guest secure-mount`
//   ask HEX                sends that to the data hub as it is, and says in hex what comes back
//   run PROGRAM WORD...    runs a program
//   write PATH TEXT COUNT  writes that text so many times into a file, over what is there, down to the disk
//   read PATH              reads it from the disk
//   unmount PATH
//   wait                   goes on with the next line that comes in on the serial port
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

constexpr const char* kGuest = "/usr/bin/hallmark-guest";
constexpr const char* kHubSocket = "/run/confidential-containers/cdh.sock";
constexpr std::size_t kLargestSteps = 64UL * 1024;

using Words = std::vector<std::string>;

std::string outcome(bool good) { return good ? "done" : std::strerror(errno); }

/// "status 0"; its output goes to the serial port.
std::string run(const Words& argv, std::string_view input = {}) {
    int ends[2];
    if (::pipe(ends) != 0) return outcome(false);
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(ends[0], 0);
        ::close(ends[0]);
        ::close(ends[1]);
        std::vector<char*> words;
        for (const auto& word : argv) words.push_back(const_cast<char*>(word.c_str()));
        words.push_back(nullptr);
        char path[] = "PATH=/usr/sbin:/usr/bin";
        char* environment[] = {path, nullptr};
        ::execve(words[0], words.data(), environment);
        ::_exit(127);
    }
    [[maybe_unused]] const auto written = ::write(ends[1], input.data(), input.size());
    ::close(ends[0]);
    ::close(ends[1]);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
    return "status " + std::to_string(WEXITSTATUS(status));
}

std::string start_hub() {
    ::mkdir("/run/confidential-containers", 0755);
    if (::fork() == 0) {
        ::execl(kGuest, kGuest, "confidential-data-hub", static_cast<char*>(nullptr));
        ::_exit(127);
    }
    for (int tries = 0; tries < 500 && ::access(kHubSocket, F_OK) != 0; ++tries) ::usleep(20'000);
    return outcome(::access(kHubSocket, F_OK) == 0);
}

std::string ask_hub(const std::string& question) {
    const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, kHubSocket);
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::write(socket, question.data(), question.size()) != static_cast<ssize_t>(question.size()))
        return outcome(false);
    std::array<unsigned char, 4096> answer{};
    const auto count = ::read(socket, answer.data(), answer.size());
    std::string hex;
    for (ssize_t i = 0; i < count; ++i) {
        char digits[3];
        std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned>(answer[static_cast<std::size_t>(i)]));
        hex += digits;
    }
    ::close(socket);
    return hex;
}

std::string from_hex(const std::string& text) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2)
        bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
    return bytes;
}

std::string write_file(const std::string& path, const std::string& text, int count) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT, 0600);
    bool good = file >= 0;
    for (int i = 0; i < count && good; ++i)
        good = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    good = good && ::fsync(file) == 0;
    const std::string how = outcome(good);
    ::close(file);
    return how;
}

/// "12 bytes 1f2e": how many there are, and their sum.
std::string read_file(const std::string& path) {
    ::sync();
    if (const int caches = ::open("/proc/sys/vm/drop_caches", O_WRONLY); caches >= 0) {
        [[maybe_unused]] const auto written = ::write(caches, "3", 1);
        ::close(caches);
    }
    const int file = ::open(path.c_str(), O_RDONLY);
    if (file < 0) return outcome(false);
    std::array<char, 4096> block{};
    std::size_t size = 0;
    unsigned sum = 0;
    for (;;) {
        const auto count = ::read(file, block.data(), block.size());
        if (count < 0) return std::string(std::strerror(errno)) + " at byte " + std::to_string(size);
        if (count == 0) break;
        size += static_cast<std::size_t>(count);
        for (ssize_t i = 0; i < count; ++i) sum += static_cast<unsigned char>(block[static_cast<std::size_t>(i)]);
    }
    ::close(file);
    return std::to_string(size) + " bytes, sum " + std::to_string(sum);
}

std::string wait_for_line() {
    std::puts("waiting");
    for (char c = 0; c != '\n' && c != '\r';)
        if (::read(0, &c, 1) <= 0) return "nobody there";
    return "done";
}

std::string take(const Words& step) {
    const std::string& what = step[0];
    if (what == "hub") return start_hub();
    if (what == "mount") return run({kGuest, "secure-mount"}, from_hex(step.at(1)));
    if (what == "ask") return ask_hub(from_hex(step.at(1)));
    if (what == "run") return run(Words(step.begin() + 1, step.end()));
    if (what == "write") return write_file(step.at(1), step.at(2), std::stoi(step.at(3)));
    if (what == "read") return read_file(step.at(1));
    if (what == "unmount") return outcome(::umount(step.at(1).c_str()) == 0);
    if (what == "wait") return wait_for_line();
    return "unknown step";
}

Words words_of(std::string_view line) {
    Words words;
    while (!line.empty()) {
        const auto end = std::min(line.find(' '), line.size());
        if (end > 0) words.emplace_back(line.substr(0, end));
        line.remove_prefix(std::min(end + 1, line.size()));
    }
    return words;
}

void take_all(std::string_view steps) {
    for (int number = 1; !steps.empty(); ++number) {
        const auto end = std::min(steps.find('\n'), steps.size());
        const Words step = words_of(steps.substr(0, end));
        steps.remove_prefix(std::min(end + 1, steps.size()));
        if (step.empty()) continue;
        std::printf("step %d %s: %s\n", number, step[0].c_str(), take(step).c_str());
    }
}

/// In the place of cryptsetup: gives the host time between the check of a header and its use.
int wait_in_front_of_cryptsetup(char** words) {
    const int serial = ::open("/dev/ttyS0", O_RDWR);
    ::dup2(serial, 0);
    [[maybe_unused]] const auto written = ::write(serial, "waiting\n", 8);
    for (char c = 0; c != '\n' && c != '\r';)
        if (::read(0, &c, 1) <= 0) break;
    ::execv("/usr/sbin/cryptsetup.real", words);
    return 127;
}

}  // namespace

int main(int, char** arguments) {
    if (std::string_view(arguments[0]).ends_with("/cryptsetup")) return wait_in_front_of_cryptsetup(arguments);
    for (const auto& [type, target] :
         {std::pair{"proc", "/proc"}, {"sysfs", "/sys"}, {"devtmpfs", "/dev"}, {"tmpfs", "/run"}, {"tmpfs", "/tmp"}})
        ::mount(type, target, type, 0, "");
    const int serial = ::open("/dev/ttyS0", O_RDWR);
    for (const int fd : {0, 1, 2}) ::dup2(serial, fd);
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    std::array<char, kLargestSteps> steps{};
    const int disk = ::open("/dev/vdb", O_RDONLY);
    const auto size = ::read(disk, steps.data(), steps.size() - 1);
    take_all({steps.data(), ::strnlen(steps.data(), size > 0 ? static_cast<std::size_t>(size) : 0)});
    ::sync();
    ::reboot(RB_POWER_OFF);
}
