// SPDX-License-Identifier: Apache-2.0
// Event logs for tests: valid ones from parameters, of which a test breaks one field.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "common/bytes.hpp"
#include "common/endian.hpp"

namespace hallmark::test {

struct LogEvent {
    std::uint32_t register_index;
    std::uint32_t type;
    std::vector<std::pair<std::uint16_t, Bytes>> digests;
    std::string_view data;
};

template <class T>
void append_number(Bytes& to, T value) {
    append(to, as_bytes(Le<T>(value)));
}

// Where things stand in a log that begins with log_start() of two banks.
constexpr std::size_t kLogSignature = 32;
constexpr std::size_t kLogBankCount = 32 + 24;
constexpr std::size_t kLogBanks = kLogBankCount + 4;
constexpr std::size_t kLogVendorSize = kLogBanks + 8;
constexpr std::size_t kLogEvents = kLogVendorSize + 1 + 6;

/// The first record: which banks there are, as algorithm and size, and a vendor of six letters.
inline Bytes log_start(const std::vector<std::pair<std::uint16_t, std::uint16_t>>& banks = {{0xb, 32}, {0xc, 48}}) {
    Bytes log;
    append_number(log, std::uint32_t{0});
    append_number(log, std::uint32_t{3});
    log.resize(28);
    append_number(log, static_cast<std::uint32_t>(28 + 4 * banks.size() + 1 + 6));
    append(log, as_bytes(std::string_view("Spec ID Event03\0\0\0\0\0\0\2\0\2", 24)));
    append_number(log, static_cast<std::uint32_t>(banks.size()));
    for (const auto& [algorithm, size] : banks) {
        append_number(log, algorithm);
        append_number(log, size);
    }
    log.push_back(6);
    append(log, as_bytes("vendor"));
    return log;
}

inline void append_event(Bytes& log, const LogEvent& event) {
    append_number(log, event.register_index);
    append_number(log, event.type);
    append_number(log, static_cast<std::uint32_t>(event.digests.size()));
    for (const auto& [algorithm, digest] : event.digests) {
        append_number(log, algorithm);
        append(log, digest);
    }
    append_number(log, static_cast<std::uint32_t>(event.data.size()));
    append(log, as_bytes(event.data));
}

/// Two banks and two events: an action in PCR 4, a separator in PCR 7.
inline Bytes event_log_sample() {
    auto log = log_start();
    append_event(log, {4, 0x80000007, {{0xb, Bytes(32, 1)}, {0xc, Bytes(48, 2)}}, "Calling"});
    append_event(log, {7, 4, {{0xc, Bytes(48, 4)}, {0xb, Bytes(32, 3)}}, std::string_view("\0\0\0\0", 4)});
    return log;
}

}  // namespace hallmark::test
