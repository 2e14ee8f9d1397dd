// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/program.hpp"

#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#include <array>

#include "tests/unit/agent/confinement/child.hpp"

namespace hallmark::storage {
namespace {

TEST(SecureMountProgram, IsConfinedBeforeItReadsARequest) {
    const auto end = test::end_of_child([] {
        constexpr std::array kWords = {"--request", "/nowhere/request"};
        if (run_secure_mount(kWords) == 0) return 9;
        return ::prctl(PR_GET_SECCOMP) == SECCOMP_MODE_FILTER && ::prctl(PR_GET_DUMPABLE) == 0 ? 0 : 1;
    });
    EXPECT_EQ(end, "exit 0");
}

}  // namespace
}  // namespace hallmark::storage
