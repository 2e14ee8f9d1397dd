// SPDX-License-Identifier: Apache-2.0
#include "measure/qemu/stock_qemu.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <array>

#include "common/deadline.hpp"
#include "common/hex.hpp"
#include "common/socket_pair.hpp"
#include "measure/qemu/pci.hpp"

namespace hallmark::qemu {
namespace {

using namespace std::chrono_literals;

/// For all of it; a stock QEMU answers in less than a second.
constexpr auto kTimeLimit = 60s;
constexpr std::size_t kMostWords = 200;

/// Its environment, whatever ours is.
std::vector<std::string> environment() { return {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"}; }

std::vector<std::string> command(const Machine& machine, const SocketPair& sockets) {
    std::vector<std::string> argv = {
        machine.program, "-no-user-config", "-display",   "none",     "-accel",
        "qtest",         "-machine",        "q35",        "-chardev", sockets.chardev("qtest"),
        "-qtest",        "chardev:qtest",   "-qtest-log", "/dev/null"};
    if (machine.memory) {
        argv.emplace_back("-m");
        argv.push_back(std::to_string(*machine.memory) + "B");
    }
    argv.insert(argv.end(), machine.arguments.begin(), machine.arguments.end());
    return argv;
}

/// The last line of what was written, without what would act on a terminal.
std::string last_words(const FileDescriptor& errors) {
    std::array<char, 4096> text;
    const auto size = ::lseek(errors.get(), 0, SEEK_END);
    const auto from = size > static_cast<off_t>(text.size()) ? size - static_cast<off_t>(text.size()) : 0;
    const auto count = ::pread(errors.get(), text.data(), text.size(), from);
    std::string_view words(text.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
    while (words.ends_with('\n')) words.remove_suffix(1);
    if (const auto line = words.rfind('\n'); line != std::string_view::npos) words.remove_prefix(line + 1);
    std::string plain;
    for (const char c : words.substr(0, kMostWords)) plain += c >= 0x20 && c < 0x7f ? c : '?';
    return plain;
}

}  // namespace

Result<StockQemu> StockQemu::start(const Machine& machine) {
    if (machine.program.find('/') == std::string::npos)
        return bad_input("'" + machine.program + "': expected the path of a QEMU, such as /usr/bin/qemu-system-x86_64");
    FileDescriptor errors(::memfd_create("errors", MFD_CLOEXEC));
    if (!errors.valid()) return std::unexpected(system_error("memfd"));
    HALLMARK_TRY(SocketPair sockets, SocketPair::make());
    HALLMARK_TRY(Process process,
                 Process::start(command(machine, sockets), {sockets.theirs.get()}, errors, environment()));
    sockets.theirs.reset();
    StockQemu qemu(machine.program, std::move(process), std::move(errors),
                   Qtest(std::move(sockets.ours), hallmark::in(kTimeLimit)));
    if (const auto status = qemu.set_up(machine); !status) return std::unexpected(qemu.explained(status.error()));
    return qemu;
}

Status StockQemu::set_up(const Machine& machine) {
    HALLMARK_CHECK(set_up_chipset(qtest_));
    HALLMARK_TRY(const auto wide, find_wide_register(qtest_));
    if (wide && machine.pci_window) HALLMARK_CHECK(place(qtest_, *wide, *machine.pci_window));
    if (!wide && machine.pci_window)
        return bad_input("no device that can be placed above 4 GiB; leave --pci-window out");
    window_unknown_ = wide && !machine.pci_window;
    HALLMARK_TRY(directory_, read_directory(qtest_));
    return {};
}

Result<Bytes> StockQemu::file(const std::string& name) {
    auto bytes = read_fw_cfg(qtest_, directory_, name);
    if (!bytes) return std::unexpected(explained(bytes.error()));
    return bytes;
}

Error StockQemu::explained(const Error& error) {
    // Where it ended by itself, it says why.
    process_.wait(hallmark::in(200ms));
    auto message = program_ + ": " + error.message;
    if (const auto words = last_words(errors_); !words.empty()) message += "; it says: " + words;
    return {error.fault, std::move(message)};
}

}  // namespace hallmark::qemu
