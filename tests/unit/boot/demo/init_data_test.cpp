// SPDX-License-Identifier: Apache-2.0
#include "boot/demo/init_data.hpp"

#include <gtest/gtest.h>

#include "common/base64.hpp"
#include "common/json.hpp"
#include "common/toml.hpp"

namespace hallmark::boot::demo {
namespace {

const Told kTold{.algorithm = init_data::Algorithm::kSha384,
                 .broker = "https://10.0.2.2:8080",
                 .certificate = "-----BEGIN CERTIFICATE-----\nYQ==\n-----END CERTIFICATE-----\n",
                 .image = {.name = "10.0.2.2:5000/hallmark/demo:1", .digest = "sha256:ab", .public_key = "a key\n"}};

Toml part(const std::string& name) {
    const auto document = init_data::parse_document(init_data_document(kTold), "init-data");
    EXPECT_TRUE(document) << document.error().message;
    EXPECT_EQ(document->algorithm, init_data::Algorithm::kSha384);
    EXPECT_TRUE(document->unknown.empty());
    auto toml = Toml::parse(document->data.at(name), name, 64UL * 1024);
    EXPECT_TRUE(toml) << toml.error().message;
    return std::move(*toml);
}

std::string text_at(const Toml& table, std::string_view key) { return table.at(key).value()->text().value(); }

TEST(DemoInitData, NamesTheBrokerWithItsCertificateToBothAgents) {
    const Toml agent = part("aa.toml");
    const Toml& kbs = *agent.find("token_configs")->find("kbs");
    EXPECT_EQ(text_at(kbs, "url"), kTold.broker);
    EXPECT_EQ(text_at(kbs, "cert"), kTold.certificate);
    const Toml hub = part("cdh.toml");
    EXPECT_EQ(text_at(*hub.find("kbc"), "url"), kTold.broker);
    EXPECT_EQ(text_at(*hub.find("kbc"), "kbs_cert"), kTold.certificate);
}

TEST(DemoInitData, OnlyTheSignedRepositoryMayRun) {
    const Toml hub = part("cdh.toml");
    const auto policy = parse_json(text_at(*hub.find("image"), "image_security_policy"), "policy");
    ASSERT_TRUE(policy);
    EXPECT_EQ((*policy)["default"], Json::array({{{"type", "reject"}}}));
    const Json& docker = (*policy)["transports"]["docker"];
    ASSERT_EQ(docker.size(), 1U);
    const Json& rules = docker["10.0.2.2:5000/hallmark/demo"];
    ASSERT_EQ(rules.size(), 1U);
    EXPECT_EQ(rules[0]["type"], "sigstoreSigned");
    EXPECT_EQ(rules[0]["keyData"], to_base64(as_bytes(std::string_view("a key\n"))));
}

TEST(DemoInitData, ThePodIsOneImageByNameAndDigest) {
    const Toml own = part("hallmark.toml");
    const auto containers = own.find("pod")->find("container")->array();
    ASSERT_TRUE(containers);
    ASSERT_EQ((*containers)->size(), 1U);
    EXPECT_EQ(text_at((**containers)[0], "image"), kTold.image.name);
    EXPECT_EQ(text_at((**containers)[0], "digest"), kTold.image.digest);
    EXPECT_TRUE(own.find("pod")->find("steps")->boolean().value());
    EXPECT_TRUE(own.find("pod")->find("output")->boolean().value());
}

}  // namespace
}  // namespace hallmark::boot::demo
