// SPDX-License-Identifier: Apache-2.0
#include "agent/ttrpc/admission.hpp"

#include <gtest/gtest.h>

#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/agent/ttrpc/running_server.hpp"

namespace hallmark::ttrpc {
namespace {

using test::expect_failure;

Answer nothing() { return Secret(); }

TEST(TtrpcAdmission, TheCallTooManyIsRefusedAtOnceAndAPlaceIsGivenBack) {
    constexpr int kMost = 3;
    const Admission admission(kMost);
    std::latch all_in(kMost);
    std::latch go_on(1);
    const Handler slow = admission.guard(
        [&](ByteSpan, const Call&) {
            all_in.count_down();
            go_on.wait();
            return nothing();
        },
        "of the slow");
    bool ran = false;
    const Handler other = admission.guard(
        [&](ByteSpan, const Call&) {
            ran = true;
            return nothing();
        },
        "of the other");
    std::vector<std::thread> callers;
    for (int i = 0; i < kMost; ++i) callers.emplace_back([&] { EXPECT_TRUE(slow({}, {})); });
    all_in.wait();
    expect_failure(slow({}, {}), Code::kResourceExhausted, "of the slow");
    expect_failure(other({}, {}), Code::kResourceExhausted, "of the other");
    EXPECT_FALSE(ran);
    go_on.count_down();
    for (auto& caller : callers) caller.join();
    for (int i = 0; i < 2 * kMost; ++i) EXPECT_TRUE(other({}, {}));
    EXPECT_TRUE(ran);
}

TEST(TtrpcAdmission, AFailedCallGivesItsPlaceBackToo) {
    const Handler handler = Admission(1).guard(
        [](ByteSpan, const Call&) -> Answer { return failure(Code::kNotFound, "no such thing"); }, "full");
    for (int i = 0; i < 3; ++i) expect_failure(handler({}, {}), Code::kNotFound, "no such thing");
}

}  // namespace
}  // namespace hallmark::ttrpc
