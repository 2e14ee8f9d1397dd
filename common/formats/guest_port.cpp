// SPDX-License-Identifier: Apache-2.0
#include "common/formats/guest_port.hpp"

#include "common/reader.hpp"

namespace hallmark::guest_port {

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

Bytes encode_evidence(const Evidence& evidence) {
    EvidenceHeader header;
    header.source = static_cast<std::uint32_t>(evidence.source);
    header.report_size = static_cast<std::uint32_t>(evidence.report.size());
    header.certificates_size = static_cast<std::uint32_t>(evidence.certificates.size());
    Bytes bytes;
    append(bytes, as_bytes(header));
    append(bytes, evidence.report);
    append(bytes, evidence.certificates);
    return bytes;
}

Result<Evidence> parse_evidence(ByteSpan payload) {
    Reader reader(payload, "evidence");
    HALLMARK_TRY(const auto header, reader.structure<EvidenceHeader>());
    HALLMARK_TRY(const ByteSpan report, reader.bytes(header.report_size));
    HALLMARK_TRY(const ByteSpan certificates, reader.bytes(header.certificates_size));
    HALLMARK_CHECK(reader.finished());
    if (header.source != static_cast<std::uint32_t>(Source::kConfigfsTsm) &&
        header.source != static_cast<std::uint32_t>(Source::kSimulated))
        return bad_input("evidence: offset 0x0: source " + std::to_string(header.source.get()) + ", expected 1 or 2");
    return Evidence{static_cast<Source>(header.source.get()), Bytes(report.begin(), report.end()),
                    Bytes(certificates.begin(), certificates.end())};
}

}  // namespace hallmark::guest_port
