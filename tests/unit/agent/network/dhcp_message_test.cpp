// SPDX-License-Identifier: Apache-2.0
#include "agent/network/dhcp_message.hpp"

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_dhcp.hpp"

namespace hallmark::guest::dhcp {
namespace {

using namespace hallmark::test;

TEST(Dhcp, AQuestionHasTheDocumentedBytes) {
    const std::string hex = to_hex(encode(dhcp_question(false)));
    EXPECT_EQ(hex.substr(0, 24), "010106000102030400008000");
    EXPECT_EQ(hex.substr(56, 12), "525400123456");
    EXPECT_EQ(hex.substr(472),
              "63825363"
              "350101"
              "3703010306"
              "390205dc"
              "ff");
    const std::string request = to_hex(encode(dhcp_question(true)));
    EXPECT_EQ(request.substr(472),
              "63825363"
              "350103"
              "32040a00020f"
              "36040a000202"
              "3703010306"
              "390205dc"
              "ff");
}

TEST(Dhcp, AnOfferIsRead) {
    const auto answer = parse(dhcp_answer({kOffer, kServer, kMask, kRouter, kNames, kLease}), dhcp_question(false));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->kind, Kind::kOffer);
    EXPECT_EQ(answer->subnet, parse_subnet("10.0.2.15/24").value());
    EXPECT_EQ(answer->server, (Ipv4{10, 0, 2, 2}));
    EXPECT_EQ(answer->gateway, parse_address("10.0.2.2").value());
    EXPECT_EQ(answer->name_servers, std::vector{parse_address("10.0.2.3").value()});
    EXPECT_EQ(answer->lease, std::chrono::hours(24));
}

TEST(Dhcp, AnAcknowledgementIsOfTheServerThatWasAsked) {
    const auto good = dhcp_answer({kAck, kServer, kMask, kLease});
    EXPECT_EQ(parse(good, dhcp_question(true)).value().kind, Kind::kAck);
    expect_error(parse(good, dhcp_question(false)), {"message type 5", "offer"});
    expect_error(parse(dhcp_answer({kAck, "36040a000209", kMask, kLease}), dhcp_question(true)), {"another server"});
    EXPECT_EQ(parse(dhcp_answer({"350106", kServer}), dhcp_question(true)).value().kind, Kind::kNak);
    EXPECT_FALSE(parse(dhcp_answer({"350106", kServer}), dhcp_question(false)));
}

TEST(Dhcp, AnAnswerToAnotherQuestionIsRefused) {
    for (const std::size_t at : {0U, 4U, 7U, 28U, 33U, 236U}) {
        Bytes other = dhcp_answer({kOffer, kServer, kMask, kLease});
        other[at] ^= 3;
        EXPECT_FALSE(parse(other, dhcp_question(false))) << at;
    }
}

TEST(Dhcp, EveryTruncationIsRefused) {
    const Bytes whole = dhcp_answer({kOffer, kServer, kMask, kLease});
    for (std::size_t size = 0; size + 1 < whole.size(); ++size)
        EXPECT_FALSE(parse(ByteSpan(whole).first(size), dhcp_question(false))) << size;
}

TEST(Dhcp, WhatNoHostMayBeGivenIsRefused) {
    const auto with = [](std::string_view mask, Ipv4 address) {
        Bytes answer = dhcp_answer({kOffer, kServer, mask, kLease});
        std::copy(address.begin(), address.end(), answer.begin() + 16);
        return parse(answer, dhcp_question(false));
    };
    EXPECT_TRUE(with(kMask, {10, 0, 2, 15}));
    for (const Ipv4 address : {Ipv4{0, 0, 0, 0}, Ipv4{127, 0, 0, 1}, Ipv4{224, 0, 0, 1}, Ipv4{255, 255, 255, 255},
                               Ipv4{10, 0, 2, 0}, Ipv4{10, 0, 2, 255}})
        EXPECT_FALSE(with(kMask, address)) << +address[0] << "." << +address[3];
    for (const std::string_view mask : {"010400000000", "0104ffffffff", "0104ff00ff00", "0104fffffffe", "0103ffffff"})
        EXPECT_FALSE(with(mask, {10, 0, 2, 15})) << mask;
}

TEST(Dhcp, AGatewayIsAnotherHostOfTheSubnet) {
    for (const std::string_view router :
         {"03040a00020f", "03040a000302", "03047f000001", "0304e0000001", "03030a0002"}) {
        const auto answer = parse(dhcp_answer({kOffer, kServer, kMask, kLease, router}), dhcp_question(false));
        ASSERT_TRUE(answer) << router;
        EXPECT_FALSE(answer->gateway) << router;
    }
}

TEST(Dhcp, NumbersAreBounded) {
    const auto lease = [](std::string_view option) {
        return parse(dhcp_answer({kOffer, kServer, kMask, option}), dhcp_question(false)).value().lease;
    };
    EXPECT_EQ(lease("330400000000"), kShortestLease);
    EXPECT_EQ(lease("3304ffffffff"), kLongestLease);
    const auto names = dhcp_answer({kOffer, kServer, kMask, kLease, "06100a0000010a0000020a0000030a000004"});
    EXPECT_EQ(parse(names, dhcp_question(false)).value().name_servers.size(), kMostNameServers);
    // RFC 3396: an option in two pieces.
    const auto split = dhcp_answer({kOffer, kServer, "0102ffff", kLease, "0102ff00"});
    EXPECT_EQ(parse(split, dhcp_question(false)).value().subnet.prefix, 24);
}

}  // namespace
}  // namespace hallmark::guest::dhcp
