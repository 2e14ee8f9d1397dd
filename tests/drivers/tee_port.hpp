// SPDX-License-Identifier: Apache-2.0
// A terminal in the place of the virtio-serial port of a security processor.
#pragma once

#include <poll.h>
#include <pty.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <functional>

#include "common/descriptor.hpp"
#include "common/formats/guest_port.hpp"

namespace hallmark {

inline Status write_all(int file, ByteSpan bytes) {
    while (!bytes.empty()) {
        const auto count = ::write(file, bytes.data(), bytes.size());
        if (count <= 0) return std::unexpected(system_error("port", Fault::kNo));
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return {};
}

using Answer = std::function<Result<guest_port::Frame>(const guest_port::Frame& request)>;

/// What comes from the guest, until standard input ends. One that is killed may leave a request behind, and the next
/// one gets that answer too.
inline Status answer_frames(int host, const Answer& answer) {
    guest_port::FrameDecoder decoder;
    std::array<std::uint8_t, 4096> block{};
    for (;;) {
        pollfd files[] = {{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0},
                          {.fd = host, .events = POLLIN, .revents = 0}};
        if (::poll(files, 2, -1) < 0) return std::unexpected(system_error("poll", Fault::kNo));
        if (files[0].revents != 0) return {};
        const auto count = ::read(host, block.data(), block.size());
        if (count <= 0) return std::unexpected(system_error("port", Fault::kNo));
        decoder.add(ByteSpan(block).first(static_cast<std::size_t>(count)));
        for (guest_port::Frame request;;) {
            HALLMARK_TRY(const bool whole, decoder.next(request));
            if (!whole) break;
            HALLMARK_TRY(const auto given, answer(request));
            HALLMARK_CHECK(write_all(host, guest_port::encode(given)));
        }
    }
}

/// Prints the path of the guest's end, and answers.
inline Status play_tee(const Answer& answer) {
    std::array<char, 128> name{};
    int host = -1;
    int guest = -1;
    termios raw{};
    ::cfmakeraw(&raw);
    if (::openpty(&host, &guest, name.data(), &raw, nullptr) != 0)
        return std::unexpected(system_error("openpty", Fault::kNo));
    // The guest's end stays open here, so that the terminal is not hung up while nobody asks.
    const FileDescriptor host_end(host);
    const FileDescriptor guest_end(guest);
    std::printf("%s\n", name.data());
    std::fflush(stdout);
    return answer_frames(host, answer);
}

}  // namespace hallmark
