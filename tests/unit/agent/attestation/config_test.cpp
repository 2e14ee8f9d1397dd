// SPDX-License-Identifier: Apache-2.0
#include "agent/attestation/config.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/expect_error.hpp"

namespace hallmark::attestation {
namespace {

using test::expect_error;

constexpr std::string_view kToml = R"([token_configs.kbs]
url = "https://kbs.example:8080"
cert = """
-----BEGIN CERTIFICATE-----
AA==
-----END CERTIFICATE-----
"""
tee_key_algorithm = "RSA-OAEP-256"
[token_configs.coco_as]
url = "http://as.example:8080"
[eventlog_config]
init_pcr = 8
enable_eventlog = true
[log]
level = "warn"
[hallmark]
kbs_protocol = "0.2.0"
evidence = "sample"
)";
constexpr std::string_view kJson = R"({"token_configs":{"kbs":{"url":"https://kbs.example:8080",
"cert":"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n","tee_key_algorithm":"RSA-OAEP-256"},
"coco_as":{"url":"http://as.example:8080"}},"eventlog_config":{"init_pcr":8,"enable_eventlog":true},
"log":{"level":"warn"},"hallmark":{"kbs_protocol":"0.2.0","evidence":"sample"}})";

TEST(AttestationConfig, TomlAndJsonSayTheSame) {
    for (const auto text : {kToml, kJson}) {
        const auto config = parse_config(text, "aa.toml");
        ASSERT_TRUE(config) << config.error().message;
        EXPECT_EQ(config->kbs_url, "https://kbs.example:8080");
        EXPECT_EQ(config->kbs_certificate_pem, "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n");
        EXPECT_EQ(config->tee_key, jose::KeyKind::kRsa);
        EXPECT_EQ(config->coco_as_url, "http://as.example:8080");
        EXPECT_EQ(config->init_pcr, 8U);
        EXPECT_TRUE(config->enable_eventlog);
        EXPECT_EQ(config->log_level, LogLevel::kWarn);
        EXPECT_EQ(config->kbs_protocol->number, "0.2.0");
        EXPECT_TRUE(config->sample_evidence);
        EXPECT_TRUE(config->unknown_keys.empty());
    }
}

TEST(AttestationConfig, HasTheDefaultsOfOtherAgents) {
    for (const auto text : {"", "{}", "[token_configs.kbs]\nurl = \"https://a\"\n"}) {
        const auto config = parse_config(text, "aa.toml");
        ASSERT_TRUE(config) << config.error().message;
        EXPECT_EQ(config->tee_key, jose::KeyKind::kP256);
        EXPECT_EQ(config->init_pcr, 17U);
        EXPECT_FALSE(config->enable_eventlog);
        EXPECT_EQ(config->log_level, LogLevel::kInfo);
        EXPECT_EQ(config->kbs_protocol->number, "0.4.0");
        EXPECT_FALSE(config->sample_evidence);
    }
}

TEST(AttestationConfig, UnknownKeysAreNamedAndPassedOver) {
    const auto config =
        parse_config("aa_kbc_params = \"x\"\n[token_configs.kbs]\nurl = \"https://a\"\nurll = 1\n", "aa.toml");
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->kbs_url, "https://a");
    ASSERT_EQ(config->unknown_keys.size(), 2U);
    EXPECT_NE(config->unknown_keys[0].find("aa_kbc_params"), std::string::npos) << config->unknown_keys[0];
    EXPECT_NE(config->unknown_keys[1].find("line 4: token_configs.kbs.urll"), std::string::npos)
        << config->unknown_keys[1];
}

TEST(AttestationConfig, ABadValueIsOneLineThatNamesIt) {
    const auto refuse = [](std::string_view text, std::string_view field) {
        expect_error(parse_config(text, "aa.toml"), {"aa.toml", field});
    };
    refuse("token_configs = 1", "token_configs");
    refuse("[token_configs.kbs]\nurl = 1", "token_configs.kbs.url");
    refuse("[token_configs.kbs]\nurl = \"kbs.example\"", "https://HOST");
    refuse("[token_configs.kbs]\nurl = \"https://a b\"", "token_configs.kbs.url");
    refuse("[token_configs.kbs]\ncert = \"/etc/kbs.pem\"", "BEGIN CERTIFICATE");
    refuse("[token_configs.kbs]\ntee_key_algorithm = \"RSA1_5\"", "token_configs.kbs.tee_key_algorithm");
    refuse("[token_configs.kbs]\ntee_key_algorithm = \"ML-KEM-768+A192KW\"", "token_configs.kbs.tee_key_algorithm");
    refuse("[token_configs.coco_as]\nurl = \"ftp://a\"", "token_configs.coco_as.url");
    refuse("[eventlog_config]\ninit_pcr = 24", "from 0 to 23");
    refuse("[eventlog_config]\ninit_pcr = -1", "eventlog_config.init_pcr");
    refuse(R"({"eventlog_config":{"init_pcr":18446744073709551615}})", "eventlog_config.init_pcr");
    refuse("[eventlog_config]\nenable_eventlog = \"yes\"", "expected a boolean");
    refuse("[log]\nlevel = \"loud\"", "log.level");
    refuse("[hallmark]\nkbs_protocol = \"0.1.0\"", "0.4.0 or 0.3.0 or 0.2.0");
    refuse("[hallmark]\nevidence = \"none\"", "hallmark.evidence");
    refuse("[log\n", "line 1");
    refuse("{\"log\":", "aa.toml");
    refuse(std::string(kLargestConfig + 1, ' '), "expected at most");
}

TEST(AttestationConfig, TheBrokersAddressComesFromTheEnvironmentOrTheKernel) {
    EXPECT_EQ(kbs_url_of("cc_kbc::https://a:1", "agent.aa_kbc_params=cc_kbc::https://b").value(), "https://a:1");
    EXPECT_EQ(kbs_url_of("", "quiet agent.aa_kbc_params=cc_kbc::http://b:8080 ro\n").value(), "http://b:8080");
    EXPECT_EQ(kbs_url_of("", "xagent.aa_kbc_params=cc_kbc::http://b").value(), std::nullopt);
    EXPECT_EQ(kbs_url_of("offline_fs_kbc::null", "agent.aa_kbc_params=cc_kbc::http://b").value(), std::nullopt);
    EXPECT_EQ(kbs_url_of("", "").value(), std::nullopt);
    expect_error(kbs_url_of("cc_kbc", ""), {"AA_KBC_PARAMS", "cc_kbc::URL"});
    expect_error(kbs_url_of("", "agent.aa_kbc_params=cc_kbc::kbs.example"), {"agent.aa_kbc_params", "https://"});
}

}  // namespace
}  // namespace hallmark::attestation
