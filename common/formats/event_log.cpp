// SPDX-License-Identifier: Apache-2.0
#include "common/formats/event_log.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "common/hex.hpp"
#include "common/reader.hpp"

namespace hallmark::event_log {
namespace {

constexpr std::string_view kSignature("Spec ID Event03\0", 16);
constexpr std::string_view kAnySignature = "Spec ID Event";
/// The first word of what stands behind the last record, where memory was filled with 0xff.
constexpr std::uint32_t kEndMark = 0xffffffff;

constexpr auto kAlgorithms = std::to_array<std::pair<Algorithm, std::string_view>>({
    {Algorithm::kSha1, "sha1"},
    {Algorithm::kSha256, "sha256"},
    {Algorithm::kSha384, "sha384"},
    {Algorithm::kSha512, "sha512"},
    {Algorithm::kSm3, "sm3_256"},
});

constexpr auto kEventTypes = std::to_array<std::pair<EventType, std::string_view>>({
    {EventType::kPrebootCert, "EV_PREBOOT_CERT"},
    {EventType::kPostCode, "EV_POST_CODE"},
    {EventType::kUnused, "EV_UNUSED"},
    {EventType::kNoAction, "EV_NO_ACTION"},
    {EventType::kSeparator, "EV_SEPARATOR"},
    {EventType::kAction, "EV_ACTION"},
    {EventType::kEventTag, "EV_EVENT_TAG"},
    {EventType::kCrtmContents, "EV_S_CRTM_CONTENTS"},
    {EventType::kCrtmVersion, "EV_S_CRTM_VERSION"},
    {EventType::kCpuMicrocode, "EV_CPU_MICROCODE"},
    {EventType::kPlatformConfigFlags, "EV_PLATFORM_CONFIG_FLAGS"},
    {EventType::kTableOfDevices, "EV_TABLE_OF_DEVICES"},
    {EventType::kCompactHash, "EV_COMPACT_HASH"},
    {EventType::kIpl, "EV_IPL"},
    {EventType::kIplPartitionData, "EV_IPL_PARTITION_DATA"},
    {EventType::kNonhostCode, "EV_NONHOST_CODE"},
    {EventType::kNonhostConfig, "EV_NONHOST_CONFIG"},
    {EventType::kNonhostInfo, "EV_NONHOST_INFO"},
    {EventType::kOmitBootDeviceEvents, "EV_OMIT_BOOT_DEVICE_EVENTS"},
    {EventType::kPostCode2, "EV_POST_CODE2"},
    {EventType::kEfiVariableDriverConfig, "EV_EFI_VARIABLE_DRIVER_CONFIG"},
    {EventType::kEfiVariableBoot, "EV_EFI_VARIABLE_BOOT"},
    {EventType::kEfiBootServicesApplication, "EV_EFI_BOOT_SERVICES_APPLICATION"},
    {EventType::kEfiBootServicesDriver, "EV_EFI_BOOT_SERVICES_DRIVER"},
    {EventType::kEfiRuntimeServicesDriver, "EV_EFI_RUNTIME_SERVICES_DRIVER"},
    {EventType::kEfiGptEvent, "EV_EFI_GPT_EVENT"},
    {EventType::kEfiAction, "EV_EFI_ACTION"},
    {EventType::kEfiPlatformFirmwareBlob, "EV_EFI_PLATFORM_FIRMWARE_BLOB"},
    {EventType::kEfiHandoffTables, "EV_EFI_HANDOFF_TABLES"},
    {EventType::kEfiPlatformFirmwareBlob2, "EV_EFI_PLATFORM_FIRMWARE_BLOB2"},
    {EventType::kEfiHandoffTables2, "EV_EFI_HANDOFF_TABLES2"},
    {EventType::kEfiVariableBoot2, "EV_EFI_VARIABLE_BOOT2"},
    {EventType::kEfiGptEvent2, "EV_EFI_GPT_EVENT2"},
    {EventType::kEfiHcrtmEvent, "EV_EFI_HCRTM_EVENT"},
    {EventType::kEfiVariableAuthority, "EV_EFI_VARIABLE_AUTHORITY"},
    {EventType::kEfiSpdmFirmwareBlob, "EV_EFI_SPDM_FIRMWARE_BLOB"},
    {EventType::kEfiSpdmFirmwareConfig, "EV_EFI_SPDM_FIRMWARE_CONFIG"},
    {EventType::kEfiSpdmDevicePolicy, "EV_EFI_SPDM_DEVICE_POLICY"},
    {EventType::kEfiSpdmDeviceAuthority, "EV_EFI_SPDM_DEVICE_AUTHORITY"},
});

std::string at_offset(const std::string& what, std::size_t offset) {
    return what + ": offset " + hex_number(offset) + ": ";
}

/// What the specification says of a known algorithm; the log says so too, and must not disagree.
std::optional<std::uint16_t> known_size(Algorithm algorithm) {
    switch (algorithm) {
        case Algorithm::kSha1:
            return 20;
        case Algorithm::kSha256:
        case Algorithm::kSm3:
            return 32;
        case Algorithm::kSha384:
            return 48;
        case Algorithm::kSha512:
            return 64;
    }
    return std::nullopt;
}

Result<Bank> read_bank(Reader& reader, const EventLog& log, const std::string& what) {
    const auto offset = reader.offset();
    HALLMARK_TRY(const auto entry, reader.structure<AlgorithmSize>());
    const Bank bank{Algorithm{entry.algorithm.get()}, entry.size};
    const auto expected = known_size(bank.algorithm);
    if (bank.digest_size == 0 || (expected && bank.digest_size != *expected))
        return bad_input(at_offset(what, offset) + "algorithm " + hex_number(entry.algorithm, 4) + " with digests of " +
                         std::to_string(bank.digest_size) + " bytes, expected " +
                         (expected ? std::to_string(*expected) : "1 or more"));
    if (log.bank(bank.algorithm))
        return bad_input(at_offset(what, offset) + "algorithm " + hex_number(entry.algorithm, 4) + " stands twice");
    return bank;
}

/// The data of the first record: which banks there are.
Status read_spec_id(ByteSpan data, std::size_t offset, EventLog& log, const std::string& what) {
    Reader reader(data, what, offset);
    HALLMARK_TRY(const auto header, reader.structure<SpecIdHeader>());
    if (std::string_view(header.signature.data(), header.signature.size()) != kSignature)
        return bad_input(
            at_offset(what, offset) +
            "a log of the older form, or of none; expected \"Spec ID Event03\", the form with several banks");
    if (header.algorithm_count == 0 || header.algorithm_count > kMostBanks)
        return bad_input(at_offset(what, offset + offsetof(SpecIdHeader, algorithm_count)) +
                         std::to_string(header.algorithm_count.get()) + " algorithms, expected 1 to " +
                         std::to_string(kMostBanks));
    for (std::uint32_t i = 0; i < header.algorithm_count; ++i) {
        HALLMARK_TRY(const Bank bank, read_bank(reader, log, what));
        log.banks.push_back(bank);
    }
    HALLMARK_TRY(const ByteSpan vendor_size, reader.bytes(1));
    HALLMARK_TRY(log.vendor_info, reader.bytes(vendor_size[0]));
    return reader.finished();
}

Status read_first_record(Reader& reader, EventLog& log, const std::string& what) {
    HALLMARK_TRY(const auto header, reader.structure<Sha1EventHeader>());
    if (EventType{header.type.get()} != EventType::kNoAction || !all_zero(header.digest))
        return bad_input(at_offset(what, 0) + "event of type " + hex_number(header.type) +
                         ", expected EV_NO_ACTION (0x3) without a digest; name an event log");
    log.first_register = header.register_index;
    const auto offset = reader.offset();
    HALLMARK_TRY(const ByteSpan data, reader.bytes(header.data_size));
    return read_spec_id(data, offset, log, what);
}

Status read_digests(Reader& reader, std::uint32_t count, const EventLog& log, Event& event, const std::string& what) {
    if (count == 0 || count > log.banks.size())
        return bad_input(at_offset(what, event.offset) + std::to_string(count) + " digests, expected 1 to " +
                         std::to_string(log.banks.size()) + ", as many as the log has banks");
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto offset = reader.offset();
        HALLMARK_TRY(const auto algorithm, reader.structure<Le16>());
        const auto bank = log.bank(Algorithm{algorithm.get()});
        if (!bank || !event.digests[*bank].empty())
            return bad_input(at_offset(what, offset) + "digest of algorithm " + hex_number(algorithm, 4) +
                             ", expected each of the log's banks once");
        HALLMARK_TRY(event.digests[*bank], reader.bytes(log.banks[*bank].digest_size));
    }
    return {};
}

Result<Event> read_event(Reader& reader, const EventLog& log, const std::string& what) {
    Event event;
    event.offset = reader.offset();
    HALLMARK_TRY(const auto header, reader.structure<EventHeader>());
    event.register_index = header.register_index;
    event.type = EventType{header.type.get()};
    HALLMARK_CHECK(read_digests(reader, header.digest_count, log, event, what));
    HALLMARK_TRY(const auto size, reader.structure<Le32>());
    HALLMARK_TRY(event.data, reader.bytes(size));
    return event;
}

bool all_ones(ByteSpan bytes) {
    return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0xff; });
}

/// Whether only filling is left. No record begins so: the register would be none, or it would have no digest.
Result<bool> at_end(ByteSpan rest, std::size_t offset, const std::string& what) {
    if (rest.empty()) return true;
    Le32 first;
    if (rest.size() < sizeof first) return all_zero(rest) || all_ones(rest);
    std::memcpy(&first, rest.data(), sizeof first);
    if (first == kEndMark && !all_ones(rest))
        return bad_input(at_offset(what, offset) + "the log ends, but something stands behind it, expected only 0xff");
    return first == kEndMark || all_zero(rest.first(std::min(rest.size(), sizeof(EventHeader))));
}

}  // namespace

std::optional<std::string_view> algorithm_name(Algorithm algorithm) {
    const auto* found = std::ranges::find(kAlgorithms, algorithm, &std::pair<Algorithm, std::string_view>::first);
    if (found == kAlgorithms.end()) return std::nullopt;
    return found->second;
}

std::string event_type_name(EventType type) {
    const auto* found = std::ranges::find(kEventTypes, type, &std::pair<EventType, std::string_view>::first);
    if (found == kEventTypes.end()) return hex_number(static_cast<std::uint32_t>(type), 8);
    return std::string(found->second);
}

std::optional<std::size_t> EventLog::bank(Algorithm algorithm) const {
    const auto found = std::ranges::find(banks, algorithm, &Bank::algorithm);
    if (found == banks.end()) return std::nullopt;
    return static_cast<std::size_t>(found - banks.begin());
}

bool is_event_log(ByteSpan bytes) {
    Reader reader(bytes, "");
    const auto header = reader.structure<Sha1EventHeader>();
    if (!header || EventType{header->type.get()} != EventType::kNoAction) return false;
    const auto signature = reader.bytes(kAnySignature.size());
    return signature && equal(*signature, as_bytes(kAnySignature));
}

Result<EventLog> parse_event_log(ByteSpan bytes, const std::string& what) {
    if (bytes.size() > kLargestLog)
        return bad_input(what + ": " + std::to_string(bytes.size()) + " bytes, expected at most " +
                         std::to_string(kLargestLog));
    EventLog log;
    Reader reader(bytes, what);
    HALLMARK_CHECK(read_first_record(reader, log, what));
    for (;;) {
        HALLMARK_TRY(const bool end, at_end(bytes.subspan(reader.offset()), reader.offset(), what));
        if (end) break;
        HALLMARK_TRY(Event event, read_event(reader, log, what));
        log.events.push_back(std::move(event));
    }
    log.size = reader.offset();
    if (!all_zero(bytes.subspan(log.size)) && !all_ones(bytes.subspan(log.size)))
        return bad_input(at_offset(what, log.size) +
                         "the log ends, but something stands behind it, expected only zeros");
    return log;
}

}  // namespace hallmark::event_log
