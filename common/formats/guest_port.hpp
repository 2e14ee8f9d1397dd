// SPDX-License-Identifier: Apache-2.0
// Messages on the guest's two virtio-serial ports. A port has no end of file and keeps what was written before it was
// opened, so every message is a frame with a length and a request number; an answer carries the number of its request,
// and whoever asks drops answers that carry another.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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
constexpr std::uint16_t kVersion = 2;
/// No message is longer: a report with its certificates is under 16 KiB, a TDX quote with its event log under 32 KiB.
constexpr std::uint32_t kLargestPayload = 64 * 1024;

enum class Type : std::uint16_t {
    // tee port
    kAttestRequest = 0x0001,  ///< guest → processor: AttestRequest
    kAttested = 0x0002,       ///< processor → guest: EvidenceHeader, and what it tells the sizes of
    kExtendRequest = 0x0003,  ///< guest → processor: ExtendRequest; only TDX has such registers
    kExtended = 0x0004,       ///< processor → guest: empty
    // control port
    kReady = 0x0101,      ///< guest → challenger, once, request 0: UTF-8, one line, what the guest is
    kChallenge = 0x0102,  ///< challenger → guest: Challenge
    kEvidence = 0x0103,  ///< guest → challenger, over report_data_for(challenge): EvidenceHeader, and what it tells the
                         ///< sizes of
    kPowerOff = 0x0104,  ///< challenger → guest: empty; the guest answers kReady and powers off
    kScrub = 0x0105,     ///< challenger → guest: empty; the guest reads its whole root from the disk again and answers
                         ///< kReady, or powers off where a block is not as measured
    kSecrets = 0x0107,   ///< challenger → guest: empty; the guest answers once it has asked for every secret that its
                         ///< init-data tells it to ask for
    kSecretOutcomes = 0x0108,  ///< guest → challenger: an OutcomeHeader and its texts for each of those secrets
    kOutput = 0x0109,          ///< guest → challenger, request 0, only where init-data says that output goes to the
                               ///< host: OutputHeader, and what a container wrote
    kPodEnded = 0x010a,        ///< guest → challenger, request 0, once all containers have ended: an EndHeader and its
                               ///< texts for each container, in the order of init-data
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

/// For evidence of whatever kind the processor makes.
struct AttestRequest {
    std::array<std::uint8_t, 64> report_data{};  // 00
    Le32 vmpl;                                   // 40: of SNP; 0 where the processor knows no such levels
};
constexpr std::uint32_t kHighestVmpl = 3;
static_assert(sizeof(AttestRequest) == 68 && offsetof(AttestRequest, vmpl) == 0x40);

/// The register of TDX that the guest's own software extends.
constexpr std::uint32_t kGuestRegister = 3;

struct ExtendRequest {
    Le32 register_index;  // 00: n of RTMRn; only kGuestRegister
    Sha384 digest{};      // 04
};
static_assert(sizeof(ExtendRequest) == 52 && offsetof(ExtendRequest, digest) == 4);

struct Challenge {
    std::array<std::uint8_t, 64> nonce{};  // 00
};
static_assert(sizeof(Challenge) == 64);

/// The report data of evidence that answers a challenge of the control port: SHA-512 of "org.hallmark.control.0", a
/// zero byte and the challenge. Whoever challenges there is the host, and it must get no evidence that it could show to
/// anyone as the guest's own: a key broker looks for a SHA-384 digest with 16 zero bytes behind it (KBS protocol
/// 0.4.0), and a host that finds a challenge whose SHA-512 is such a value has broken both.
std::array<std::uint8_t, 64> report_data_for(const Challenge& challenge);

/// Where evidence came from. The receiver decides by the signature, never by this field.
enum class Source : std::uint32_t { kConfigfsTsm = 1, kSimulated = 2, kAgent = 3 };

enum class Kind : std::uint32_t {
    kSnpReport = 1,  ///< with its certificates where there are any
    kTdxQuote = 2,   ///< with the event log where there is one; its certificates are in the quote
};
/// "an SNP report", "a TDX quote"
[[nodiscard]] std::string_view name_of(Kind kind);

struct EvidenceHeader {
    Le32 source;             // 00: Source
    Le32 kind;               // 04: Kind
    Le32 report_size;        // 08: bytes of the report or quote that follow
    Le32 certificates_size;  // 0c: bytes of the certificate table behind it, 0 if there is none
    Le32 event_log_size;     // 10: bytes of the event log behind that, as CCEL names it, 0 if there is none
};
static_assert(sizeof(EvidenceHeader) == 20 && offsetof(EvidenceHeader, kind) == 4);
static_assert(offsetof(EvidenceHeader, report_size) == 8 && offsetof(EvidenceHeader, certificates_size) == 12);
static_assert(offsetof(EvidenceHeader, event_log_size) == 16);

struct Frame {
    Type type{};
    std::uint32_t request = 0;
    Bytes payload;
};

Bytes encode(const Frame& frame);
/// kFailure in answer to a request.
Frame failure(std::uint32_t request, std::string_view why);

/// What a guest asks of its processor: exactly the structure, with values that can be meant.
Result<AttestRequest> parse_attest_request(ByteSpan payload);
Result<ExtendRequest> parse_extend_request(ByteSpan payload);

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

/// Evidence: EvidenceHeader, report, certificate table, event log; nothing left over, and nothing that its kind does
/// not have.
struct Evidence {
    Source source{};
    Kind kind{};
    Bytes report{};
    Bytes certificates{};
    Bytes event_log{};
};
Bytes encode_evidence(const Evidence& evidence);
Result<Evidence> parse_evidence(ByteSpan payload);

/// What came of asking for one secret. Never the secret itself, nor its size.
struct OutcomeHeader {
    Le16 granted;        // 00: 1, or 0
    Le16 resource_size;  // 02: bytes of the resource's URI, which follows
    Le16 reason_size;    // 04: bytes of the reason behind it, 0 where it is granted
};
static_assert(sizeof(OutcomeHeader) == 6 && offsetof(OutcomeHeader, resource_size) == 2);
static_assert(offsetof(OutcomeHeader, reason_size) == 4);

constexpr std::size_t kMostSecrets = 16;
constexpr std::size_t kLongestResource = 256;
constexpr std::size_t kLongestReason = 1024;
static_assert(kMostSecrets * (sizeof(OutcomeHeader) + kLongestResource + kLongestReason) <= kLargestPayload);

struct SecretOutcome {
    std::string resource;
    bool granted = false;
    std::string reason{};
    bool operator==(const SecretOutcome&) const = default;
};
/// Texts are cut to their limits, and what is not printable ASCII becomes '?'.
Bytes encode_outcomes(std::span<const SecretOutcome> outcomes);
/// At most kMostSecrets, with texts within their limits and printable.
Result<std::vector<SecretOutcome>> parse_outcomes(ByteSpan payload);

constexpr std::size_t kMostContainers = 16;
constexpr std::size_t kLongestName = 63;
constexpr std::size_t kLargestOutput = 32 * 1024;

enum class Stream : std::uint16_t { kStdout = 1, kStderr = 2 };

struct OutputHeader {
    Le16 container;  // 00: its place in init-data, the first is 0
    Le16 stream;     // 02: Stream
};
static_assert(sizeof(OutputHeader) == 4 && offsetof(OutputHeader, stream) == 2);
static_assert(sizeof(OutputHeader) + kLargestOutput <= kLargestPayload);

/// A piece of what a container wrote: 1 to kLargestOutput bytes, whatever they are.
struct Output {
    std::uint16_t container = 0;
    Stream stream{};
    Bytes bytes{};
};
Bytes encode_output(const Output& output);
Result<Output> parse_output(ByteSpan payload);

/// How a container ended.
struct EndHeader {
    Le64 lost;         // 00: bytes of its output that the host did not take in time
    Le16 exit_status;  // 08: 0 to 255: of its process, 128 and the signal's number, or why it never ran
    Le16 name_size;    // 0a: bytes of the container's name, which follows
    Le16 reason_size;  // 0c: bytes of the reason behind it, 0 where its process ended by itself
};
static_assert(sizeof(EndHeader) == 14 && offsetof(EndHeader, exit_status) == 8);
static_assert(offsetof(EndHeader, name_size) == 10 && offsetof(EndHeader, reason_size) == 12);
static_assert(kMostContainers * (sizeof(EndHeader) + kLongestName + kLongestReason) <= kLargestPayload);

struct ContainerEnd {
    std::string name;
    std::uint8_t exit_status = 0;
    std::uint64_t lost = 0;
    std::string reason{};
    bool operator==(const ContainerEnd&) const = default;
};
/// Texts are cut and made printable as those of outcomes.
Bytes encode_ends(std::span<const ContainerEnd> ends);
/// 1 to kMostContainers, with texts within their limits and printable, and a name each.
Result<std::vector<ContainerEnd>> parse_ends(ByteSpan payload);

}  // namespace hallmark::guest_port
