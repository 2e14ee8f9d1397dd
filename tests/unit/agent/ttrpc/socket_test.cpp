// SPDX-License-Identifier: Apache-2.0
#include "agent/ttrpc/socket.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <string>

#include "common/file.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::ttrpc {
namespace {

using namespace std::chrono_literals;
using test::expect_error;

class TtrpcSocket : public ::testing::Test {
protected:
    test::TemporaryFolder folder;
    std::string path = (folder.path() / "x.sock").string();
    Users me = {::geteuid()};
};

TEST(TtrpcAddress, IsAPathOfAUnixSocket) {
    EXPECT_EQ(socket_path("unix:///run/x.sock").value(), "/run/x.sock");
    for (const auto* bad : {"", "/run/x.sock", "unix://", "unix://run/x.sock", "vsock://3:1"})
        expect_error(socket_path(bad), {bad, "expected unix:///PATH"});
    expect_error(socket_path("unix:///" + std::string(200, 'x')), {"path of 201 bytes, expected 1 to 107"});
}

TEST_F(TtrpcSocket, IsTheOwnersAlone) {
    const auto listener = listen_on(path);
    ASSERT_TRUE(listener) << listener.error().message;
    struct stat found{};
    ASSERT_EQ(::stat(path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode, S_IFSOCK | 0600U);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST_F(TtrpcSocket, TakesThePlaceOfOneThatNobodyServes) {
    ASSERT_TRUE(listen_on(path));
    const auto again = listen_on(path);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_TRUE(connect_to(path, me, in(1s)));
}

TEST_F(TtrpcSocket, LeavesOneThatIsServed) {
    const auto listener = listen_on(path);
    expect_error(listen_on(path), {path, "another process serves it"});
    EXPECT_TRUE(connect_to(path, me, in(1s)));
    EXPECT_TRUE(accept_from(listener->get()));
}

TEST_F(TtrpcSocket, LeavesOtherFiles) {
    ASSERT_TRUE(write_file(path, as_bytes("kept")));
    expect_error(listen_on(path), {path, "another kind"});
    EXPECT_EQ(read_file(path, 10).value().size(), 4U);
}

TEST_F(TtrpcSocket, AFolderThatIsMissingIsAnError) {
    expect_error(listen_on(path + "/y.sock"), {"y.sock", "No such file"});
    expect_error(listen_on(""), {"expected 1 to 107"});
}

TEST_F(TtrpcSocket, OnlyRootAndWhoIsNamedArePeers) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root, to become another user";
    constexpr uid_t kNobody = 65534;
    const auto listener = listen_on(path, 0666);
    std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
    const pid_t child = ::fork();
    if (child == 0) {
        const bool ok = ::setuid(kNobody) == 0 && connect_to(path, {}, in(5s));
        ::_exit(ok ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0);
    const auto connection = accept_from(listener->get());
    ASSERT_TRUE(connection);
    expect_error(check_peer(connection->get(), {}), {"the peer is user 65534"}, Fault::kNo);
    EXPECT_TRUE(check_peer(connection->get(), {7, kNobody}));
}

}  // namespace
}  // namespace hallmark::ttrpc
