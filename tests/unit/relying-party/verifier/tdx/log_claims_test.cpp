// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/tdx/log_claims.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/file.hpp"
#include "common/formats/event_log_writer.hpp"
#include "common/hex.hpp"
#include "relying-party/verifier/tdx/guest_log.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/vectors.hpp"

namespace hallmark::verifier {
namespace {

using event_log::EventType;
using event_log::Record;

/// Where an image of that path was loaded from, as edk2 writes it.
Bytes image_load(std::string_view file) {
    Bytes data(24);
    Bytes name;
    for (const char c : file) append(name, Bytes{static_cast<std::uint8_t>(c), 0});
    append(name, Bytes{0, 0});
    Bytes path{4, 4, static_cast<std::uint8_t>(4 + name.size()), 0};
    append(path, name);
    append(path, Bytes{0x7f, 0xff, 4, 0});
    append(data, as_bytes(Le64(path.size())));
    append(data, path);
    return data;
}

Record kernel(std::uint8_t byte, std::uint32_t index = 2, std::string_view file = "kernel") {
    Record record{.register_index = index, .type = EventType::kEfiBootServicesApplication, .data = image_load(file)};
    record.digest.fill(byte);
    return record;
}

Record parameters(std::uint8_t byte) {
    Bytes data = from_hex("ed223b8f1a0000004c4f414445445f494d4147453a3a4c6f61644f7074696f6e7300").value();
    Record record{.register_index = 3, .type = EventType::kEventTag, .data = std::move(data)};
    record.digest.fill(byte);
    return record;
}

Json claims_of(const std::vector<Record>& records) {
    const Bytes bytes = event_log::encode_guest_log(records);
    const auto log = event_log::parse_event_log(bytes, "log").value();
    Json claims = Json::object();
    const auto added = add_log_claims(log, "log", claims);
    EXPECT_TRUE(added) << added.error().message;
    return claims;
}

TEST(LogClaims, AreWhatTrusteeSays) {
    HALLMARK_VECTOR(path, "intel-tdx/CCEL_data_ovmf");
    HALLMARK_VECTOR(answer, "intel-tdx/CCEL_data_ovmf_out.json");
    const Bytes bytes = read_file(path, event_log::kLargestLog).value();
    const auto log = event_log::parse_event_log(bytes, "log");
    ASSERT_TRUE(log) << log.error().message;
    Json claims = Json::object();
    ASSERT_TRUE(add_log_claims(*log, "log", claims));
    Json expected = read_json(answer, 1 << 20).value()["uefi_event_logs"];
    for (auto& event : expected) event.erase("event");  // the raw data, which nobody compares
    EXPECT_EQ(nlohmann::json::parse(claims["uefi_event_logs"].dump()), nlohmann::json::parse(expected.dump()));
    // The two digests that Trustee's default policy looks for in that list.
    EXPECT_EQ(claims["tdvfkernel"],
              "a2ccae1e7d6c668ca325bb09c882d8ce44d26d714ba6f58d2e8083fe291a704646afe24a2368bca3341728d78ec80a80");
    EXPECT_EQ(claims["tdvfkernelparams"],
              "4230f84885a6f3f305e91a1955045398bd9edd8ffd2aaf2aab8ad3ac53476c4ac82a3675ef559c4ae949a06e84119fc2");
}

// RTMR0 to RTMR2 of that log: confidential-containers/trustee, deps/eventlog, test_rtmr_integrity.
TEST(LogClaims, AreOfALogThatReplays) {
    HALLMARK_VECTOR(path, "intel-tdx/CCEL_data_ovmf");
    const Bytes bytes = read_file(path, event_log::kLargestLog).value();
    const auto log = event_log::parse_event_log(bytes, "log").value();
    std::array<tdx::Measurement, 4> rtmrs{};
    const std::array<const char*, 3> kValues = {
        "8566f998798db09443b244c62de9a3041fb02e2e6936c4396d784bba2e90177329ec5aba3bb484404f2ab9cc90abe193",
        "775b9f6bfe99f8a31396f0d0218e67ffa796d3b96ccf961cbb0deba48c79c00f082cda1a5567c1c16305f1fc210c13c6",
        "94eaf7a7bf398ed8d888c91057ae0261802e4f3df084213a76ca7f0b5055ac9d2241de43cd58d9e8b49c503bbf25f34a"};
    for (std::size_t n = 0; n < kValues.size(); ++n)
        std::ranges::copy(from_hex(kValues.at(n)).value(), rtmrs.at(n).begin());
    const auto replays = check_replay(log, rtmrs, "log");
    EXPECT_TRUE(replays) << replays.error().message;
    rtmrs[3].fill(1);  // of which the log says nothing
    EXPECT_TRUE(check_replay(log, rtmrs, "log"));
    EXPECT_FALSE(check_guest_log(bytes, rtmrs));
}

TEST(LogClaims, AreOfOneKernelOnly) {
    const auto once = claims_of({kernel(1), parameters(2)});
    EXPECT_EQ(once["tdvfkernel"], to_hex(Bytes(48, 1)));
    EXPECT_EQ(once["tdvfkernelparams"], to_hex(Bytes(48, 2)));
    const auto twice = claims_of({kernel(1), kernel(3), parameters(2), parameters(2)});
    EXPECT_FALSE(twice.contains("tdvfkernel"));
    EXPECT_FALSE(twice.contains("tdvfkernelparams"));
    EXPECT_FALSE(claims_of({kernel(1, 3)}).contains("tdvfkernel"));
    EXPECT_FALSE(claims_of({kernel(1, 2, "grub")}).contains("tdvfkernel"));
}

TEST(LogClaims, DataThatIsMalformedSaysNothing) {
    for (const auto& data : {Bytes{}, Bytes(31), Bytes(40, 0xff), Bytes{1, 2, 3}}) {
        for (const auto type : {EventType::kEfiBootServicesApplication, EventType::kEfiVariableBoot,
                                EventType::kEfiHandoffTables2, EventType::kEventTag, EventType::kEfiAction}) {
            const auto claims = claims_of({{.register_index = 1, .type = type, .data = data}});
            ASSERT_EQ(claims["uefi_event_logs"].size(), 1U);
            EXPECT_TRUE(claims["uefi_event_logs"][0]["details"].is_object());
        }
    }
}

TEST(LogClaims, HaveABound) {
    const std::vector<Record> records(kMostEvents + 1, Record{.register_index = 1, .type = EventType::kAction});
    const Bytes bytes = event_log::encode_guest_log(records);
    const auto log = event_log::parse_event_log(bytes, "log").value();
    Json claims;
    test::expect_error(add_log_claims(log, "log", claims), {"4097 events"}, Fault::kNo);
}

}  // namespace
}  // namespace hallmark::verifier
