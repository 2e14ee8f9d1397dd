// SPDX-License-Identifier: Apache-2.0
#include "measure/qemu/words.hpp"

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"

namespace hallmark::qemu {
namespace {

using Words = std::vector<std::string>;

// As `sh -c 'printf "%s\n" …'` splits them.
TEST(Words, AreApartByBlanksOutsideOfQuotes) {
    EXPECT_EQ(split_words(" -smp  2\t-m 2G\n").value(), Words({"-smp", "2", "-m", "2G"}));
    EXPECT_EQ(split_words("-drive 'file=a b,if=none' -name \"it's\"").value(),
              Words({"-drive", "file=a b,if=none", "-name", "it's"}));
    EXPECT_EQ(split_words("a'b c'd '' \"\"").value(), Words({"ab cd", "", ""}));
    EXPECT_EQ(split_words("").value(), Words());
}

TEST(Words, NeedTheirQuotesClosed) {
    test::expect_error(split_words("-name 'x"), {"'", "isn't closed"});
    test::expect_error(split_words("\""), {"\"", "isn't closed"});
}

}  // namespace
}  // namespace hallmark::qemu
