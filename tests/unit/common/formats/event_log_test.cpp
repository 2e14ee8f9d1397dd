// SPDX-License-Identifier: Apache-2.0
#include "common/formats/event_log.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "common/base64.hpp"
#include "common/file.hpp"
#include "common/hex.hpp"
#include "common/json.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_event_log.hpp"
#include "tests/support/vectors.hpp"

namespace hallmark::event_log {
namespace {

using namespace hallmark::test;

template <class T>
Bytes changed(Bytes log, std::size_t offset, T value) {
    const Le<T> field = value;
    std::memcpy(log.data() + offset, &field, sizeof field);
    return log;
}

TEST(EventLog, ReadsRecordsWithoutCopies) {
    const auto bytes = event_log_sample();
    const auto log = parse_event_log(bytes, "log");
    ASSERT_TRUE(log) << log.error().message;
    ASSERT_EQ(log->banks.size(), 2U);
    EXPECT_EQ(log->banks[0].algorithm, Algorithm::kSha256);
    EXPECT_EQ(log->banks[1].digest_size, 48U);
    EXPECT_TRUE(equal(log->vendor_info, as_bytes("vendor")));
    EXPECT_EQ(log->first_register, 0U);
    EXPECT_EQ(log->size, bytes.size());
    ASSERT_EQ(log->events.size(), 2U);
    const auto& separator = log->events[1];
    EXPECT_EQ(separator.register_index, 7U);
    EXPECT_EQ(separator.type, EventType::kSeparator);
    // The banks' order, whatever the record's.
    EXPECT_EQ(separator.digests[0][0], 3);
    EXPECT_EQ(separator.digests[1][0], 4);
    EXPECT_TRUE(separator.digests[2].empty());
    EXPECT_EQ(separator.data.size(), 4U);
    EXPECT_EQ(separator.data.data() + 4, bytes.data() + bytes.size());
    EXPECT_EQ(log->events[0].offset, kLogEvents);
}

TEST(EventLog, EndsWhereFillingBegins) {
    for (const auto filling : {std::uint8_t{0}, std::uint8_t{0xff}})
        for (const std::size_t size : {1, 3, 4, 12, 1000}) {
            auto bytes = event_log_sample();
            const auto end = bytes.size();
            bytes.resize(end + size, filling);
            const auto log = parse_event_log(bytes, "log");
            ASSERT_TRUE(log) << log.error().message;
            EXPECT_EQ(log->size, end);
            EXPECT_EQ(log->events.size(), 2U);
        }
}

TEST(EventLog, RefusesWhatStandsBehindTheEnd) {
    for (const auto filling : {std::uint8_t{0}, std::uint8_t{0xff}}) {
        auto bytes = event_log_sample();
        bytes.resize(bytes.size() + 100, filling);
        bytes.back() = 1;
        expect_error(parse_event_log(bytes, "log"), {"log: offset 0x", "behind"});
    }
}

TEST(EventLog, EveryCutIsSeen) {
    const auto bytes = event_log_sample();
    const auto second = parse_event_log(bytes, "log")->events[1].offset;
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_EQ(parse_event_log(ByteSpan(bytes).first(size), "log").has_value(), size == kLogEvents || size == second)
            << size;
}

TEST(EventLog, RefusesAnotherForm) {
    expect_error(parse_event_log(changed(event_log_sample(), 4, std::uint32_t{8}), "log"), {"offset 0x0", "0x8"});
    expect_error(parse_event_log(changed(event_log_sample(), kLogSignature + 14, std::uint8_t{'2'}), "log"),
                 {"offset 0x20", "older form"});
    EXPECT_TRUE(is_event_log(event_log_sample()));
    EXPECT_TRUE(is_event_log(changed(event_log_sample(), kLogSignature + 14, std::uint8_t{'2'})));
    EXPECT_FALSE(is_event_log(changed(event_log_sample(), 4, std::uint32_t{8})));
    EXPECT_FALSE(is_event_log({}));
}

TEST(EventLog, RefusesBanksThatContradictTheSpecification) {
    const auto log = event_log_sample();
    for (const std::uint32_t count : {0U, 9U, 0xffffffffU})
        expect_error(parse_event_log(changed(log, kLogBankCount, count), "log"), {"offset 0x38", "algorithms"});
    expect_error(parse_event_log(changed(log, kLogBanks + 2, std::uint16_t{48}), "log"),
                 {"offset 0x3c", "0x000b", "48 bytes, expected 32"});
    expect_error(parse_event_log(changed(log, kLogBanks + 4, std::uint16_t{0xb}), "log"), {"offset 0x40"});
    expect_error(parse_event_log(log_start({{0xb, 32}, {0xb, 32}}), "log"), {"offset 0x40", "twice"});
    expect_error(parse_event_log(changed(log, kLogVendorSize, std::uint8_t{5}), "log"), {"1 bytes left over"});
}

TEST(EventLog, RefusesDigestsThatAreNotOfItsBanks) {
    const auto log = event_log_sample();
    for (const std::uint32_t count : {0U, 3U, 0xffffffffU})
        expect_error(parse_event_log(changed(log, kLogEvents + 8, count), "log"), {"offset 0x4b", "digests"});
    for (const auto algorithm : {std::uint16_t{0x4}, std::uint16_t{0xc}})
        EXPECT_FALSE(parse_event_log(changed(log, kLogEvents + 12, algorithm), "log"));
}

TEST(EventLog, RefusesDataThatRunsOut) {
    auto log = event_log_sample();
    expect_error(parse_event_log(changed(log, log.size() - 8, std::uint32_t{5}), "log"), {"4 bytes left, expected 5"});
    expect_error(parse_event_log(changed(log, log.size() - 8, std::uint32_t{0xffffffff}), "log"), {"4294967295"});
    expect_error(parse_event_log(Bytes(kLargestLog + 1), "log"), {"4194305 bytes"});
}

/// A real log and what another project's tool reads in it (confidential-containers/trustee).
TEST(EventLog, ReadsARealLogAsAnotherToolDoes) {
    HALLMARK_VECTOR(path, "intel-tdx/CCEL_data_ovmf");
    HALLMARK_VECTOR(expected_path, "intel-tdx/CCEL_data_ovmf_out.json");
    const auto bytes = read_file(path, kLargestLog);
    ASSERT_TRUE(bytes);
    const auto log = parse_event_log(*bytes, "CCEL");
    ASSERT_TRUE(log) << log.error().message;
    EXPECT_EQ(log->first_register, 1U);
    const auto document = read_json(expected_path, 1 << 20);
    ASSERT_TRUE(document);
    const Json& expected = (*document)["uefi_event_logs"];
    ASSERT_EQ(log->events.size(), expected.size());
    ASSERT_EQ(log->events.size(), 20U);
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const auto& event = log->events[i];
        EXPECT_EQ(event.register_index, expected[i]["index"].get<std::uint32_t>());
        EXPECT_EQ(event_type_name(event.type), expected[i]["type_name"].get<std::string>());
        EXPECT_EQ(to_hex(event.digests[0]), expected[i]["digests"][0]["digest"].get<std::string>());
        EXPECT_EQ(to_base64(event.data), expected[i]["event"].get<std::string>());
    }
}

TEST(EventLog, NamesWhatItKnows) {
    EXPECT_EQ(event_type_name(EventType::kEfiVariableAuthority), "EV_EFI_VARIABLE_AUTHORITY");
    EXPECT_EQ(event_type_name(EventType{0x80000fff}), "0x80000fff");
    EXPECT_EQ(algorithm_name(Algorithm::kSm3), "sm3_256");
    EXPECT_FALSE(algorithm_name(Algorithm{0x10}));
}

}  // namespace
}  // namespace hallmark::event_log
