// SPDX-License-Identifier: Apache-2.0
#include "common/http/authorities.hpp"

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"

namespace hallmark::http {
namespace {

constexpr const char* kNoCertificate = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";

TEST(HttpAuthorities, AreTheSystemsWhereNoneAreNamed) {
    for (const Authorities& authorities : {Authorities(), Authorities("")}) {
        EXPECT_TRUE(authorities.is_system());
        const auto store = authorities.store();
        ASSERT_TRUE(store);
        EXPECT_EQ(*store, nullptr);
    }
}

TEST(HttpAuthorities, NeverBecomeTheSystemsByMistake) {
    for (const std::string text : {"no PEM", kNoCertificate, "\n", "-----BEGIN CERTIFICATE-----\n"}) {
        const Authorities authorities(text);
        EXPECT_FALSE(authorities.is_system());
        for (int times = 0; times < 2; ++times)
            test::expect_error(authorities.store(), {"authorities: expected certificates in PEM"});
    }
}

TEST(HttpAuthorities, OnlyCopiesAreTheSame) {
    const Authorities one(kNoCertificate);
    const Authorities copy = one;
    EXPECT_EQ(copy, one);
    EXPECT_NE(Authorities(kNoCertificate), one);
    EXPECT_NE(Authorities(), one);
    EXPECT_EQ(Authorities(), Authorities());
}

}  // namespace
}  // namespace hallmark::http
