// SPDX-License-Identifier: Apache-2.0
#include "agent/init/spawn.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "common/descriptor.hpp"
#include "tests/support/expect_error.hpp"

namespace hallmark::guest {
namespace {

/// What a shell prints to the file that it has under a number; it has others too.
std::string output_of(const std::string& script, int number, std::vector<Handed> handed = {}) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    const FileDescriptor ours(ends[0]);
    FileDescriptor theirs(ends[1]);
    handed.push_back({.ours = theirs.get(), .theirs = number});
    const auto child = spawn({"/bin/sh", "-c", script}, {"NAME=value"}, handed);
    EXPECT_TRUE(child);
    theirs.reset();
    std::string text(4096, '\0');
    std::size_t size = 0;
    for (ssize_t count = 1; count > 0; size += static_cast<std::size_t>(std::max<ssize_t>(count, 0)))
        count = ::read(ours.get(), text.data() + size, text.size() - size);
    ::waitpid(*child, nullptr, 0);
    text.resize(size);
    return text;
}

TEST(Spawn, AProgramHasWhatItIsHandedAndNothingElse) {
    EXPECT_EQ(output_of("echo $NAME; echo ${HOME-none}", 1), "value\nnone\n");
    const FileDescriptor other(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    EXPECT_EQ(output_of("[ -e /proc/$$/fd/" + std::to_string(other.get()) + " ] || echo closed >&7", 7), "closed\n");
}

TEST(Spawn, FilesDoNotTakeEachOthersPlaces) {
    const FileDescriptor null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const FileDescriptor zero(::open("/dev/zero", O_RDONLY | O_CLOEXEC));
    const auto link = [](int number) { return "readlink /proc/$$/fd/" + std::to_string(number) + ";"; };
    EXPECT_EQ(output_of("PATH=/usr/bin:/bin;" + link(null.get()) + link(zero.get()), 1,
                        {{.ours = null.get(), .theirs = zero.get()}, {.ours = zero.get(), .theirs = null.get()}}),
              "/dev/zero\n/dev/null\n");
}

TEST(Spawn, AProgramThatIsNotThere) {
    hallmark::test::expect_error(spawn({"/none"}, {}), {"/none", "No such file"}, Fault::kNo);
}

}  // namespace
}  // namespace hallmark::guest
