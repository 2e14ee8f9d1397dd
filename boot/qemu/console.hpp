// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/file.hpp"

namespace hallmark::boot {

/// What comes out of a console: written to a file where one is named, and its last 64 KiB kept.
class Console {
public:
    Console() = default;
    explicit Console(FileDescriptor file) : file_(std::move(file)) {}

    /// Takes what has arrived on the socket, without waiting. False: closed by the other side.
    bool receive(int socket);

    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] bool says(std::string_view words) const { return text_.find(words) != std::string::npos; }
    /// Bytes that came so far.
    [[nodiscard]] std::uint64_t size() const { return size_; }
    /// The last line that contains one of these words, else the last line, with every byte that is not printable
    /// ASCII replaced: the guest writes what it likes.
    [[nodiscard]] std::string last_line(std::initializer_list<std::string_view> words = {}) const;

private:
    FileDescriptor file_;
    std::string text_;
    std::uint64_t size_ = 0;
};

}  // namespace hallmark::boot
