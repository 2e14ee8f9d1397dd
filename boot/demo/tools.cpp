// SPDX-License-Identifier: Apache-2.0
#include "boot/demo/tools.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <thread>

#include "boot/qemu/memory.hpp"
#include "boot/run/line.hpp"
#include "common/file.hpp"

namespace hallmark::boot::demo {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostWords = std::size_t{1} << 20;
constexpr auto kLook = 20ms;

Result<std::string> text_of(const std::filesystem::path& path) {
    HALLMARK_TRY(const Bytes bytes, read_file(path, kMostWords));
    return std::string(bytes.begin(), bytes.end());
}

/// What a program complained of.
std::string last_line(std::string_view text) {
    while (text.ends_with('\n')) text.remove_suffix(1);
    const auto end = text.rfind('\n');
    return one_line(end == std::string_view::npos ? text : text.substr(end + 1));
}

/// "/build/skopeo copy"
std::string name_of(const std::vector<std::string>& argv) {
    std::string name = std::filesystem::path(argv.front()).filename().string();
    const auto command = std::ranges::find_if(
        argv.begin() + 1, argv.end(), [](const std::string& word) { return !word.starts_with('-') && word[0] != '/'; });
    return command == argv.end() ? name : name + " " + *command;
}

/// Digits that follow the phrase, once something follows them.
std::string number_after(std::string_view text, std::string_view phrase) {
    const auto found = text.find(phrase);
    if (found == std::string_view::npos) return "";
    text.remove_prefix(found + phrase.size());
    const auto end = text.find_first_not_of("0123456789");
    return end == std::string_view::npos ? "" : std::string(text.substr(0, end));
}

}  // namespace

Result<Tools> Tools::find() {
    std::error_code error;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
    if (error) return bad_input("/proc/self/exe: " + error.message());
    const auto here = self.parent_path();
    Tools tools{.kbs = here / "../relying-party/hallmark-kbs",
                .measure = here / "../measure/hallmark-measure",
                .registry = here / "demo/docker-registry",
                .skopeo = here / "demo/skopeo",
                .busybox = here / "demo/busybox"};
    for (auto* path : {&tools.kbs, &tools.measure, &tools.registry, &tools.skopeo, &tools.busybox}) {
        *path = path->lexically_normal();
        if (::access(path->c_str(), X_OK) != 0)
            return bad_input(path->string() + ": not there, expected beside " + self.string() + "; run ci/build");
    }
    return tools;
}

Result<std::string> run(const std::vector<std::string>& argv, const std::vector<std::string>& environment,
                        Deadline deadline) {
    HALLMARK_TRY(const FileDescriptor words, make_memory_file("words", 0));
    HALLMARK_TRY(const FileDescriptor errors, make_memory_file("errors", 0));
    HALLMARK_TRY(Process process, Process::start(argv, {}, errors, environment, &words));
    if (!process.wait(deadline)) return refused(name_of(argv) + ": did not end within the time limit");
    const int status = *process.ended();
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return text_of(path_of(words));
    HALLMARK_TRY(const std::string said, text_of(path_of(errors)));
    return refused(name_of(argv) + " failed: " + last_line(said));
}

Result<Server> Server::start(const std::vector<std::string>& argv, const std::vector<std::string>& environment,
                             const std::filesystem::path& log, std::string_view phrase, Deadline deadline) {
    const FileDescriptor file(::open(log.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600));
    if (!file.valid()) return std::unexpected(system_error(log.string()));
    HALLMARK_TRY(Process process, Process::start(argv, {}, file, environment, &file));
    for (;;) {
        const bool ended = process.ended().has_value();
        HALLMARK_TRY(const std::string said, text_of(log));
        if (auto port = number_after(said, phrase); !port.empty()) return Server(std::move(process), std::move(port));
        if (ended) return refused(name_of(argv) + " ended: " + last_line(said));
        if (Clock::now() >= deadline) return refused(name_of(argv) + ": does not listen within the time limit");
        std::this_thread::sleep_for(kLook);
    }
}

}  // namespace hallmark::boot::demo
