// SPDX-License-Identifier: Apache-2.0
// The event log of measured boot: what was extended into which register, and why. A TPM's log and the one of a
// confidential guest (ACPI table CCEL) have the same form; in the latter the registers are MRTD and the RTMRs.
// Source: TCG "PC Client Platform Firmware Profile Specification", version 1.06 revision 52, section 10 (TCG_PCR_EVENT,
// TCG_PCR_EVENT2, TCG_EfiSpecIDEvent, event types); UEFI Specification 2.10, section 38 (CC_EVENT);
// TCG "Algorithm Registry", revision 1.34, table 3.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/bytes.hpp"
#include "common/endian.hpp"
#include "common/result.hpp"

namespace hallmark::event_log {

/// Firmware sets aside 64 KiB to 1 MiB; a longer log is none.
constexpr std::size_t kLargestLog = 4 * 1024 * 1024;

/// TPM_ALG_ID of the digests that a log may have.
enum class Algorithm : std::uint16_t {
    kSha1 = 0x0004,
    kSha256 = 0x000b,
    kSha384 = 0x000c,
    kSha512 = 0x000d,
    kSm3 = 0x0012,
};

/// As TPM tools spell it: "sha256"; nothing for one that isn't listed above.
[[nodiscard]] std::optional<std::string_view> algorithm_name(Algorithm algorithm);

enum class EventType : std::uint32_t {
    kPrebootCert = 0x00,
    kPostCode = 0x01,
    kUnused = 0x02,
    kNoAction = 0x03,  ///< information only: not extended
    kSeparator = 0x04,
    kAction = 0x05,
    kEventTag = 0x06,
    kCrtmContents = 0x07,
    kCrtmVersion = 0x08,
    kCpuMicrocode = 0x09,
    kPlatformConfigFlags = 0x0a,
    kTableOfDevices = 0x0b,
    kCompactHash = 0x0c,
    kIpl = 0x0d,
    kIplPartitionData = 0x0e,
    kNonhostCode = 0x0f,
    kNonhostConfig = 0x10,
    kNonhostInfo = 0x11,
    kOmitBootDeviceEvents = 0x12,
    kPostCode2 = 0x13,
    kEfiVariableDriverConfig = 0x80000001,
    kEfiVariableBoot = 0x80000002,
    kEfiBootServicesApplication = 0x80000003,
    kEfiBootServicesDriver = 0x80000004,
    kEfiRuntimeServicesDriver = 0x80000005,
    kEfiGptEvent = 0x80000006,
    kEfiAction = 0x80000007,
    kEfiPlatformFirmwareBlob = 0x80000008,
    kEfiHandoffTables = 0x80000009,
    kEfiPlatformFirmwareBlob2 = 0x8000000a,
    kEfiHandoffTables2 = 0x8000000b,
    kEfiVariableBoot2 = 0x8000000c,
    kEfiGptEvent2 = 0x8000000d,
    kEfiHcrtmEvent = 0x80000010,
    kEfiVariableAuthority = 0x800000e0,
    kEfiSpdmFirmwareBlob = 0x800000e1,
    kEfiSpdmFirmwareConfig = 0x800000e2,
    kEfiSpdmDevicePolicy = 0x800000e3,
    kEfiSpdmDeviceAuthority = 0x800000e4,
};

/// "EV_SEPARATOR"; the number ("0x80000fff") of a type that the specification doesn't have.
[[nodiscard]] std::string event_type_name(EventType type);

/// TCG_PCClientPCREvent without its data: the form of the first record, and of all in logs older than this.
struct Sha1EventHeader {
    Le32 register_index;                    // 00
    Le32 type;                              // 04
    std::array<std::uint8_t, 20> digest{};  // 08
    Le32 data_size;                         // 1c
};
static_assert(sizeof(Sha1EventHeader) == 32 && alignof(Sha1EventHeader) == 1);
static_assert(offsetof(Sha1EventHeader, type) == 4 && offsetof(Sha1EventHeader, digest) == 8);
static_assert(offsetof(Sha1EventHeader, data_size) == 0x1c);

/// TCG_EfiSpecIDEvent up to the list of algorithms.
struct SpecIdHeader {
    std::array<char, 16> signature{};  // 00
    Le32 platform_class;               // 10
    std::uint8_t version_minor = 0;    // 14
    std::uint8_t version_major = 0;    // 15
    std::uint8_t errata = 0;           // 16
    std::uint8_t uintn_size = 0;       // 17, 1: 32-bit, 2: 64-bit
    Le32 algorithm_count;              // 18
};
static_assert(sizeof(SpecIdHeader) == 28 && alignof(SpecIdHeader) == 1);
static_assert(offsetof(SpecIdHeader, platform_class) == 0x10 && offsetof(SpecIdHeader, version_minor) == 0x14);
static_assert(offsetof(SpecIdHeader, version_major) == 0x15 && offsetof(SpecIdHeader, errata) == 0x16);
static_assert(offsetof(SpecIdHeader, uintn_size) == 0x17 && offsetof(SpecIdHeader, algorithm_count) == 0x18);

/// TCG_EfiSpecIdEventAlgorithmSize
struct AlgorithmSize {
    Le16 algorithm;  // 0
    Le16 size;       // 2, of a digest in bytes
};
static_assert(sizeof(AlgorithmSize) == 4 && alignof(AlgorithmSize) == 1 && offsetof(AlgorithmSize, size) == 2);

/// What TCG_PCR_EVENT2 begins with.
struct EventHeader {
    Le32 register_index;  // 0
    Le32 type;            // 4
    Le32 digest_count;    // 8
};
static_assert(sizeof(EventHeader) == 12 && alignof(EventHeader) == 1);
static_assert(offsetof(EventHeader, type) == 4 && offsetof(EventHeader, digest_count) == 8);

/// A log may have this many banks at most: more than the registry has algorithms.
constexpr std::size_t kMostBanks = 8;

struct Bank {
    Algorithm algorithm{};
    std::uint16_t digest_size = 0;  ///< in bytes
};

/// One record. Its spans borrow from the log.
struct Event {
    std::size_t offset = 0;            ///< of the record in the log
    std::uint32_t register_index = 0;  ///< PCR; in a confidential guest's log 0 is MRTD and n + 1 is RTMRn
    EventType type{};
    std::array<ByteSpan, kMostBanks> digests{};  ///< one for each bank, in the banks' order; empty where it has none
    ByteSpan data;
};

/// A whole log, in the form that has several banks ("crypto agile"). Its spans borrow from what was parsed.
struct EventLog {
    std::uint32_t first_register = 0;  ///< of the first record, which isn't extended: 0, or 1 in OVMF's CCEL
    std::vector<Bank> banks;
    ByteSpan vendor_info;
    std::vector<Event> events;  ///< all records but the first
    std::size_t size = 0;       ///< where the log ends in bytes; what stands behind it is filling

    /// Index of a bank in `banks` and in every event's digests.
    [[nodiscard]] std::optional<std::size_t> bank(Algorithm algorithm) const;
};

/// Reads a log up to its end, or up to filling of 0xff or zeros, which must reach to the end. `what` names it in
/// errors.
Result<EventLog> parse_event_log(ByteSpan bytes, const std::string& what);

/// Whether the bytes begin as a log of this form does; says nothing about the rest.
[[nodiscard]] bool is_event_log(ByteSpan bytes);

}  // namespace hallmark::event_log
