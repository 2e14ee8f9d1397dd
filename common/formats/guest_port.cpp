// SPDX-License-Identifier: Apache-2.0
#include "common/formats/guest_port.hpp"

#include <algorithm>

#include "common/reader.hpp"

namespace hallmark::guest_port {
namespace {

constexpr std::string_view kOutcomes = "secret outcomes";
constexpr std::string_view kEnds = "ends of containers";

/// Each kind of evidence has one form: what belongs to the other must not be there.
Status check_kind(const EvidenceHeader& header) {
    const auto kind = static_cast<Kind>(header.kind.get());
    if (kind != Kind::kSnpReport && kind != Kind::kTdxQuote)
        return bad_input("evidence: offset 0x4: kind " + std::to_string(header.kind.get()) + ", expected 1 or 2");
    if (kind == Kind::kSnpReport && header.event_log_size != 0)
        return bad_input("evidence: offset 0x10: an SNP report with an event log of " +
                         std::to_string(header.event_log_size.get()) + " bytes, expected none");
    if (kind == Kind::kTdxQuote && header.certificates_size != 0)
        return bad_input("evidence: offset 0xc: a TDX quote with a certificate table of " +
                         std::to_string(header.certificates_size.get()) + " bytes, expected none");
    return {};
}

constexpr bool is_printable(std::uint8_t byte) { return byte >= 0x20 && byte < 0x7f; }

std::string printable(std::string_view text, std::size_t longest) {
    std::string line(text.substr(0, longest));
    for (char& c : line)
        if (!is_printable(static_cast<std::uint8_t>(c))) c = '?';
    return line;
}

Result<std::string> take_text(Reader& reader, std::string_view what, std::size_t size, std::size_t longest) {
    const std::string where = std::string(what) + ": offset " + hex_number(reader.offset());
    if (size > longest)
        return bad_input(where + ": text of " + std::to_string(size) + " bytes, expected at most " +
                         std::to_string(longest));
    HALLMARK_TRY(const ByteSpan text, reader.bytes(size));
    if (!std::ranges::all_of(text, is_printable))
        return bad_input(where + ": text that is not printable, expected printable ASCII");
    return std::string(text.begin(), text.end());
}

Result<SecretOutcome> take_outcome(Reader& reader) {
    HALLMARK_TRY(const auto header, reader.structure<OutcomeHeader>());
    if (header.granted > 1)
        return bad_input("secret outcomes: granted " + std::to_string(header.granted.get()) + ", expected 0 or 1");
    SecretOutcome outcome{.resource = {}, .granted = header.granted == 1};
    HALLMARK_TRY(outcome.resource, take_text(reader, kOutcomes, header.resource_size, kLongestResource));
    HALLMARK_TRY(outcome.reason, take_text(reader, kOutcomes, header.reason_size, kLongestReason));
    return outcome;
}

Result<ContainerEnd> take_end(Reader& reader) {
    HALLMARK_TRY(const auto header, reader.structure<EndHeader>());
    if (header.exit_status > 0xff)
        return bad_input(std::string(kEnds) + ": exit status " + std::to_string(header.exit_status.get()) +
                         ", expected at most 255");
    if (header.name_size == 0) return bad_input(std::string(kEnds) + ": a container without a name, expected one");
    ContainerEnd end{
        .name = {}, .exit_status = static_cast<std::uint8_t>(header.exit_status.get()), .lost = header.lost};
    HALLMARK_TRY(end.name, take_text(reader, kEnds, header.name_size, kLongestName));
    HALLMARK_TRY(end.reason, take_text(reader, kEnds, header.reason_size, kLongestReason));
    return end;
}

}  // namespace

Bytes encode(const Frame& frame) {
    FrameHeader header;
    header.type = static_cast<std::uint16_t>(frame.type);
    header.request = frame.request;
    header.size = static_cast<std::uint32_t>(frame.payload.size());
    Bytes bytes;
    append(bytes, as_bytes(header));
    append(bytes, frame.payload);
    return bytes;
}

Frame failure(std::uint32_t request, std::string_view why) {
    const ByteSpan text = as_bytes(why);
    return {Type::kFailure, request, Bytes(text.begin(), text.end())};
}

Result<AttestRequest> parse_attest_request(ByteSpan payload) {
    Reader reader(payload, "request for evidence");
    HALLMARK_TRY(const auto request, reader.structure<AttestRequest>());
    HALLMARK_CHECK(reader.finished());
    if (request.vmpl <= kHighestVmpl) return request;
    return bad_input("request for evidence: offset 0x40: VMPL " + std::to_string(request.vmpl.get()) +
                     ", expected at most " + std::to_string(kHighestVmpl));
}

Result<ExtendRequest> parse_extend_request(ByteSpan payload) {
    Reader reader(payload, "request to extend");
    HALLMARK_TRY(const auto request, reader.structure<ExtendRequest>());
    HALLMARK_CHECK(reader.finished());
    if (request.register_index == kGuestRegister) return request;
    return bad_input("request to extend: offset 0x0: RTMR" + std::to_string(request.register_index.get()) +
                     ", expected RTMR" + std::to_string(kGuestRegister) + ": no other is the guest's");
}

Result<bool> FrameDecoder::next(Frame& frame) {
    if (buffer_.size() < sizeof(FrameHeader)) return false;
    Reader reader(buffer_, "guest port");
    HALLMARK_TRY(const auto header, reader.structure<FrameHeader>());
    if (header.magic != kMagic || header.version != kVersion)
        return bad_input("guest port: frame starts with magic " + hex_number(header.magic) + " version " +
                         std::to_string(header.version.get()) + ", expected " + hex_number(kMagic) + " version " +
                         std::to_string(kVersion));
    if (header.size > kLargestPayload)
        return bad_input("guest port: frame of " + std::to_string(header.size.get()) + " bytes, expected at most " +
                         std::to_string(kLargestPayload));
    if (reader.remaining() < header.size) return false;
    HALLMARK_TRY(const ByteSpan payload, reader.bytes(header.size));
    frame.type = static_cast<Type>(header.type.get());
    frame.request = header.request;
    frame.payload.assign(payload.begin(), payload.end());
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(reader.offset()));
    return true;
}

std::array<std::uint8_t, 64> report_data_for(const Challenge& challenge) {
    constexpr std::uint8_t kSeparator = 0;
    Hasher<Sha512> hasher;
    hasher.update(as_bytes(kControlPort));
    hasher.update({&kSeparator, 1});
    hasher.update(challenge.nonce);
    return hasher.finish();
}

std::string_view name_of(Kind kind) { return kind == Kind::kSnpReport ? "an SNP report" : "a TDX quote"; }

Bytes encode_evidence(const Evidence& evidence) {
    EvidenceHeader header;
    header.source = static_cast<std::uint32_t>(evidence.source);
    header.kind = static_cast<std::uint32_t>(evidence.kind);
    header.report_size = static_cast<std::uint32_t>(evidence.report.size());
    header.certificates_size = static_cast<std::uint32_t>(evidence.certificates.size());
    header.event_log_size = static_cast<std::uint32_t>(evidence.event_log.size());
    Bytes bytes;
    append(bytes, as_bytes(header));
    append(bytes, evidence.report);
    append(bytes, evidence.certificates);
    append(bytes, evidence.event_log);
    return bytes;
}

Result<Evidence> parse_evidence(ByteSpan payload) {
    Reader reader(payload, "evidence");
    HALLMARK_TRY(const auto header, reader.structure<EvidenceHeader>());
    HALLMARK_TRY(const ByteSpan report, reader.bytes(header.report_size));
    HALLMARK_TRY(const ByteSpan certificates, reader.bytes(header.certificates_size));
    HALLMARK_TRY(const ByteSpan event_log, reader.bytes(header.event_log_size));
    HALLMARK_CHECK(reader.finished());
    if (header.source < static_cast<std::uint32_t>(Source::kConfigfsTsm) ||
        header.source > static_cast<std::uint32_t>(Source::kAgent))
        return bad_input("evidence: offset 0x0: source " + std::to_string(header.source.get()) + ", expected 1 to 3");
    HALLMARK_CHECK(check_kind(header));
    return Evidence{static_cast<Source>(header.source.get()), static_cast<Kind>(header.kind.get()),
                    Bytes(report.begin(), report.end()), Bytes(certificates.begin(), certificates.end()),
                    Bytes(event_log.begin(), event_log.end())};
}

Bytes encode_outcomes(std::span<const SecretOutcome> outcomes) {
    Bytes bytes;
    for (const auto& outcome : outcomes.first(std::min(outcomes.size(), kMostSecrets))) {
        const std::string resource = printable(outcome.resource, kLongestResource);
        const std::string reason = printable(outcome.reason, kLongestReason);
        OutcomeHeader header;
        header.granted = outcome.granted ? 1 : 0;
        header.resource_size = static_cast<std::uint16_t>(resource.size());
        header.reason_size = static_cast<std::uint16_t>(reason.size());
        append(bytes, as_bytes(header));
        append(bytes, as_bytes(resource));
        append(bytes, as_bytes(reason));
    }
    return bytes;
}

Result<std::vector<SecretOutcome>> parse_outcomes(ByteSpan payload) {
    Reader reader(payload, std::string(kOutcomes));
    std::vector<SecretOutcome> outcomes;
    while (reader.remaining() > 0) {
        if (outcomes.size() == kMostSecrets)
            return bad_input("secret outcomes: more than " + std::to_string(kMostSecrets) + ", expected at most that");
        HALLMARK_TRY(auto outcome, take_outcome(reader));
        outcomes.push_back(std::move(outcome));
    }
    return outcomes;
}

Bytes encode_output(const Output& output) {
    OutputHeader header;
    header.container = output.container;
    header.stream = static_cast<std::uint16_t>(output.stream);
    Bytes bytes;
    append(bytes, as_bytes(header));
    append(bytes, output.bytes);
    return bytes;
}

Result<Output> parse_output(ByteSpan payload) {
    Reader reader(payload, "output");
    HALLMARK_TRY(const auto header, reader.structure<OutputHeader>());
    if (header.container >= kMostContainers)
        return bad_input("output: offset 0x0: container " + std::to_string(header.container.get()) +
                         ", expected at most " + std::to_string(kMostContainers - 1));
    const auto stream = static_cast<Stream>(header.stream.get());
    if (stream != Stream::kStdout && stream != Stream::kStderr)
        return bad_input("output: offset 0x2: stream " + std::to_string(header.stream.get()) + ", expected 1 or 2");
    if (reader.remaining() == 0 || reader.remaining() > kLargestOutput)
        return bad_input("output: offset 0x4: " + std::to_string(reader.remaining()) + " bytes, expected 1 to " +
                         std::to_string(kLargestOutput));
    HALLMARK_TRY(const ByteSpan bytes, reader.bytes(reader.remaining()));
    return Output{.container = header.container, .stream = stream, .bytes = Bytes(bytes.begin(), bytes.end())};
}

Bytes encode_ends(std::span<const ContainerEnd> ends) {
    Bytes bytes;
    for (const auto& end : ends.first(std::min(ends.size(), kMostContainers))) {
        const std::string name = printable(end.name, kLongestName);
        const std::string reason = printable(end.reason, kLongestReason);
        EndHeader header;
        header.lost = end.lost;
        header.exit_status = end.exit_status;
        header.name_size = static_cast<std::uint16_t>(name.size());
        header.reason_size = static_cast<std::uint16_t>(reason.size());
        append(bytes, as_bytes(header));
        append(bytes, as_bytes(name));
        append(bytes, as_bytes(reason));
    }
    return bytes;
}

Result<std::vector<ContainerEnd>> parse_ends(ByteSpan payload) {
    Reader reader(payload, std::string(kEnds));
    std::vector<ContainerEnd> ends;
    do {
        if (ends.size() == kMostContainers)
            return bad_input(std::string(kEnds) + ": more than " + std::to_string(kMostContainers) +
                             ", expected at most that");
        HALLMARK_TRY(auto end, take_end(reader));
        ends.push_back(std::move(end));
    } while (reader.remaining() > 0);
    return ends;
}

}  // namespace hallmark::guest_port
