// SPDX-License-Identifier: Apache-2.0
#include "common/formats/event_replay.hpp"

#include <gtest/gtest.h>

#include "common/digest.hpp"
#include "common/file.hpp"
#include "common/hex.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_event_log.hpp"
#include "tests/support/vectors.hpp"

namespace hallmark::event_log {
namespace {

using namespace hallmark::test;

/// The registers that the tests of confidential-containers/trustee expect of this log.
TEST(EventReplay, GivesTheRegistersOfARealLog) {
    HALLMARK_VECTOR(path, "intel-tdx/CCEL_data_ovmf");
    const auto bytes = read_file(path, kLargestLog);
    ASSERT_TRUE(bytes);
    const auto log = parse_event_log(*bytes, "CCEL");
    ASSERT_TRUE(log) << log.error().message;
    const auto registers = replay(*log, Algorithm::kSha384, "CCEL");
    ASSERT_TRUE(registers) << registers.error().message;
    ASSERT_EQ(registers->size(), 3U);
    EXPECT_EQ(to_hex(registers->at(1)),
              "8566f998798db09443b244c62de9a3041fb02e2e6936c4396d784bba2e90177329ec5aba3bb484404f2ab9cc90abe193");
    EXPECT_EQ(to_hex(registers->at(2)),
              "775b9f6bfe99f8a31396f0d0218e67ffa796d3b96ccf961cbb0deba48c79c00f082cda1a5567c1c16305f1fc210c13c6");
    EXPECT_EQ(to_hex(registers->at(3)),
              "94eaf7a7bf398ed8d888c91057ae0261802e4f3df084213a76ca7f0b5055ac9d2241de43cd58d9e8b49c503bbf25f34a");
    expect_error(replay(*log, Algorithm::kSha256, "CCEL"), {"CCEL: no bank sha256"});
}

TEST(EventReplay, ExtendsEveryBank) {
    const auto bytes = event_log_sample();
    const auto log = parse_event_log(bytes, "log");
    ASSERT_TRUE(log);
    const auto small = replay(*log, Algorithm::kSha256, "log");
    ASSERT_TRUE(small);
    Bytes input(32);
    append(input, Bytes(32, 1));
    EXPECT_EQ(to_hex(small->at(4)), to_hex(sha256(input)));
    const auto large = replay(*log, Algorithm::kSha384, "log");
    ASSERT_TRUE(large);
    EXPECT_EQ(large->size(), 2U);
    EXPECT_EQ(large->at(7).size(), 48U);
}

/// Python's hashlib: sha1(bytes(40)), sha512(bytes(128)).
TEST(EventReplay, KnowsTheOtherAlgorithms) {
    const auto sha1 = extend(Algorithm::kSha1, Bytes(20), Bytes(20));
    ASSERT_TRUE(sha1);
    EXPECT_EQ(to_hex(*sha1), "b80de5d138758541c5f05265ad144ab9fa86d1db");
    const auto sha512 = extend(Algorithm::kSha512, Bytes(64), Bytes(64));
    ASSERT_TRUE(sha512);
    EXPECT_EQ(to_hex(*sha512),
              "ab942f526272e456ed68a979f50202905ca903a141ed98443567b11ef0bf25a552d639051a01be58558122c58e3de07d749ee59d"
              "ed36acf0c55cd91924d6ba11");
    expect_error(extend(Algorithm::kSm3, Bytes(32), Bytes(32)), {"sm3_256"});
    expect_error(extend(Algorithm::kSha256, Bytes(32), Bytes(20)), {"digest of 20 bytes"});
}

TEST(EventReplay, LeavesOutWhatIsOnlyInformation) {
    auto bytes = event_log_sample();
    append_event(bytes, {4, 3, {{0xb, Bytes(32, 9)}, {0xc, Bytes(48, 9)}}, "note"});
    const auto log = parse_event_log(bytes, "log");
    const auto before = event_log_sample();
    EXPECT_EQ(*replay(*log, Algorithm::kSha384, "log"),
              *replay(*parse_event_log(before, "log"), Algorithm::kSha384, "log"));
}

TEST(EventReplay, StartsPcr0AtTheLocality) {
    auto bytes = log_start();
    append_event(bytes, {0, 3, {{0xb, Bytes(32)}, {0xc, Bytes(48)}}, std::string_view("StartupLocality\0\3", 17)});
    append_event(bytes, {0, 8, {{0xb, Bytes(32, 1)}, {0xc, Bytes(48, 1)}}, "1"});
    Bytes input(32);
    input.back() = 3;
    append(input, Bytes(32, 1));
    const auto registers = replay(*parse_event_log(bytes, "log"), Algorithm::kSha256, "log");
    ASSERT_TRUE(registers);
    EXPECT_EQ(to_hex(registers->at(0)), to_hex(sha256(input)));
}

TEST(EventReplay, RefusesABankThatAnEventLacks) {
    auto bytes = event_log_sample();
    append_event(bytes, {4, 4, {{0xb, Bytes(32, 9)}}, ""});
    const auto log = parse_event_log(bytes, "log");
    ASSERT_TRUE(log) << log.error().message;
    EXPECT_TRUE(replay(*log, Algorithm::kSha256, "log"));
    expect_error(replay(*log, Algorithm::kSha384, "log"), {"offset 0x", "no digest of sha384"});
}

}  // namespace
}  // namespace hallmark::event_log
