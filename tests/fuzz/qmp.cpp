// SPDX-License-Identifier: Apache-2.0
// Attacker: a guest that has broken into the QEMU at the other end of the monitor.
// Size cap: 64 KiB; a line may have 4 MiB, which a unit test tries.
#include "boot/qemu/qmp.hpp"

#include <algorithm>

#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    return {seed("{\"QMP\": {\"version\": {}, \"capabilities\": []}}\r\n{\"return\": {}, \"id\": 1}\r\n"
                 "{\"event\": \"SHUTDOWN\", \"data\": {\"guest\": true}}\r\n"),
            seed("{\"error\": {\"class\": \"GenericError\", \"desc\": \"no\"}, \"id\": 2}\n[]\n")};
}

/// The messages of a stream that comes in pieces, a line each, and what ended it.
std::string decode(std::string_view stream, std::size_t piece) {
    boot::QmpDecoder decoder;
    std::string messages;
    while (!stream.empty()) {
        decoder.add(stream.substr(0, piece));
        stream.remove_prefix(std::min(piece, stream.size()));
        Json message;
        for (;;) {
            const auto whole = decoder.next(message);
            if (!whole) return messages + "error: " + whole.error().message;
            if (!*whole) break;
            require(message.is_object(), "a message is an object");
            messages += to_text(message);
        }
    }
    return messages;
}

void attempt(ByteSpan input) {
    if (input.empty()) return;
    require(decode(text_of(input), input.size()) == decode(text_of(input), 7),
            "messages are the same, however they come");
}

}  // namespace

const Target kTarget{.largest = 64 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
