// SPDX-License-Identifier: Apache-2.0
#include "agent/network/network.hpp"

#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "agent/kernel_file.hpp"
#include "common/file.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::guest {
namespace {

using hallmark::test::expect_error;

class Cards : public ::testing::Test {
protected:
    Roots roots() const { return {.sys = folder_.path(), .dev = "/dev"}; }
    void add(const std::string& name, std::string_view type) const {
        const auto card = folder_.path() / "class" / "net" / name;
        std::filesystem::create_directories(card);
        ASSERT_TRUE(write_file(card / "type", as_bytes(type)));
    }

private:
    hallmark::test::TemporaryFolder folder_;
};

TEST_F(Cards, TheOnlyEthernetCardIsTaken) {
    expect_error(find_card(roots(), "", Clock::now()), {"no network card"}, Fault::kNo);
    add("lo", "772\n");
    add("eth0", "1\n");
    EXPECT_EQ(find_card(roots(), "", Clock::now()).value(), "eth0");
    expect_error(find_card(roots(), "eth1", Clock::now()), {"no network card eth1"}, Fault::kNo);
    expect_error(find_card(roots(), "lo", Clock::now()), {"no network card lo"}, Fault::kNo);
}

TEST_F(Cards, WhichOfTwoIsMeantMustBeSaid) {
    add("eth0", "1\n");
    add("eth1", "1\n");
    expect_error(find_card(roots(), "", Clock::now()), {"2 network cards", "[network] interface"}, Fault::kNo);
    EXPECT_EQ(find_card(roots(), "eth1", Clock::now()).value(), "eth1");
}

TEST(Resolver, HasALineForEachServer) {
    EXPECT_EQ(resolver_text({}), "");
    EXPECT_EQ(resolver_text({parse_address("192.0.2.53").value(), parse_address("2001:db8::53").value()}),
              "nameserver 192.0.2.53\nnameserver 2001:db8::53\n");
}

constexpr int kSkipped = 77;

/// In a network of its own, whose loopback has neither address nor route before.
int in_a_network_of_its_own() {
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return kSkipped;
    auto netlink = Netlink::open();
    const unsigned lo = ::if_nametoindex("lo");
    if (!netlink || lo == 0) return 1;
    // Not before it is up.
    if (netlink->set_gateway(lo, parse_address("10.9.8.1").value())) return 2;
    if (!bring_up_loopback()) return 3;
    for (int round = 0; round < 2; ++round)  // the second time it is there already
        if (!netlink->add_address(lo, parse_subnet("10.9.8.7/24").value(), std::chrono::seconds(3600))) return 4;
    if (!netlink->add_address(lo, parse_subnet("2001:db8::5/64").value(), std::nullopt)) return 5;
    if (!netlink->set_gateway(lo, parse_address("10.9.8.1").value())) return 6;
    const auto routes = read_kernel_file("/proc/self/net/route", 1 << 16);
    // Destination 0.0.0.0 by 10.9.8.1, in the byte order of the processor (proc(5)).
    const std::string text = routes ? std::string(routes->begin(), routes->end()) : "";
    if (text.find("lo\t00000000\t0108090A\t") == std::string::npos) return 7;
    const auto v6 = read_kernel_file("/proc/self/net/if_inet6", 1 << 16);
    const std::string addresses = v6 ? std::string(v6->begin(), v6->end()) : "";
    return addresses.find("20010db8000000000000000000000005") == std::string::npos ? 8 : 0;
}

TEST(Netlink, SetsUpACard) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(in_a_network_of_its_own());
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    if (WEXITSTATUS(status) == kSkipped) GTEST_SKIP() << "no network namespaces here";
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace hallmark::guest
