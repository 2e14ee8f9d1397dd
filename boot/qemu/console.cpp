// SPDX-License-Identifier: Apache-2.0
#include "boot/qemu/console.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace hallmark::boot {
namespace {

constexpr std::size_t kKept = 64 * 1024;
constexpr std::size_t kLongestLine = 300;

/// A file that can't be written any more doesn't stop a boot.
void write_to(FileDescriptor& file, std::string_view text) {
    while (file.valid() && !text.empty()) {
        const auto count = ::write(file.get(), text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) file.reset();
        if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
    }
}

std::string printable(std::string_view line) {
    std::string text(line.substr(0, kLongestLine));
    for (char& c : text)
        if (c < 0x20 || c > 0x7e) c = '?';
    return text;
}

}  // namespace

bool Console::receive(int socket) {
    std::array<char, 16 * 1024> block;
    for (;;) {
        const auto count = ::recv(socket, block.data(), block.size(), MSG_DONTWAIT);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return true;
        if (count <= 0) return false;
        const std::string_view text(block.data(), static_cast<std::size_t>(count));
        write_to(file_, text);
        size_ += text.size();
        text_ += text;
        if (text_.size() > 2 * kKept) text_.erase(0, text_.size() - kKept);
    }
}

std::string Console::last_line(std::initializer_list<std::string_view> words) const {
    std::string_view last;
    std::string_view chosen;
    std::string_view rest = text_;
    while (!rest.empty()) {
        const auto end = rest.find('\n');
        auto line = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
        while (line.ends_with('\r') || line.ends_with(' ')) line.remove_suffix(1);
        if (line.empty()) continue;
        last = line;
        for (const auto word : words)
            if (line.find(word) != std::string_view::npos) chosen = line;
    }
    return printable(chosen.empty() ? last : chosen);
}

}  // namespace hallmark::boot
