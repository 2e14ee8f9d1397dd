// SPDX-License-Identifier: Apache-2.0
#include "common/http/address.hpp"

#include <gtest/gtest.h>

namespace hallmark::http {
namespace {

TEST(Address, OfThisMachineOrItsLinkIsLocal) {
    for (const auto* address : {"127.0.0.1", "127.255.255.254", "0.0.0.0", "169.254.169.254", "::1", "::", "fe80::1",
                                "fe80::1%eth0", "febf::1", "::ffff:127.0.0.1", "::ffff:169.254.0.1", "::127.0.0.1"})
        EXPECT_TRUE(is_local_address(address)) << address;
}

TEST(Address, OfOthersIsNot) {
    for (const auto* address : {"126.255.255.255", "128.0.0.1", "169.253.0.1", "169.255.0.1", "10.0.0.1", "192.0.2.1",
                                "2001:db8::1", "fec0::1", "::ffff:192.0.2.1", "", "localhost", "127.1", "a"})
        EXPECT_FALSE(is_local_address(address)) << address;
}

}  // namespace
}  // namespace hallmark::http
