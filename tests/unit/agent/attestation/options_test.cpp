// SPDX-License-Identifier: Apache-2.0
#include "agent/attestation/options.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/expect_error.hpp"

namespace hallmark::attestation {
namespace {

using test::expect_error;

Result<Options> parse(const std::vector<const char*>& words) {
    auto arguments = accepted_arguments();
    if (const auto status = arguments.parse(words)) return bad_input("ended with " + std::to_string(*status));
    return options_of(arguments);
}

TEST(AttestationOptions, AreThoseOfTheKataAgent) {
    const auto options = parse(
        {"--attestation_sock", "unix:///run/aa.sock", "--initdata-toml", "/run/initdata.toml", "-c", "/run/aa.toml"});
    ASSERT_TRUE(options) << options.error().message;
    EXPECT_EQ(options->socket, "/run/aa.sock");
    EXPECT_EQ(options->init_data, "/run/initdata.toml");
    EXPECT_EQ(options->config, "/run/aa.toml");
}

TEST(AttestationOptions, HaveDefaultsAndTakeEqualsSigns) {
    EXPECT_EQ(parse({})->socket, "/run/confidential-containers/attestation-agent/attestation-agent.sock");
    EXPECT_EQ(parse({"--initdata-digest=AA=="})->init_data_digest, "AA==");
    EXPECT_EQ(parse({"-a", "unix:///run/b.sock"})->socket, "/run/b.sock");
}

TEST(AttestationOptions, RefuseWhatTheyDoNotKnow) {
    expect_error(parse({"--kbs", "x"}), {"ended with 2"});
    expect_error(parse({"-c"}), {"ended with 2"});
    expect_error(parse({"--attestation_sock", "127.0.0.1:50002"}), {"--attestation_sock", "unix:///"});
    expect_error(parse({"--initdata-toml", "a", "--initdata-digest", "AA=="}), {"expected one of them"});
}

}  // namespace
}  // namespace hallmark::attestation
