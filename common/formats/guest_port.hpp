// SPDX-License-Identifier: Apache-2.0
// Messages on the guest's two virtio-serial ports. A port has no end of file and keeps what was written before it was
// opened, so every message is a frame with a length and a request number; an answer carries the number of its request,
// and whoever asks drops answers that carry another.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/endian.hpp"
#include "common/result.hpp"

namespace hallmark::guest_port {

/// The simulated security processor: the guest asks, hallmark-boot answers.
constexpr std::string_view kTeePort = "org.hallmark.tee.0";
/// Whoever challenges the guest or tells it to power off: the host side asks, the guest answers.
constexpr std::string_view kControlPort = "org.hallmark.control.0";

constexpr std::uint32_t kMagic = 0x4b4d4c48;  // "HLMK"
constexpr std::uint16_t kVersion = 1;
/// No message is longer: a report with its certificates is under 16 KiB, a TDX quote under 32 KiB.
constexpr std::uint32_t kLargestPayload = 64 * 1024;

enum class Type : std::uint16_t {
    // tee port
    kSnpReportRequest = 0x0001,  ///< guest → processor: SnpReportRequest
    kSnpReport = 0x0002,         ///< processor → guest: EvidenceHeader, report, certificate table
    // control port
    kReady = 0x0101,      ///< guest → challenger, once, request 0: UTF-8, one line, what the guest is
    kChallenge = 0x0102,  ///< challenger → guest: Challenge
    kEvidence = 0x0103,   ///< guest → challenger: EvidenceHeader, report, certificate table
    kPowerOff = 0x0104,   ///< challenger → guest: empty; the guest answers kReady and powers off
    kScrub = 0x0105,      ///< challenger → guest: empty; the guest reads its whole root from the disk again and answers
                          ///< kReady, or powers off where a block is not as measured
    // both
    kFailure = 0x0201,  ///< in place of an answer: UTF-8, one line, why
};

struct FrameHeader {
    Le32 magic = kMagic;      // 00
    Le16 version = kVersion;  // 04
    Le16 type;                // 06
    Le32 request;             // 08
    Le32 size;                // 0c, of the payload in bytes
};
static_assert(sizeof(FrameHeader) == 16 && alignof(FrameHeader) == 1);
static_assert(offsetof(FrameHeader, version) == 4 && offsetof(FrameHeader, type) == 6);
static_assert(offsetof(FrameHeader, request) == 8 && offsetof(FrameHeader, size) == 12);

struct SnpReportRequest {
    std::array<std::uint8_t, 64> report_data{};  // 00
    Le32 vmpl;                                   // 40
};
static_assert(sizeof(SnpReportRequest) == 68 && offsetof(SnpReportRequest, vmpl) == 0x40);

struct Challenge {
    std::array<std::uint8_t, 64> report_data{};  // 00: to be found in the evidence
};
static_assert(sizeof(Challenge) == 64);

/// Where evidence came from. The receiver decides by the signature, never by this field.
enum class Source : std::uint32_t { kConfigfsTsm = 1, kSimulated = 2 };

struct EvidenceHeader {
    Le32 source;             // 00: Source
    Le32 report_size;        // 04: bytes of the report (SNP) or quote (TDX) that follow
    Le32 certificates_size;  // 08: bytes of the certificate table behind it, 0 if there is none
};
static_assert(sizeof(EvidenceHeader) == 12 && offsetof(EvidenceHeader, certificates_size) == 8);

struct Frame {
    Type type{};
    std::uint32_t request = 0;
    Bytes payload;
};

Bytes encode(const Frame& frame);

/// Takes bytes as they come and gives whole frames. A stream that is not ours is an error for good: there is no
/// place at which to find the next frame.
class FrameDecoder {
public:
    void add(ByteSpan bytes) { append(buffer_, bytes); }
    /// True and the frame, or false where more bytes are needed.
    Result<bool> next(Frame& frame);

private:
    Bytes buffer_;
};

/// Evidence: EvidenceHeader, report, certificate table; nothing left over.
struct Evidence {
    Source source{};
    Bytes report;
    Bytes certificates;
};
Bytes encode_evidence(const Evidence& evidence);
Result<Evidence> parse_evidence(ByteSpan payload);

}  // namespace hallmark::guest_port
