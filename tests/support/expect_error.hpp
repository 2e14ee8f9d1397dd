// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace hallmark::test {

/// The result is an error of this kind, in one line, whose text has all these words.
template <class T>
void expect_error(const Result<T>& result, std::initializer_list<std::string_view> words,
                  Fault fault = Fault::kBadInput) {
    ASSERT_FALSE(result) << "was accepted";
    EXPECT_EQ(result.error().fault, fault);
    const auto& message = result.error().message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    for (const auto word : words) EXPECT_NE(message.find(word), std::string::npos) << message << " lacks " << word;
}

}  // namespace hallmark::test
