// SPDX-License-Identifier: Apache-2.0
#include "agent/ports/discovery.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "tests/support/temporary.hpp"
#include "tests/unit/agent/fake_host.hpp"

namespace hallmark::guest {
namespace {

class FakeSysfs {
public:
    void add(const std::string& node, const std::string& content) const {
        const auto port = folder_.path() / "class/virtio-ports" / node;
        std::filesystem::create_directories(port);
        if (!content.empty()) std::ofstream(port / "name") << content;
    }
    [[nodiscard]] Roots roots() const { return {.sys = folder_.path().string(), .dev = "/dev"}; }

private:
    hallmark::test::TemporaryFolder folder_;
};

TEST(FindPort, IsByNameAndNotByNumber) {
    FakeSysfs sysfs;
    sysfs.add("vport1p1", "org.hallmark.tee.0\n");
    sysfs.add("vport1p2", "");  // a port that the host gave no name
    sysfs.add("vport3p7", "org.hallmark.control.0\n");
    EXPECT_EQ(find_port(sysfs.roots(), "org.hallmark.control.0", Clock::now()), "/dev/vport3p7");
    EXPECT_EQ(find_port(sysfs.roots(), "org.hallmark.tee.0", Clock::now()), "/dev/vport1p1");
}

TEST(FindPort, ANameThatOnlyStartsTheSameIsAnother) {
    FakeSysfs sysfs;
    sysfs.add("vport1p1", "org.hallmark.tee.01\n");
    sysfs.add("vport1p2", "org.hallmark.tee.\n");
    EXPECT_FALSE(find_port(sysfs.roots(), "org.hallmark.tee.0", Clock::now()));
}

TEST(FindPort, NoDriverIsNoPort) { EXPECT_FALSE(find_port({.sys = "/nowhere"}, "x", after(test::kShort))); }

TEST(FindPort, WaitsForAPortThatComesLate) {
    FakeSysfs sysfs;
    std::thread driver([&] {
        std::this_thread::sleep_for(test::kShort);
        sysfs.add("vport0p1", "late\n");
    });
    const auto found = find_port(sysfs.roots(), "late", after(test::kLong));
    driver.join();
    EXPECT_EQ(found, "/dev/vport0p1");
}

}  // namespace
}  // namespace hallmark::guest
