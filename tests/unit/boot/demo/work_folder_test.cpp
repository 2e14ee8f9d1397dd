// SPDX-License-Identifier: Apache-2.0
#include "boot/demo/work_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <string>
#include <thread>

#include "common/file.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::boot::demo {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class WorkFolder : public ::testing::Test {
protected:
    void SetUp() override { ASSERT_EQ(::setenv("TMPDIR", temporary_.path().c_str(), 1), 0); }
    void TearDown() override { ::unsetenv("TMPDIR"); }

    test::TemporaryFolder temporary_;
};

TEST_F(WorkFolder, IsItsOwnersAloneAndGoneAfterwards) {
    const auto status = in_work_folder([](const fs::path& folder) {
        struct stat found{};
        if (::stat(folder.c_str(), &found) != 0 || (found.st_mode & 07777) != 0700) return 1;
        return write_file(folder / "something", as_bytes(std::string_view("x"))) ? 7 : 2;
    });
    ASSERT_TRUE(status);
    EXPECT_EQ(*status, 7);
    EXPECT_TRUE(fs::is_empty(temporary_.path()));
}

TEST_F(WorkFolder, IsGoneWhereTheWorkDies) {
    const auto status = in_work_folder([](const fs::path&) {
        ::raise(SIGKILL);
        return 0;
    });
    ASSERT_TRUE(status);
    EXPECT_EQ(*status, 128 + SIGKILL);
    EXPECT_TRUE(fs::is_empty(temporary_.path()));
}

TEST_F(WorkFolder, IsGoneWhereSomebodyStopsUs) {
    const pid_t pid = ::fork();
    if (pid == 0) {
        const auto status = in_work_folder([this](const fs::path&) {
            static_cast<void>(write_file(temporary_.path() / "runs", {}));
            std::this_thread::sleep_for(60s);
            return 0;
        });
        ::_exit(status ? *status : 99);
    }
    for (int i = 0; i < 1000 && !fs::exists(temporary_.path() / "runs"); ++i) std::this_thread::sleep_for(10ms);
    ASSERT_EQ(::kill(pid, SIGTERM), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    EXPECT_EQ(WEXITSTATUS(status), 128 + SIGTERM);
    fs::remove(temporary_.path() / "runs");
    EXPECT_TRUE(fs::is_empty(temporary_.path()));
}

}  // namespace
}  // namespace hallmark::boot::demo
