// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <utility>

#include "agent/ttrpc/envelope.hpp"
#include "agent/ttrpc/frame.hpp"
#include "agent/ttrpc/limits.hpp"
#include "agent/ttrpc/methods.hpp"
#include "common/bytes.hpp"
#include "common/deadline.hpp"
#include "common/descriptor.hpp"
#include "common/secret.hpp"

namespace hallmark::ttrpc {

/// A call that waits for a worker.
struct WaitingCall {
    std::uint32_t stream = 0;
    const Handler* handler = nullptr;
    IncomingCall call;
};

/// One caller: takes frames apart, answers what needs no handler, holds what waits to be handled or sent, in bounds.
class Connection {
public:
    /// `socket` doesn't block; `methods` and `limits` outlive this.
    Connection(FileDescriptor socket, const Methods& methods, const Limits& limits)
        : socket_(std::move(socket)), methods_(methods), limits_(limits) {}

    [[nodiscard]] int fd() const { return socket_.get(); }
    /// What poll(2) is to wait for.
    [[nodiscard]] short events() const;
    /// When the caller has been too slow; max while nothing is due.
    [[nodiscard]] Deadline due() const { return std::min(frame_due_, sent_due_); }

    /// Reads what is there and is in bounds. False where the caller is gone or breaks the protocol.
    [[nodiscard]] bool read();
    /// Sends what the caller takes. False where it is gone.
    [[nodiscard]] bool write();

    /// The next call for a worker, if there is one and the caller takes its answers.
    std::optional<WaitingCall> take();
    /// The frame that answers a call which was taken.
    void answer(std::uint32_t stream, Bytes frame);

private:
    [[nodiscard]] bool reads() const;
    [[nodiscard]] bool accept(const Frame& frame);
    void refuse(std::uint32_t stream, Failure failure);
    void send(Bytes frame);

    FileDescriptor socket_;
    const Methods& methods_;
    const Limits& limits_;

    FrameDecoder decoder_;
    Deadline frame_due_ = Deadline::max();  ///< when the frame that arrives must be whole

    std::deque<WaitingCall> waiting_;
    std::size_t waiting_size_ = 0;     ///< of their payloads
    std::set<std::uint32_t> streams_;  ///< of all calls that are not answered

    std::deque<Secret> sending_;
    std::size_t sending_size_ = 0;  ///< of all of them
    std::size_t sent_ = 0;          ///< of the first one
    Deadline sent_due_ = Deadline::max();
};

}  // namespace hallmark::ttrpc
