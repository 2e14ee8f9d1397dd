// SPDX-License-Identifier: Apache-2.0
// Source: QEMU 11.1 documentation, "QEMU Machine Protocol Specification" (interop/qmp-spec).
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "common/deadline.hpp"
#include "common/file.hpp"
#include "common/json.hpp"

namespace hallmark::boot {

/// Messages of QMP out of a stream of bytes: one JSON object a line.
class QmpDecoder {
public:
    void add(std::string_view text) { buffer_ += text; }
    /// True and the next message, or false where more bytes are needed. A line that is not a JSON object, or longer
    /// than 4 MiB, is an error.
    Result<bool> next(Json& message);

private:
    std::string buffer_;
};

/// The monitor of a running QEMU, over a socket.
class Qmp {
public:
    /// Waits for the greeting and leaves the negotiation mode.
    static Result<Qmp> connect(FileDescriptor socket, Deadline deadline);

    /// Runs a command and returns its answer ("return"); QEMU's own refusal is an error with its text.
    Result<Json> execute(std::string_view command, Json arguments, Deadline deadline);
    /// Runs a command of the human monitor and returns what it prints.
    Result<std::string> human(std::string_view command_line, Deadline deadline);

    /// Takes in what has arrived, without waiting. False: QEMU closed the monitor.
    Result<bool> receive();
    /// Events that came so far, oldest first; whoever reads one removes it.
    std::deque<Json>& events() { return events_; }

    [[nodiscard]] int descriptor() const { return socket_.get(); }

private:
    explicit Qmp(FileDescriptor socket) : socket_(std::move(socket)) {}
    Result<Json> next_answer(Deadline deadline);

    FileDescriptor socket_;
    QmpDecoder decoder_;
    std::deque<Json> events_;
    std::deque<Json> answers_;
    std::uint64_t last_id_ = 0;
};

}  // namespace hallmark::boot
