// SPDX-License-Identifier: Apache-2.0
#include "common/formats/guest_port.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "common/hex.hpp"

namespace hallmark::guest_port {
namespace {

const Evidence kReport{.source = Source::kSimulated, .kind = Kind::kSnpReport, .report = {1, 2}, .certificates = {3}};
const Evidence kQuote{.source = Source::kSimulated, .kind = Kind::kTdxQuote, .report = {4}, .event_log = {5, 6}};

const Frame kFrame{Type::kChallenge, 7, {1, 2, 3}};

TEST(GuestPort, FrameHasTheDocumentedBytes) {
    EXPECT_EQ(to_hex(encode(kFrame)),
              "484c4d4b"
              "0200"
              "0201"
              "07000000"
              "03000000"
              "010203");
}

TEST(GuestPort, FramesComeOutWholeHoweverTheyArrive) {
    Bytes stream = encode(kFrame);
    append(stream, encode({Type::kPowerOff, 8, {}}));
    FrameDecoder decoder;
    std::vector<Frame> frames;
    for (const auto byte : stream) {
        decoder.add(ByteSpan(&byte, 1));
        Frame frame;
        if (decoder.next(frame).value()) frames.push_back(frame);
    }
    ASSERT_EQ(frames.size(), 2U);
    EXPECT_EQ(frames[0].payload, kFrame.payload);
    EXPECT_EQ(frames[0].request, 7U);
    EXPECT_EQ(frames[1].type, Type::kPowerOff);
}

TEST(GuestPort, AForeignStreamIsRefused) {
    for (const std::size_t broken : {0U, 4U}) {
        Bytes stream = encode(kFrame);
        stream[broken] ^= 1;
        FrameDecoder decoder;
        decoder.add(stream);
        Frame frame;
        EXPECT_FALSE(decoder.next(frame)) << broken;
    }
}

TEST(GuestPort, AnEndlessFrameIsRefusedBeforeItIsCollected) {
    Bytes stream = encode(kFrame);
    stream[15] = 0xff;
    FrameDecoder decoder;
    decoder.add(stream);
    Frame frame;
    EXPECT_NE(decoder.next(frame).error().message.find("expected at most 65536"), std::string::npos);
}

TEST(GuestPort, AFailureSaysWhy) {
    const Frame frame = failure(9, "no");
    EXPECT_EQ(frame.type, Type::kFailure);
    EXPECT_EQ(frame.request, 9U);
    EXPECT_TRUE(equal(frame.payload, as_bytes("no")));
}

TEST(AttestRequest, HasItsSizeAndAVmplThatThereIs) {
    for (const unsigned vmpl : {0U, 3U, 4U, 255U}) {
        Bytes payload(68, 0x11);
        std::fill(payload.begin() + 64, payload.end(), std::uint8_t{0});
        payload[64] = static_cast<std::uint8_t>(vmpl);
        EXPECT_EQ(parse_attest_request(payload).has_value(), vmpl <= 3) << vmpl;
    }
    for (const std::size_t size : {0U, 67U, 69U}) EXPECT_FALSE(parse_attest_request(Bytes(size))) << size;
}

TEST(ExtendRequest, IsOfRtmr3Only) {
    for (const unsigned index : {0U, 1U, 2U, 3U, 4U, 255U}) {
        Bytes payload(52, 0x11);
        std::fill(payload.begin(), payload.begin() + 4, std::uint8_t{0});
        payload[0] = static_cast<std::uint8_t>(index);
        const auto request = parse_extend_request(payload);
        EXPECT_EQ(request.has_value(), index == 3) << index;
        if (request) {
            EXPECT_EQ(to_hex(request->digest), to_hex(Bytes(48, 0x11)));
        }
    }
    for (const std::size_t size : {0U, 51U, 53U}) EXPECT_FALSE(parse_extend_request(Bytes(size))) << size;
}

TEST(Evidence, HasTheDocumentedBytes) {
    const Evidence quote{.source = Source::kSimulated, .kind = Kind::kTdxQuote, .report = {1, 2}, .event_log = {3}};
    EXPECT_EQ(to_hex(encode_evidence(quote)),
              "02000000"
              "02000000"
              "02000000"
              "00000000"
              "01000000"
              "010203");
}

TEST(Evidence, ReadsWhatItWrites) {
    const auto report = parse_evidence(encode_evidence(kReport));
    ASSERT_TRUE(report);
    EXPECT_EQ(report->source, Source::kSimulated);
    EXPECT_EQ(report->kind, Kind::kSnpReport);
    EXPECT_EQ(report->report, Bytes({1, 2}));
    EXPECT_EQ(report->certificates, Bytes({3}));
    EXPECT_TRUE(report->event_log.empty());
    const auto quote = parse_evidence(encode_evidence(kQuote));
    ASSERT_TRUE(quote);
    EXPECT_EQ(quote->kind, Kind::kTdxQuote);
    EXPECT_EQ(quote->report, Bytes({4}));
    EXPECT_EQ(quote->event_log, Bytes({5, 6}));
    EXPECT_TRUE(quote->certificates.empty());
}

TEST(Evidence, HasNothingThatItsKindDoesNotHave) {
    Evidence mixed = kReport;
    mixed.event_log = {1};
    EXPECT_NE(parse_evidence(encode_evidence(mixed)).error().message.find("SNP report with an event log of 1 bytes"),
              std::string::npos);
    mixed = kQuote;
    mixed.certificates = {1};
    EXPECT_NE(parse_evidence(encode_evidence(mixed)).error().message.find("TDX quote with a certificate table"),
              std::string::npos);
}

TEST(Evidence, RefusesLengthsThatLie) {
    const Bytes good = encode_evidence(kReport);
    for (const auto& [offset, value] : {std::pair{8, 3}, std::pair{8, 1}, std::pair{12, 2}, std::pair{11, 0xff},
                                        std::pair{19, 0xff}, std::pair{0, 9}, std::pair{4, 0}, std::pair{4, 3}}) {
        Bytes bad = good;
        bad[static_cast<std::size_t>(offset)] = static_cast<std::uint8_t>(value);
        EXPECT_FALSE(parse_evidence(bad)) << offset << " " << value;
    }
}

TEST(GuestPort, AChallengeOfTheControlPortHasADomainOfItsOwn) {
    Challenge challenge;
    for (std::size_t i = 0; i < challenge.nonce.size(); ++i) challenge.nonce[i] = static_cast<std::uint8_t>(i);
    // By Python's hashlib.
    EXPECT_EQ(to_hex(report_data_for(challenge)),
              "605cb34de6db23db52a588343bab995a164c77e64c705e42ac493edb3b4822d0"
              "e00e42bd2fc505117465dd4daa310b342bb57bf86c2b39d995536d7a5483441d");
}

TEST(GuestPort, OutcomesHaveTheDocumentedBytes) {
    const std::vector<SecretOutcome> outcomes{{.resource = "ab", .granted = true},
                                              {.resource = "c", .granted = false, .reason = "why"}};
    const Bytes bytes = encode_outcomes(outcomes);
    EXPECT_EQ(to_hex(bytes),
              "0100"
              "0200"
              "0000"
              "6162"
              "0000"
              "0100"
              "0300"
              "63"
              "776879");
    EXPECT_EQ(parse_outcomes(bytes).value(), outcomes);
    EXPECT_TRUE(parse_outcomes({}).value().empty());
}

TEST(GuestPort, WhatAReasonMayNotHoldIsTakenOutAndRefused) {
    const std::vector<SecretOutcome> outcomes{{.resource = "a\x1b[31m", .reason = std::string(5000, 'x') + "\n"}};
    const auto read = parse_outcomes(encode_outcomes(outcomes)).value();
    EXPECT_EQ(read[0].resource, "a?[31m");
    EXPECT_EQ(read[0].reason, std::string(kLongestReason, 'x'));
    for (const std::string_view hex : {"010001000000"
                                       "1b",
                                       "020001000000"
                                       "61",
                                       "000000000100", "0000", "0100ffff0000",
                                       "010000000500"
                                       "61"})
        EXPECT_FALSE(parse_outcomes(from_hex(hex).value())) << hex;
    Bytes many;
    for (std::size_t i = 0; i <= kMostSecrets; ++i)
        append(many, from_hex("010001000000"
                              "61")
                         .value());
    EXPECT_FALSE(parse_outcomes(many));
    EXPECT_TRUE(parse_outcomes(ByteSpan(many).first(many.size() - 7)));
}

TEST(GuestPort, OutputHasTheDocumentedBytes) {
    const Output output{.container = 2, .stream = Stream::kStderr, .bytes = {0x00, 0xff, 0x0a}};
    const Bytes bytes = encode_output(output);
    EXPECT_EQ(to_hex(bytes),
              "0200"
              "0200"
              "00ff0a");
    const auto read = parse_output(bytes).value();
    EXPECT_EQ(read.container, 2);
    EXPECT_EQ(read.stream, Stream::kStderr);
    EXPECT_EQ(read.bytes, output.bytes);
}

TEST(GuestPort, OutputIsOfAContainerAndAStreamAndNeverTooMuch) {
    for (const std::string_view hex : {"", "000001", "00000100", "0000000061", "0000030061", "1000010061"})
        EXPECT_FALSE(parse_output(from_hex(hex).value())) << hex;
    EXPECT_TRUE(parse_output(from_hex("0f00010061").value()));
    Bytes full = encode_output({.stream = Stream::kStdout, .bytes = Bytes(kLargestOutput)});
    EXPECT_TRUE(parse_output(full));
    full.push_back(0);
    EXPECT_FALSE(parse_output(full));
}

TEST(GuestPort, EndsHaveTheDocumentedBytes) {
    const std::vector<ContainerEnd> ends{{.name = "main", .exit_status = 137, .lost = 0x0102},
                                         {.name = "b", .exit_status = 125, .reason = "why"}};
    const Bytes bytes = encode_ends(ends);
    EXPECT_EQ(to_hex(bytes),
              "0201000000000000"
              "8900"
              "0400"
              "0000"
              "6d61696e"
              "0000000000000000"
              "7d00"
              "0100"
              "0300"
              "62"
              "776879");
    EXPECT_EQ(parse_ends(bytes).value(), ends);
}

TEST(GuestPort, EndsThatCannotBeAreRefused) {
    const std::string lost(16, '0');
    for (const std::string_view hex : {"", "7d00", "7d0000000000", "00010100000061", "7d00010000001b", "7d0040000000",
                                       "7d000100010061", "7d00010000006100"})
        EXPECT_FALSE(parse_ends(from_hex(lost + std::string(hex)).value())) << hex;
    EXPECT_FALSE(parse_ends({}));
    Bytes many;
    for (std::size_t i = 0; i <= kMostContainers; ++i) append(many, from_hex(lost + "7d000100000061").value());
    EXPECT_FALSE(parse_ends(many));
    EXPECT_TRUE(parse_ends(ByteSpan(many).first(many.size() - 15)));
    const std::vector<ContainerEnd> long_ones{{.name = std::string(100, 'n'), .reason = "a\nb"}};
    const auto read = parse_ends(encode_ends(long_ones)).value();
    EXPECT_EQ(read[0].name, std::string(kLongestName, 'n'));
    EXPECT_EQ(read[0].reason, "a?b");
}

}  // namespace
}  // namespace hallmark::guest_port
