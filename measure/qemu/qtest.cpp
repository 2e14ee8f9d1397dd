// SPDX-License-Identifier: Apache-2.0
#include "measure/qemu/qtest.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "common/hex.hpp"

namespace hallmark::qemu {
namespace {

/// Twice the largest read, as hexadecimal text.
constexpr std::size_t kLongestLine = std::size_t{4} * 1024 * 1024;
constexpr std::string_view kPrefix = "0x";

Status send_all(int socket, std::string_view text) {
    while (!text.empty()) {
        const auto sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return std::unexpected(system_error("qtest"));
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return {};
}

bool starts_with(std::string_view text, std::string_view word) { return text.substr(0, word.size()) == word; }

}  // namespace

Result<std::string> Qtest::next_line() {
    for (;;) {
        if (const auto end = buffer_.find('\n'); end != std::string::npos) {
            auto line = buffer_.substr(0, end);
            buffer_.erase(0, end + 1);
            return line;
        }
        if (buffer_.size() > kLongestLine) return bad_input("qtest: an answer without end");
        // Asked of the clock too: a peer that never stops talking never lets poll() wait.
        if (milliseconds_until(deadline_) == 0) return bad_input("qtest: no answer within the time limit");
        pollfd wait{.fd = socket_.get(), .events = POLLIN, .revents = 0};
        const auto ready = ::poll(&wait, 1, milliseconds_until(deadline_));
        if (ready == 0) return bad_input("qtest: no answer within the time limit");
        std::array<char, 64 * 1024> block;
        const auto count = ::recv(socket_.get(), block.data(), block.size(), MSG_DONTWAIT);
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (count <= 0) return bad_input("qtest: closed");
        buffer_.append(block.data(), static_cast<std::size_t>(count));
    }
}

Result<std::string> Qtest::ask(const std::string& command) {
    constexpr std::string_view kOk = "OK";
    HALLMARK_CHECK(send_all(socket_.get(), command + "\n"));
    for (;;) {
        HALLMARK_TRY(const std::string line, next_line());
        if (starts_with(line, "IRQ ")) continue;  // told on the side
        if (!starts_with(line, kOk))
            return bad_input("qtest: '" + command.substr(0, command.find(' ')) + "' answered by '" +
                             line.substr(0, 80) + "', expected OK");
        return line.size() > kOk.size() ? line.substr(kOk.size() + 1) : std::string();
    }
}

Result<Bytes> Qtest::read(std::uint64_t address, std::size_t size) {
    HALLMARK_TRY(const std::string text, ask("read " + hex_number(address) + " " + hex_number(size)));
    if (!starts_with(text, kPrefix)) return bad_input("qtest: memory as '" + text.substr(0, 80) + "', expected 0x…");
    HALLMARK_TRY(Bytes bytes, from_hex(std::string_view(text).substr(kPrefix.size())));
    if (bytes.size() != size)
        return bad_input("qtest: " + std::to_string(bytes.size()) + " bytes, expected " + std::to_string(size));
    return bytes;
}

Status Qtest::write(std::uint64_t address, ByteSpan bytes) {
    HALLMARK_TRY(const std::string nothing,
                 ask("write " + hex_number(address) + " " + hex_number(bytes.size()) + " 0x" + to_hex(bytes)));
    if (!nothing.empty()) return bad_input("qtest: 'write' answered by '" + nothing.substr(0, 80) + "'");
    return {};
}

Result<std::uint32_t> Qtest::in(std::uint16_t port) {
    HALLMARK_TRY(const std::string text, ask("inl " + hex_number(port)));
    HALLMARK_TRY(const std::uint64_t value, parse_number(text));
    return static_cast<std::uint32_t>(value);
}

Status Qtest::out(std::uint16_t port, std::uint32_t value) {
    HALLMARK_TRY(const std::string nothing, ask("outl " + hex_number(port) + " " + hex_number(value)));
    if (!nothing.empty()) return bad_input("qtest: 'outl' answered by '" + nothing.substr(0, 80) + "'");
    return {};
}

}  // namespace hallmark::qemu
