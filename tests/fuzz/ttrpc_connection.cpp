// SPDX-License-Identifier: Apache-2.0
// Attacker: a process in the guest that may connect to a daemon's socket, and sends what it likes.
// Size cap: 64 KiB; more than a frame's header says, and less than a socket holds while nobody reads.
#include "agent/ttrpc/connection.hpp"

#include <sys/socket.h>

#include "common/socket_pair.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/ttrpc_echo.hpp"

namespace hallmark::fuzz {
namespace {

using namespace ttrpc;

std::vector<Bytes> seeds() {
    Bytes two = request_frame(1, "test.Echo", "Echo", as_bytes("payload"), std::chrono::seconds(50));
    append(two, request_frame(3, "test.Echo", "Double", as_bytes("payload"), {}));
    Bytes oversized = begin_frame(1, Type::kRequest, 200);
    oversized[0] = 0x01;
    Bytes opening = request_frame(5, "test.Echo", "Fail", as_bytes("why"), {});
    opening[9] = kRemoteOpen;
    append(opening, begin_frame(5, Type::kData, 4));
    Bytes many;
    for (std::uint32_t stream = 1; stream < 20; stream += 2)
        append(many, request_frame(stream, "test.Echo", "Echo", as_bytes("x"), {}));
    return {two,       many,    request_frame(7, "test.Nobody", "Nothing", {}, {}),
            oversized, opening, begin_frame(1, Type::kResponse, 0)};
}

std::size_t receive_all(int socket, FrameDecoder& decoder) {
    std::size_t frames = 0;
    for (;;) {
        const auto room = decoder.room();
        const auto got = ::recv(socket, room.data(), room.size(), MSG_DONTWAIT);
        if (got <= 0) return frames;
        const auto frame = decoder.filled(static_cast<std::size_t>(got));
        if (!frame) continue;
        require(frame->type == Type::kResponse && !frame->oversized(), "a caller gets nothing but answers");
        // INTERNAL is how decode_response() says that it can't be read; no method of ours answers so.
        const auto answer = decode_response(frame->data.bytes());
        require(answer || answer.error().code != Code::kInternal, "an answer can be read");
        ++frames;
    }
}

void attempt(ByteSpan input) {
    static const Methods kMethods = test::echo_methods();
    static const Limits kLimits{.outstanding = 4, .buffered = 64U << 10};
    auto sockets = SocketPair::make();
    require(sockets.has_value(), "sockets");
    require(
        ::send(sockets->theirs.get(), input.data(), input.size(), MSG_DONTWAIT) == static_cast<ssize_t>(input.size()),
        "the input fits");
    const int caller = sockets->theirs.get();
    Connection connection(std::move(sockets->ours), kMethods, kLimits);
    FrameDecoder answers;
    std::size_t answered = 0;
    for (bool more = true; more;) {
        if (!connection.read() || !connection.write()) return;
        std::size_t taken = 0;
        while (auto call = connection.take()) {
            require(++taken <= kLimits.outstanding, "no more calls are held than allowed");
            connection.answer(call->stream, response_frame(call->stream, Secret()));
        }
        if (!connection.write()) return;
        const auto frames = receive_all(caller, answers);
        answered += frames;
        more = taken > 0 || frames > 0;
    }
    require(answered <= input.size() / sizeof(Header), "there are no more answers than frames");
}

}  // namespace

const Target kTarget{.largest = 64U << 10, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
