// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/openpgp/armor.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/expect_error.hpp"

namespace hallmark::image_policy::openpgp {
namespace {

using test::expect_error;

const std::string kBegin = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n";
const std::string kEnd = "-----END PGP PUBLIC KEY BLOCK-----\n";
// CRC-24/OpenPGP of "123456789" is 0x21cf02 (the check value of the catalogue of parametrised CRC algorithms).
const std::string kDigits = "MTIzNDU2Nzg5\n=Ic8C\n";

Result<Bytes> read(const std::string& text) { return without_armor(as_bytes(text), "input"); }

TEST(WithoutArmor, TakesBlocksAndChecksTheirSums) {
    const auto one = read(kBegin + "Version: 1\nComment: a b\n\n" + kDigits + kEnd);
    ASSERT_TRUE(one) << one.error().message;
    EXPECT_TRUE(equal(*one, as_bytes("123456789")));
    const auto two =
        read("words before\n" + kBegin + "\r\nMTIz\r\nNDU2Nzg5\r\n" + kEnd + kBegin + "\n" + kDigits + kEnd);
    ASSERT_TRUE(two) << two.error().message;
    EXPECT_TRUE(equal(*two, as_bytes("123456789123456789")));
}

TEST(WithoutArmor, LeavesPacketsAsTheyAre) {
    const Bytes packets = {0x99, 1, 2};
    EXPECT_EQ(without_armor(packets, "input").value(), packets);
}

TEST(WithoutArmor, RefusesDamage) {
    expect_error(read(""), {"empty"});
    expect_error(read("hello"), {"0x68", "BEGIN PGP PUBLIC KEY BLOCK"});
    expect_error(read(kBegin + "\nMTIzNDU2Nzg4\n=Ic8C\n" + kEnd), {"checksum"});
    expect_error(read(kBegin + "\n" + kDigits), {"no line", "END PGP"});
    expect_error(read(kBegin + kDigits + kEnd), {"no empty line"});
    expect_error(read(kBegin + "\n" + kDigits + "MTIz\n" + kEnd), {"behind the armour's checksum"});
    expect_error(read(kBegin + "\nMT!z\n" + kEnd), {"another character at 2"});
    expect_error(read("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n" + kDigits), {"another armour"});
}

}  // namespace
}  // namespace hallmark::image_policy::openpgp
