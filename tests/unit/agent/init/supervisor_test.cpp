// SPDX-License-Identifier: Apache-2.0
#include "agent/init/supervisor.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "common/descriptor.hpp"
#include "common/file.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::guest {
namespace {

using namespace std::chrono_literals;
using hallmark::test::expect_error;

constexpr Patience kQuick{.ready = 5s, .first_wait = 1ms, .steady = 60s, .restarts = 2};

/// A stand-in for a daemon is a shell's line; its socket is this test's own.
class Supervised : public ::testing::Test {
protected:
    Supervised() {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::ranges::copy(socket(), address.sun_path);
        listener_ = FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        EXPECT_EQ(::listen(listener_.get(), 64), 0);
    }
    ~Supervised() override {
        for (const auto& ended : reap_children()) (void)ended;
    }
    std::string socket() const { return folder_.path() / "s"; }
    std::string file() const { return folder_.path() / "starts"; }
    Daemon daemon(const std::string& line, bool essential = false) const {
        return {.argv = {"/bin/sh", "-c", line},
                .environment = {"FILE=" + file()},
                .socket = socket(),
                .essential = essential};
    }
    void stop_listening() { listener_.reset(); }
    std::string starts() const {
        const auto content = read_file(file(), 4096);
        return content ? std::string(content->begin(), content->end()) : "";
    }
    /// Lets the daemons end and start until one is not started again, or is the end of the guest.
    static std::optional<std::string> run(Supervisor& supervisor) {
        for (const auto deadline = Clock::now() + 20s; Clock::now() < deadline; ::usleep(500)) {
            for (const auto& ended : reap_children())
                if (auto reason = supervisor.note(ended)) return reason;
            EXPECT_TRUE(supervisor.restart());
            if (!supervisor.due() && ::waitpid(-1, nullptr, WNOHANG) < 0) return std::nullopt;
        }
        ADD_FAILURE() << "it never ends";
        return std::nullopt;
    }

private:
    hallmark::test::TemporaryFolder folder_;
    FileDescriptor listener_;
};

TEST_F(Supervised, OneThatEndsIsStartedAgainButNotForEver) {
    Supervisor supervisor(kQuick);
    ASSERT_TRUE(supervisor.start(daemon("echo start >> $FILE; exec sleep 0.05")));
    EXPECT_FALSE(run(supervisor));
    EXPECT_EQ(starts(), "start\nstart\nstart\n");
}

TEST_F(Supervised, AnEssentialOneIsTheEndOfTheGuest) {
    Supervisor supervisor(kQuick);
    ASSERT_TRUE(supervisor.start(daemon("sleep 0.05; exit 3", /* essential= */ true)));
    const auto reason = run(supervisor);
    ASSERT_TRUE(reason);
    EXPECT_EQ(*reason, "the sh ended with status 3 again and again, the last time after 2 new starts");
}

TEST_F(Supervised, EachNewStartWaitsLonger) {
    Supervisor supervisor({.ready = 5s, .first_wait = 50ms, .steady = 60s, .restarts = 2});
    ASSERT_TRUE(supervisor.start(daemon("exec sleep 0.05")));
    const auto begin = Clock::now();
    EXPECT_FALSE(run(supervisor));
    // It lived three times, and was waited for 50 and 100 ms.
    EXPECT_GE(Clock::now() - begin, 200ms);
}

TEST_F(Supervised, OneThatRanForLongBeginsAnew) {
    Supervisor supervisor({.ready = 5s, .first_wait = 1ms, .steady = 500ms, .restarts = 1});
    // Two long lives, then a short one: without the first rule, the second would have been the last.
    ASSERT_TRUE(supervisor.start(
        daemon("echo start >> $FILE; [ $(wc -l < $FILE) -gt 2 ] || exec sleep 0.6", /* essential= */ true)));
    EXPECT_TRUE(run(supervisor));
    EXPECT_EQ(std::ranges::count(starts(), '\n'), 3);
}

TEST_F(Supervised, OneThatRefusesItsFirstStartIsNotStartedAgain) {
    stop_listening();
    Supervisor supervisor(kQuick);
    expect_error(supervisor.start(daemon("echo start >> $FILE; exit 1")), {"sh", "with status 1 before it was ready"},
                 Fault::kNo);
    expect_error(supervisor.start(daemon("kill -KILL $$")), {"by signal 9 before it was ready"}, Fault::kNo);
    EXPECT_FALSE(supervisor.due());
    EXPECT_EQ(starts(), "start\n");
}

TEST_F(Supervised, OneThatNeverListensIsRefused) {
    stop_listening();
    Supervisor supervisor({.ready = 50ms});
    expect_error(supervisor.start(daemon("exec sleep 5")), {"is not ready in 50 ms"}, Fault::kNo);
}

TEST_F(Supervised, AProgramThatIsNotThereIsAnError) {
    Supervisor supervisor(kQuick);
    expect_error(supervisor.start({.argv = {"/nonexistent/daemon"}, .environment = {}, .socket = socket()}),
                 {"/nonexistent/daemon", "No such file"}, Fault::kNo);
}

TEST_F(Supervised, NothingOfThisProcessIsPassedOn) {
    ::setenv("SECRET_OF_INIT", "1", 1);
    Supervisor supervisor(kQuick);
    ASSERT_TRUE(supervisor.start(daemon("echo ${SECRET_OF_INIT-clean} >> $FILE; exec sleep 0.05")));
    EXPECT_FALSE(run(supervisor));
    EXPECT_EQ(starts(), "clean\nclean\nclean\n");
    ::unsetenv("SECRET_OF_INIT");
}

TEST_F(Supervised, ChildrenOfOthersAreLeftAlone) {
    Supervisor supervisor(kQuick);
    EXPECT_FALSE(supervisor.note({.child = 12345, .status = 0}));
    EXPECT_FALSE(supervisor.due());
}

}  // namespace
}  // namespace hallmark::guest
