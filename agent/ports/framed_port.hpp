// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "agent/ports/deadline.hpp"
#include "common/descriptor.hpp"
#include "common/formats/guest_port.hpp"
#include "common/result.hpp"

namespace hallmark::guest {

/// A virtio-serial port that carries frames. Never blocks longer than a deadline: the host may be absent, slow or
/// hostile. A host that isn't connected is waited for like one that is silent.
class FramedPort {
public:
    /// Opens a device node. A port that another process has open (EBUSY) is waited for until the deadline.
    static Result<FramedPort> open(const std::string& path, Deadline deadline = {});

    /// Takes over a descriptor that is open for reading and writing without blocking; `name` names it in errors.
    FramedPort(FileDescriptor file, std::string name) : file_(std::move(file)), name_(std::move(name)) {}

    [[nodiscard]] int fd() const { return file_.get(); }
    [[nodiscard]] const std::string& name() const { return name_; }

    /// Whether the host has the other end open just now.
    [[nodiscard]] bool connected() const;

    /// The whole frame, or an error at the deadline. After an error the host may have got part of the frame.
    Status send(const guest_port::Frame& frame, Deadline deadline);

    /// Sends as much of a frame as the host takes now; the rest goes with flush(), or in front of the next frame.
    Status push(const guest_port::Frame& frame);
    /// Sends what the host takes now of what is left of the frames before.
    Status flush();
    /// Whether anything is left.
    [[nodiscard]] bool pending() const { return !outgoing_.empty(); }

    /// True and the next frame, or false at the deadline; a deadline that has passed takes what is there.
    /// Bytes that are no frame are an error, and every further call fails too, until discard().
    Result<bool> receive(guest_port::Frame& frame, Deadline deadline);

    /// Drops everything that has arrived, to begin anew.
    Status discard();

private:
    /// True if bytes were read into the decoder; false where none are there.
    Result<bool> fill();
    /// False once the deadline has passed.
    [[nodiscard]] bool wait(short events, Deadline deadline) const;

    FileDescriptor file_;
    std::string name_;
    guest_port::FrameDecoder decoder_;
    Bytes outgoing_{};
};

}  // namespace hallmark::guest
