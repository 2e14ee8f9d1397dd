// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "agent/network/dhcp_message.hpp"
#include "common/bytes.hpp"
#include "common/hex.hpp"

namespace hallmark::test {

constexpr std::uint32_t kTransaction = 0x01020304;
constexpr guest::dhcp::Hardware kHardware{0x52, 0x54, 0, 0x12, 0x34, 0x56};

/// A question, with an offer of 10.0.2.15 by 10.0.2.2 or without one.
inline guest::dhcp::Question dhcp_question(bool offered) {
    guest::dhcp::Question question{.transaction = kTransaction, .hardware = kHardware};
    if (offered) question.offered = {.address = {10, 0, 2, 15}, .server = {10, 0, 2, 2}};
    return question;
}

/// What a server answers, written by hand from RFC 2131: 10.0.2.15 in its fixed part, and these options in hexadecimal.
inline Bytes dhcp_answer(std::initializer_list<std::string_view> options) {
    Bytes message = from_hex(
                        "0201060001020304"
                        "00008000"
                        "00000000"
                        "0a00020f"
                        "0a000202"
                        "00000000"
                        "525400123456")
                        .value();
    message.resize(236);
    append(message, from_hex("63825363").value());
    for (const auto option : options) append(message, from_hex(option).value());
    message.push_back(0xff);
    return message;
}

// The options of QEMU's user network, as RFC 2132 writes them.
constexpr std::string_view kOffer = "350102";
constexpr std::string_view kAck = "350105";
constexpr std::string_view kServer = "36040a000202";
constexpr std::string_view kMask = "0104ffffff00";
constexpr std::string_view kRouter = "03040a000202";
constexpr std::string_view kNames = "06040a000203";
constexpr std::string_view kLease = "330400015180";  // a day

}  // namespace hallmark::test
