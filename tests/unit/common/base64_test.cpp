// SPDX-License-Identifier: Apache-2.0
#include "common/base64.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace hallmark {
namespace {

using Vector = std::pair<std::string_view, std::string_view>;

// RFC 4648, section 10.
constexpr std::array<Vector, 7> kOfTheRfc = {{{"", ""},
                                              {"f", "Zg=="},
                                              {"fo", "Zm8="},
                                              {"foo", "Zm9v"},
                                              {"foob", "Zm9vYg=="},
                                              {"fooba", "Zm9vYmE="},
                                              {"foobar", "Zm9vYmFy"}}};

std::string_view text_of(const Bytes& bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

TEST(Base64, TestVectorsOfTheRfc) {
    for (const auto& [plain, coded] : kOfTheRfc) {
        EXPECT_EQ(to_base64(as_bytes(plain)), coded);
        EXPECT_EQ(text_of(from_base64(coded).value()), plain);
        const auto digits = coded.substr(0, coded.find('='));
        EXPECT_EQ(to_base64url(as_bytes(plain)), digits);
        EXPECT_EQ(text_of(from_base64url(digits).value()), plain);
    }
}

// RFC 7515, appendix C: octets 3 236 255 224 193.
TEST(Base64, UrlsHaveTheirOwnAlphabet) {
    const Bytes octets = {3, 236, 255, 224, 193};
    EXPECT_EQ(to_base64url(octets), "A-z_4ME");
    EXPECT_EQ(from_base64url("A-z_4ME").value(), octets);
    EXPECT_EQ(to_base64(octets), "A+z/4ME=");
    EXPECT_EQ(from_base64url("A+z/4ME").error().message, "base64url text has another character at 1");
    EXPECT_EQ(from_base64("A-z_4ME=").error().message, "base64 text has another character at 1");
}

TEST(Base64, OneTextForOneSequenceOfBytes) {
    for (const auto* text : {"Zg", "Zg=", "Zg===", "====", "=", "Z===", "Zg==Zg==", "Zh==", "Zm9=", " Zg=", "Zg=\n",
                             "Zm9v\n", "Zm=v", "Zm9vYg=a", "Z"})
        EXPECT_FALSE(from_base64(text)) << text;
    for (const auto* text : {"Z", "Zm9vY", "Zg==", "Zh", "Zm9", "Zm 9v", "Zm9v="})
        EXPECT_FALSE(from_base64url(text)) << text;
    EXPECT_EQ(from_base64url("Zh").error().message,
              "base64url text ends in bits that belong to no byte; expected zeros");
    EXPECT_FALSE(from_base64url(std::string_view("Zg\0A", 4)));
}

TEST(Base64, EveryByteOnEveryPlace) {
    for (std::size_t length = 1; length <= 4; ++length) {
        for (unsigned value = 0; value < 256; ++value) {
            Bytes bytes(length, 0x5a);
            bytes.back() = static_cast<std::uint8_t>(value);
            EXPECT_EQ(from_base64(to_base64(bytes)).value(), bytes);
            EXPECT_EQ(from_base64url(to_base64url(bytes)).value(), bytes);
        }
    }
}

}  // namespace
}  // namespace hallmark
