// SPDX-License-Identifier: Apache-2.0
#include "boot/qemu/process.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "boot/qemu/memory.hpp"
#include "common/file.hpp"

namespace hallmark::boot {
namespace {

using namespace std::chrono_literals;

FileDescriptor errors() { return make_memory_file("errors", 0).value(); }

/// Waits for the end of something that is not our child.
bool gone(pid_t pid) {
    for (int i = 0; i < 400; ++i) {
        if (::kill(pid, 0) != 0) return true;
        std::this_thread::sleep_for(5ms);
    }
    return false;
}

TEST(Process, EndsWithItsStatusAndItsErrorsApart) {
    const FileDescriptor file = errors();
    auto process = Process::start({"/bin/sh", "-c", "echo out; echo err >&2; exit 3"}, {}, file);
    ASSERT_TRUE(process);
    ASSERT_TRUE(process->wait(in(10s)));
    EXPECT_EQ(WEXITSTATUS(*process->ended()), 3);
    EXPECT_EQ(read_file(path_of(file), 100).value(), Bytes({'e', 'r', 'r', '\n'}));
}

TEST(Process, AProgramThatIsNotThereIsAnError) {
    const auto process = Process::start({"/nonexistent/qemu"}, {}, errors());
    ASSERT_FALSE(process);
    EXPECT_NE(process.error().message.find("/nonexistent/qemu"), std::string::npos);
}

TEST(Process, OnlyNamedDescriptorsAreInherited) {
    const FileDescriptor inherited = make_memory_file("inherited", as_bytes("x")).value();
    const FileDescriptor kept = make_memory_file("kept", as_bytes("x")).value();
    const std::string test = "test -e " + path_of(inherited) + " && ! test -e " + path_of(kept);
    auto process = Process::start({"/bin/sh", "-c", test}, {inherited.get()}, errors());
    ASSERT_TRUE(process);
    ASSERT_TRUE(process->wait(in(10s)));
    EXPECT_EQ(WEXITSTATUS(*process->ended()), 0);
}

TEST(Process, IsKilledWithItsChildrenAtTheEndOfItsLife) {
    const FileDescriptor file = errors();
    pid_t grandchild = 0;
    {
        auto process = Process::start({"/bin/sh", "-c", "sleep 600 & echo $! >&2; wait"}, {}, file);
        ASSERT_TRUE(process);
        EXPECT_FALSE(process->wait(in(300ms)));
        const Bytes text = read_file(path_of(file), 100).value();
        grandchild = std::stoi(std::string(text.begin(), text.end()));
        ASSERT_EQ(::kill(grandchild, 0), 0);
    }
    EXPECT_TRUE(gone(grandchild));
}

TEST(Process, DiesWithUs) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t parent = ::fork();
    if (parent == 0) {
        auto process =
            Process::start({"/bin/sh", "-c", "echo $$ >&2; exec sleep 600"}, {}, FileDescriptor(::dup(ends[1])));
        std::this_thread::sleep_for(10s);  // killed meanwhile
        ::_exit(0);
    }
    char text[32] = {};
    ASSERT_GT(::read(ends[0], text, sizeof text - 1), 0);
    ::close(ends[0]);
    ::close(ends[1]);
    ::kill(parent, SIGKILL);
    ::waitpid(parent, nullptr, 0);
    EXPECT_TRUE(gone(std::stoi(text)));
}

}  // namespace
}  // namespace hallmark::boot
