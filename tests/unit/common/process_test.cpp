// SPDX-License-Identifier: Apache-2.0
#include "common/process.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "common/file.hpp"

namespace hallmark {
namespace {

using namespace std::chrono_literals;

FileDescriptor memory_file() { return FileDescriptor(::memfd_create("test", MFD_CLOEXEC)); }
FileDescriptor errors() { return memory_file(); }
std::string path_of(const FileDescriptor& file) { return "/proc/self/fd/" + std::to_string(file.get()); }

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

TEST(Process, SaysItsWordsIntoAFileWhereThereIsOne) {
    const FileDescriptor file = errors();
    const FileDescriptor words = memory_file();
    auto process = Process::start({"/bin/sh", "-c", "echo out; echo err >&2"}, {}, file, {}, &words);
    ASSERT_TRUE(process);
    ASSERT_TRUE(process->wait(in(10s)));
    EXPECT_EQ(read_file(path_of(words), 100).value(), Bytes({'o', 'u', 't', '\n'}));
    EXPECT_EQ(read_file(path_of(file), 100).value(), Bytes({'e', 'r', 'r', '\n'}));
}

TEST(Process, AProgramThatIsNotThereIsAnError) {
    const auto process = Process::start({"/nonexistent/qemu"}, {}, errors());
    ASSERT_FALSE(process);
    EXPECT_NE(process.error().message.find("/nonexistent/qemu"), std::string::npos);
}

TEST(Process, OnlyNamedDescriptorsAreInherited) {
    const FileDescriptor inherited = memory_file();
    const FileDescriptor kept = memory_file();
    const std::string test = "test -e " + path_of(inherited) + " && ! test -e " + path_of(kept);
    auto process = Process::start({"/bin/sh", "-c", test}, {inherited.get()}, errors());
    ASSERT_TRUE(process);
    ASSERT_TRUE(process->wait(in(10s)));
    EXPECT_EQ(WEXITSTATUS(*process->ended()), 0);
}

TEST(Process, HasOurEnvironmentOrThatWhichItIsGiven) {
    ASSERT_EQ(::setenv("HALLMARK_TEST", "ours", 1), 0);
    const std::vector<std::string> argv = {"/bin/sh", "-c", "test \"$HALLMARK_TEST\" = \"$0\""};
    const auto ends_well = [&](const std::string& expected, const std::optional<std::vector<std::string>>& given) {
        auto with = argv;
        with.push_back(expected);
        auto process = Process::start(with, {}, errors(), given);
        EXPECT_TRUE(process && process->wait(in(10s)));
        return WEXITSTATUS(*process->ended()) == 0;
    };
    EXPECT_TRUE(ends_well("ours", {}));
    EXPECT_TRUE(ends_well("", std::vector<std::string>{}));
    EXPECT_TRUE(ends_well("given", std::vector<std::string>{"HALLMARK_TEST=given"}));
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
}  // namespace hallmark
