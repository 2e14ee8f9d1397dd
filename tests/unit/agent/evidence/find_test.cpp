// SPDX-License-Identifier: Apache-2.0
#include "agent/evidence/find.hpp"

#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include <fstream>

#include "common/descriptor.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::guest {
namespace {

/// /sys with the simulated processor's port; a terminal plays its device node.
class FindEvidence : public testing::Test {
protected:
    void SetUp() override {
        std::array<char, 128> name{};
        int host = -1;
        int guest = -1;
        ASSERT_EQ(::openpty(&host, &guest, name.data(), nullptr, nullptr), 0);
        host_ = FileDescriptor(host);
        guest_ = FileDescriptor(guest);
        std::filesystem::create_directories(folder_.path() / "dev");
        std::filesystem::create_symlink(name.data(), folder_.path() / "dev/vport0p1");
        const auto port = folder_.path() / "sys/class/virtio-ports/vport0p1";
        std::filesystem::create_directories(port);
        std::ofstream(port / "name") << guest_port::kTeePort << "\n";
    }
    [[nodiscard]] Roots roots() const {
        return {.sys = (folder_.path() / "sys").string(), .dev = (folder_.path() / "dev").string()};
    }
    hallmark::test::TemporaryFolder folder_;
    FileDescriptor host_;
    FileDescriptor guest_;
};

TEST_F(FindEvidence, IsSimulatedWhereNothingRealIs) {
    const auto found = find_evidence(roots(), Clock::now());
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_NE(*found, nullptr);
    EXPECT_EQ((*found)->name(), "simulated");
}

TEST_F(FindEvidence, IsNeverSimulatedWhereSomethingRealFails) {
    // A folder in which a report folder can be made, but with no provider in it.
    std::filesystem::create_directories(folder_.path() / "sys/kernel/config/tsm/report");
    EXPECT_FALSE(find_evidence(roots(), Clock::now()));
}

TEST_F(FindEvidence, IsNothingWithoutThePort) {
    const auto found = find_evidence({.sys = "/nowhere", .dev = "/dev"}, Clock::now());
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, nullptr);
}

TEST_F(FindEvidence, APortThatCannotBeOpenedIsAnError) {
    std::filesystem::remove(folder_.path() / "dev/vport0p1");
    EXPECT_FALSE(find_evidence(roots(), Clock::now()));
}

}  // namespace
}  // namespace hallmark::guest
