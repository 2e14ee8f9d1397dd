// SPDX-License-Identifier: Apache-2.0
#include "agent/network/address.hpp"

#include <gtest/gtest.h>

#include "common/hex.hpp"

namespace hallmark::guest {
namespace {

TEST(Address, OfBothFamilies) {
    const auto v4 = parse_address("192.0.2.5").value();
    EXPECT_FALSE(v4.v6);
    EXPECT_EQ(to_hex(v4.span()), "c0000205");
    const auto v6 = parse_address("2001:db8::5").value();
    EXPECT_TRUE(v6.v6);
    EXPECT_EQ(to_hex(v6.span()), "20010db8000000000000000000000005");
    EXPECT_EQ(v6.text(), "2001:db8::5");
}

TEST(Address, WhatIsNoneIsRefused) {
    for (const std::string_view text : {"", "192.0.2", "192.0.2.5.6", "192.0.2.5/24", "eth0", "1:2", "192.0.2.05 "})
        EXPECT_FALSE(parse_address(text)) << text;
    EXPECT_FALSE(parse_address(std::string_view("192.0.2.5\0x", 11)));
}

TEST(Address, ASubnetHasAPrefix) {
    EXPECT_EQ(parse_subnet("192.0.2.5/24").value().prefix, 24);
    EXPECT_EQ(parse_subnet("2001:db8::5/128").value().prefix, 128);
    for (const std::string_view text : {"192.0.2.5", "192.0.2.5/", "192.0.2.5/0", "192.0.2.5/33", "192.0.2.5/256",
                                        "192.0.2.5/24x", "192.0.2.5/-1", "2001:db8::5/129", "/24"})
        EXPECT_FALSE(parse_subnet(text)) << text;
}

}  // namespace
}  // namespace hallmark::guest
