// SPDX-License-Identifier: Apache-2.0
#include "common/formats/event_log_writer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "common/file.hpp"
#include "tests/support/vectors.hpp"

namespace hallmark::event_log {
namespace {

TEST(EncodeGuestLog, WritesARealGuestsLogAsItsFirmwareDid) {
    HALLMARK_VECTOR(path, "intel-tdx/CCEL_data_ovmf");
    const auto file = read_file(path, kLargestLog).value();
    const auto log = parse_event_log(file, "CCEL").value();
    const auto bank = log.bank(Algorithm::kSha384);
    ASSERT_TRUE(bank);
    std::vector<Record> records;
    for (const auto& event : log.events) {
        Record& record = records.emplace_back(event.register_index, event.type);
        std::ranges::copy(event.digests.at(*bank), record.digest.begin());
        record.data.assign(event.data.begin(), event.data.end());
    }
    EXPECT_EQ(records.size(), 20U);
    EXPECT_TRUE(equal(encode_guest_log(records), ByteSpan(file).first(log.size)));
}

TEST(EncodeGuestLog, WithoutRecordsIsStillALog) {
    const auto bytes = encode_guest_log({});
    const auto log = parse_event_log(bytes, "log");
    ASSERT_TRUE(log) << log.error().message;
    EXPECT_TRUE(log->events.empty());
    EXPECT_EQ(log->first_register, 1U);
}

}  // namespace
}  // namespace hallmark::event_log
