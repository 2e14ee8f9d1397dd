// SPDX-License-Identifier: Apache-2.0
#include "agent/init-data/settings.hpp"

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"

namespace hallmark::guest {
namespace {

using hallmark::test::expect_error;

TEST(Settings, NothingSaidIsNoNetworkAndNoSecret) {
    const auto settings = parse_settings("version = 1\n");
    ASSERT_TRUE(settings) << settings.error().message;
    EXPECT_FALSE(settings->network);
    EXPECT_TRUE(settings->secrets.empty());
}

TEST(Settings, AFixedAddress) {
    const auto settings = parse_settings(R"(version = 1
[network]
interface = "eth0"
addresses = ["192.0.2.5/24", "2001:db8::5/64"]
gateways = ["192.0.2.1", "2001:db8::1"]
name_servers = ["192.0.2.53"]
https_proxy = "http://proxy.example:3128"
no_proxy = "192.0.2.0/24"
)");
    ASSERT_TRUE(settings) << settings.error().message;
    const NetworkSettings& network = settings->network.value();
    EXPECT_EQ(network.interface, "eth0");
    EXPECT_FALSE(network.dhcp);
    ASSERT_EQ(network.addresses.size(), 2U);
    EXPECT_EQ(network.addresses[0].address.text(), "192.0.2.5");
    EXPECT_EQ(network.addresses[0].prefix, 24);
    EXPECT_EQ(network.addresses[1].address.text(), "2001:db8::5");
    EXPECT_EQ(network.gateways[1].text(), "2001:db8::1");
    EXPECT_EQ(network.name_servers[0].text(), "192.0.2.53");
    EXPECT_EQ(network.https_proxy, "http://proxy.example:3128");
    EXPECT_TRUE(network.http_proxy.empty());
    EXPECT_EQ(network.no_proxy, "192.0.2.0/24");
}

TEST(Settings, DhcpAndSecrets) {
    const auto settings = parse_settings(
        "version = 1\nnetwork = { dhcp = true }\n"
        "[[secret]]\nresource = 'kbs:///default/key/one'\n[[secret]]\nresource = 'kbs:///default/key/two'\n");
    ASSERT_TRUE(settings) << settings.error().message;
    EXPECT_TRUE(settings->network->dhcp);
    EXPECT_EQ(settings->secrets, (std::vector<std::string>{"kbs:///default/key/one", "kbs:///default/key/two"}));
}

TEST(Settings, WhatIsNotMeantIsAnErrorWithItsLine) {
    const auto refuse = [](const std::string& text, std::initializer_list<std::string_view> parts) {
        expect_error(parse_settings("version = 1\n" + text), parts);
    };
    expect_error(parse_settings(""), {"hallmark.toml", "version"});
    expect_error(parse_settings("version = 2"), {"line 1", "found 2, expected 1"});
    refuse("nework = {}", {"line 2", "nework"});
    refuse("[network]", {"line 2", "either dhcp = true or addresses"});
    refuse("network = { dhcp = true, addresses = ['192.0.2.5/24'] }", {"either dhcp = true or addresses"});
    refuse("network = { dhcp = true, gateways = ['192.0.2.1'] }", {"gateways beside dhcp"});
    refuse("network = { addresses = ['192.0.2.5/24'], gateways = ['192.0.2.1', '192.0.2.2'] }", {"two of one family"});
    refuse("network = { addresses = ['192.0.2.5/33'] }", {"192.0.2.5/33", "prefix"});
    refuse("network = { addresses = ['192.0.2.5'] }", {"prefix"});
    refuse("network = { addresses = ['192.0.2.256/24'] }", {"expected an address"});
    refuse("network = { dhcp = true, interface = '../eth0' }", {"interface", "expected a name"});
    refuse("network = { dhcp = true, name_servers = [1] }", {"name_servers"});
    refuse("[[secret]]\n", {"resource"});
    refuse("[[secret]]\nresource = 'file:///etc/passwd'", {"line 3", "expected a URI like kbs://"});
    std::string many;
    for (int i = 0; i < 17; ++i) many += "[[secret]]\nresource = 'kbs:///a/b/c'\n";
    refuse(many, {"17 secrets, expected at most 16"});
}

}  // namespace
}  // namespace hallmark::guest
