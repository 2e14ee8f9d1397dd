// SPDX-License-Identifier: Apache-2.0
// Attacker: the guest, which hands in the log with its evidence, and a host that writes one into a guest's memory.
// Size cap: 16 KiB; a record is 60 to 200 bytes.
#include "common/formats/event_log.hpp"

#include <array>

#include "common/formats/event_log_writer.hpp"
#include "common/formats/event_replay.hpp"
#include "common/formats/runtime_event.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/synthetic_event_log.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    auto filled = test::event_log_sample();
    filled.resize(filled.size() + 100, 0xff);
    auto with_zeros = test::event_log_sample();
    with_zeros.resize(with_zeros.size() + 100);
    auto many = test::log_start({{0x4, 20}, {0xb, 32}, {0xc, 48}, {0xd, 64}, {0x12, 32}});
    test::append_event(many, {0, 3, {{0x4, Bytes(20)}}, std::string_view("StartupLocality\0\3", 17)});
    test::append_event(many, {0, 8, {{0x4, Bytes(20, 1)}, {0xd, Bytes(64, 1)}}, "version"});
    const std::array runtime = {runtime_event::record_of(4, "INIT sha384/00"), runtime_event::record_of(4, "a b c")};
    return {test::event_log_sample(), filled, with_zeros, many, event_log::encode_guest_log(runtime)};
}

void attempt(ByteSpan input) {
    const auto log = event_log::parse_event_log(input, "input");
    if (!log) return;
    require(event_log::is_event_log(input), "what is read begins as a log does");
    require(log->size <= input.size(), "the log lies in the input");
    std::size_t at = 0;
    for (const auto& event : log->events) {
        require(event.offset > at && event.offset < log->size, "records follow each other");
        at = event.offset;
        for (std::size_t i = 0; i < event.digests.size(); ++i)
            require(event.digests[i].empty() ||
                        (i < log->banks.size() && event.digests[i].size() == log->banks[i].digest_size),
                    "a digest is of its bank");
        if (const auto text = runtime_event::text_in(event.data))
            require(equal(runtime_event::record_of(event.register_index, *text).data, event.data),
                    "a runtime event is written as it was read");
    }
    for (const auto& bank : log->banks)
        if (const auto registers = event_log::replay(*log, bank.algorithm, "input"); registers)
            for (const auto& [index, value] : *registers)
                require(value.size() == bank.digest_size, "a register is of its bank");
}

}  // namespace

const Target kTarget{.largest = 16 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
