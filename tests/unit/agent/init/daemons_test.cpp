// SPDX-License-Identifier: Apache-2.0
// The arguments of Kata's own components, word for word, and one more.
#include "agent/init/daemons.hpp"

#include <gtest/gtest.h>

namespace hallmark::guest {
namespace {

using Words = std::vector<std::string>;

TEST(Daemons, WithoutInitData) {
    EXPECT_EQ(attestation_agent(nullptr).argv,
              (Words{"/usr/local/bin/attestation-agent", "--attestation_sock",
                     "unix:///run/confidential-containers/attestation-agent/attestation-agent.sock",
                     "--initdata-digest", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}));
    EXPECT_TRUE(attestation_agent(nullptr).essential);
    EXPECT_EQ(confidential_data_hub(nullptr).argv, Words{"/usr/local/bin/confidential-data-hub"});
    EXPECT_EQ(confidential_data_hub(nullptr).socket, "/run/confidential-containers/cdh.sock");
    EXPECT_EQ(api_server_rest().argv, (Words{"/usr/local/bin/api-server-rest", "--features", "resource"}));
    EXPECT_EQ(api_server_rest().port, 8006);
    EXPECT_EQ(api_server_rest().name(), "api-server-rest");
}

TEST(Daemons, WithInitData) {
    InitData data{.has_agent_config = true, .has_hub_config = true};
    const Words agent = attestation_agent(&data).argv;
    EXPECT_EQ(Words(agent.begin() + 3, agent.end()),
              (Words{"--initdata-toml", "/run/confidential-containers/initdata/initdata.toml", "-c",
                     "/run/confidential-containers/initdata/aa.toml"}));
    EXPECT_EQ(confidential_data_hub(&data).argv,
              (Words{"/usr/local/bin/confidential-data-hub", "-c", "/run/confidential-containers/initdata/cdh.toml"}));
    data.has_agent_config = data.has_hub_config = false;
    EXPECT_EQ(attestation_agent(&data).argv.size(), 5U);
    EXPECT_EQ(confidential_data_hub(&data).argv.size(), 1U);
}

TEST(Daemons, OnlyTheirOwnEnvironment) {
    EXPECT_EQ(attestation_agent(nullptr).environment, Words{"PATH=/usr/sbin:/usr/bin"});
    InitData data;
    data.settings.network = NetworkSettings{.https_proxy = "http://proxy:1", .no_proxy = "10.0.0.0/8"};
    EXPECT_EQ(attestation_agent(&data).environment,
              (Words{"PATH=/usr/sbin:/usr/bin", "https_proxy=http://proxy:1", "no_proxy=10.0.0.0/8"}));
    data.settings.network.reset();
    data.settings.pod = PodSettings{.steps = true, .containers = {}};
    EXPECT_EQ(attestation_agent(&data).environment, (Words{"PATH=/usr/sbin:/usr/bin", "HALLMARK_STEPS=1"}));
    EXPECT_EQ(confidential_data_hub(&data).environment.back(), "OCICRYPT_KEYPROVIDER_CONFIG=/etc/ocicrypt_config.json");
}

}  // namespace
}  // namespace hallmark::guest
