// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/tdx/guest_log.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "common/digest.hpp"
#include "common/formats/event_log_writer.hpp"

namespace hallmark::verifier {
namespace {

using event_log::EventType;
using event_log::Record;
using Rtmrs = std::array<tdx::Measurement, 4>;

Record record(std::uint32_t index, std::uint8_t byte) {
    Record record{.register_index = index, .type = EventType::kAction};
    record.digest.fill(byte);
    return record;
}

/// SHA-384 of 48 zeros and the digest: a register that was extended once.
Sha384 once(std::uint8_t byte) {
    Bytes bytes(48);
    bytes.resize(96, byte);
    return sha384(bytes);
}

Rtmrs rtmrs() { return {once(1), once(2), {}, once(4)}; }
Bytes log(const std::vector<Record>& records) { return event_log::encode_guest_log(records); }
Bytes honest() { return log({record(1, 1), record(2, 2), record(4, 4)}); }

TEST(GuestLog, ReplaysToTheRegisters) {
    const auto holds = check_guest_log(honest(), rtmrs());
    EXPECT_TRUE(holds) << holds.error().message;
}

TEST(GuestLog, EveryRegisterCounts) {
    for (std::size_t n = 0; n < 4; ++n) {
        Rtmrs other = rtmrs();
        other.at(n)[17] ^= 1;
        const auto holds = check_guest_log(honest(), other);
        ASSERT_FALSE(holds) << n;
        EXPECT_NE(holds.error().message.find("RTMR" + std::to_string(n)), std::string::npos) << holds.error().message;
    }
}

TEST(GuestLog, NothingIsLeftOutOrAdded) {
    EXPECT_FALSE(check_guest_log(log({record(1, 1), record(2, 2)}), rtmrs()));
    EXPECT_FALSE(check_guest_log(log({record(1, 1), record(2, 2), record(4, 4), record(3, 3)}), rtmrs()));
    EXPECT_FALSE(check_guest_log({}, rtmrs()));
}

TEST(GuestLog, HasNoRegisterThatAQuoteLacks) {
    for (const std::uint32_t index : {0U, 5U, 0x7fffffffU}) {
        auto records = std::vector{record(1, 1), record(2, 2), record(4, 4), record(index, 9)};
        const auto holds = check_guest_log(log(records), rtmrs());
        ASSERT_FALSE(holds) << index;
        EXPECT_NE(holds.error().message.find("extends register " + std::to_string(index)), std::string::npos);
    }
}

}  // namespace
}  // namespace hallmark::verifier
