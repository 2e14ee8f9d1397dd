// SPDX-License-Identifier: Apache-2.0
#include "agent/data-hub/config.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/support/expect_error.hpp"

namespace hallmark::hub {
namespace {

using test::expect_error;

// The keys are those of CoCo's own sample configurations.
constexpr const char* kToml = R"(
socket = "unix:///run/other.sock"
skip_sealed_secret_verification = true
[aa]
aa_socket = "unix:///run/aa.sock"
[kbc]
name = "cc_kbc"
url = "https://kbs.example:8080"
kbs_cert = """
-----BEGIN CERTIFICATE-----
"""
[log]
level = "debug"
[[credentials]]
path = "/run/confidential-containers/cdh/kbs/one"
resource_uri = "kbs:///default/credential/one"
[image]
max_concurrent_layer_downloads_per_image = 5
image_security_policy_uri = "kbs:///default/security-policy/test"
extra_root_certificates = ["cert1", "cert2"]
[image.registry_config]
unqualified-search-registries = ["docker.io"]
[[image.registry_config.registry]]
prefix = "example.com/foo"
location = "internal.example/bar"
[[image.registry_config.registry.mirror]]
location = "mirror.example/foo"
insecure = true
[image.image_pull_proxy]
https_proxy = "http://192.0.2.1:5432"
)";
constexpr const char* kJson = R"({"socket":"unix:///run/other.sock","skip_sealed_secret_verification":true,
"aa":{"aa_socket":"unix:///run/aa.sock"},"kbc":{"name":"cc_kbc","url":"https://kbs.example:8080",
"kbs_cert":"-----BEGIN CERTIFICATE-----\n"},"log":{"level":"debug"},"credentials":[{
"path":"/run/confidential-containers/cdh/kbs/one","resource_uri":"kbs:///default/credential/one"}],
"image":{"max_concurrent_layer_downloads_per_image":5,"sigstore_config":null,
"image_security_policy_uri":"kbs:///default/security-policy/test","extra_root_certificates":["cert1","cert2"],
"registry_config":{"unqualified-search-registries":["docker.io"],"registry":[{"prefix":"example.com/foo",
"location":"internal.example/bar","mirror":[{"location":"mirror.example/foo","insecure":true}]}]},
"image_pull_proxy":{"https_proxy":"http://192.0.2.1:5432"}}})";

class Forms : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(DataHubConfig, Forms, ::testing::Values(kToml, kJson));

TEST_P(Forms, EveryKeyIsRead) {
    const auto config = parse_config(GetParam(), "cdh.toml");
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->socket, "unix:///run/other.sock");
    EXPECT_EQ(config->aa_socket, "unix:///run/aa.sock");
    EXPECT_EQ(config->kbc.name, "cc_kbc");
    EXPECT_EQ(config->kbc.url, "https://kbs.example:8080");
    EXPECT_EQ(config->kbc.certificate, "-----BEGIN CERTIFICATE-----\n");
    EXPECT_EQ(config->log_level, "debug");
    EXPECT_TRUE(config->skip_sealed_secret_verification);
    ASSERT_EQ(config->credentials.size(), 1U);
    EXPECT_EQ(config->credentials[0].path, "/run/confidential-containers/cdh/kbs/one");
    EXPECT_EQ(config->credentials[0].resource_uri, "kbs:///default/credential/one");
    const auto& image = config->image;
    EXPECT_EQ(image.layers_at_once, 5U);
    EXPECT_EQ(image.work_dir, "/run/kata-containers/image/");
    EXPECT_EQ(image.policy_uri, "kbs:///default/security-policy/test");
    EXPECT_EQ(image.extra_roots, (std::vector<std::string>{"cert1", "cert2"}));
    EXPECT_EQ(image.proxies.https, "http://192.0.2.1:5432");
    const auto reference = oci::Reference::parse("example.com/foo/app:1");
    ASSERT_TRUE(reference);
    const auto endpoints = image.registries.endpoints(*reference);
    ASSERT_TRUE(endpoints && endpoints->size() == 2U);
    EXPECT_EQ((*endpoints)[0].reference.text(), "mirror.example/foo/app:1");
    EXPECT_TRUE((*endpoints)[0].insecure);
    EXPECT_EQ((*endpoints)[1].reference.text(), "internal.example/bar/app:1");
    EXPECT_TRUE(config->unknown_keys.empty());
}

TEST(DataHubConfig, WhatIsMissingHasTheDefaults) {
    const auto config = parse_config("[kbc]\nname = 'offline_fs_kbc'\n[image]\nsome_undefined_field = 1\n", "cdh.toml");
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->socket, "unix:///run/confidential-containers/cdh.sock");
    EXPECT_EQ(config->aa_socket, "unix:///run/confidential-containers/attestation-agent/attestation-agent.sock");
    EXPECT_EQ(config->image.layers_at_once, 3U);
    EXPECT_FALSE(config->skip_sealed_secret_verification);
    EXPECT_EQ(config->unknown_keys, std::vector<std::string>{"cdh.toml: line 4: image.some_undefined_field"});
}

TEST(DataHubConfig, ErrorsSayWhatIsWrong) {
    const auto refuse = [](const std::string& text, std::initializer_list<std::string_view> words) {
        expect_error(parse_config(text, "cdh.toml"), words);
    };
    const std::string kbc = "[kbc]\nname = 'offline_fs_kbc'\n";
    refuse("", {"cdh.toml", "no key 'kbc'"});
    refuse("{", {"cdh.toml", "JSON"});
    refuse("[kbc]\nname = 'online_sev_kbc'\n", {"line 2", "kbc.name", "expected cc_kbc or offline_fs_kbc"});
    refuse("[kbc]\nname = 'cc_kbc'\n", {"kbc", "without a url"});
    refuse("[kbc]\nname = 1\n", {"kbc.name", "expected a text"});
    refuse("{\"kbc\":{\"name\":1}}", {"cdh.toml: kbc.name", "expected a text"});
    refuse("{\"kbc\":{\"name\":1.5}}", {"kbc.name", "found number"});
    refuse("kbc = 1\n", {"kbc", "expected a table"});
    refuse(kbc + "[[credentials]]\n", {"credentials[0]", "no key 'path'"});
    refuse("credentials = 1\n" + kbc, {"credentials", "expected an array"});
    refuse("skip_sealed_secret_verification = 'true'\n" + kbc, {"skip_sealed_secret_verification", "a boolean"});
    refuse(kbc + "[image]\nmax_concurrent_layer_downloads_per_image = 0\n", {"line 4", "found 0", "1 to 64"});
    refuse(kbc + "[image]\nextra_root_certificates = [1]\n", {"extra_root_certificates[0]", "expected a text"});
    refuse(kbc + "[image]\nwork_dir = 'images'\n", {"work_dir", "an absolute path"});
    refuse(kbc + "[image.registry_config]\nregistri = []\n", {"registri"});
    refuse(kbc + "[image]\nimage_pull_proxy = 'http://x'\n", {"image_pull_proxy", "expected a table"});
}

Surroundings with(std::map<std::string, std::string> variables, std::string command_line) {
    return {[variables = std::move(variables)](const char* name) -> std::optional<std::string> {
                const auto found = variables.find(name);
                return found == variables.end() ? std::nullopt : std::optional(found->second);
            },
            std::move(command_line)};
}

TEST(DataHubConfig, TheKernelsCommandLineNamesTheBrokerWhereNoFileDoes) {
    const std::string line = "quiet agent.aa_kbc_params=cc_kbc::https://k.example agent.x=1";
    Config config;
    ASSERT_TRUE(apply_surroundings(config, false, with({}, line)));
    EXPECT_EQ(config.kbc.name, "cc_kbc");
    EXPECT_EQ(config.kbc.url, "https://k.example");
    Config of_file;
    ASSERT_TRUE(apply_surroundings(of_file, true, with({}, line)));
    EXPECT_EQ(of_file.kbc.name, "offline_fs_kbc");
    ASSERT_TRUE(apply_surroundings(of_file, true, with({{"AA_KBC_PARAMS", "cc_kbc::http://e.example"}}, line)));
    EXPECT_EQ(of_file.kbc.url, "http://e.example");
    for (const std::string wrong : {"cc_kbc", "other::x", ""})
        expect_error(apply_surroundings(config, true, with({{"AA_KBC_PARAMS", wrong}}, "")),
                     {"AA_KBC_PARAMS", "::URL"});
    expect_error(apply_surroundings(config, false, with({}, "agent.aa_kbc_params=x")), {"agent.aa_kbc_params"});
}

TEST(DataHubConfig, TheKernelsCommandLineSaysOfImagesWhatTheFileLeavesOpen) {
    const std::string line =
        "agent.https_proxy=http://p.example:1 agent.no_proxy=10.0.0.0/8 agent.image_registry_auth=kbs:///a/b/c "
        "agent.image_policy_file=kbs:///d/e/f agent.enable_signature_verification=true";
    Config config;
    ASSERT_TRUE(apply_surroundings(config, true, with({}, line)));
    EXPECT_EQ(config.image.proxies.https, "http://p.example:1");
    EXPECT_EQ(config.image.proxies.exceptions, "10.0.0.0/8");
    EXPECT_EQ(config.image.credentials_uri, "kbs:///a/b/c");
    EXPECT_EQ(config.image.policy_uri, "kbs:///d/e/f");
    EXPECT_TRUE(config.image.must_have_policy);
    Config own;
    own.image.policy = "{}";
    own.image.proxies.https = "http://own.example";
    ASSERT_TRUE(apply_surroundings(own, true, with({}, line)));
    EXPECT_EQ(own.image.policy_uri, "");
    EXPECT_EQ(own.image.proxies.https, "http://own.example");
    Config without;
    ASSERT_TRUE(apply_surroundings(without, true, with({}, "agent.enable_signature_verification=false")));
    EXPECT_FALSE(without.image.must_have_policy);
    expect_error(apply_surroundings(without, true, with({}, "agent.enable_signature_verification=1")),
                 {"enable_signature_verification", "true or false"});
}

TEST(DataHubConfig, TheEnvironmentOverrules) {
    Config config;
    ASSERT_TRUE(apply_surroundings(
        config, true,
        with({{"AA_SOCKET", "unix:///a"}, {"KBS_CERT", "PEM"}, {"SKIP_SEALED_SECRET_VERIFICATION", "true"}}, "")));
    EXPECT_EQ(config.aa_socket, "unix:///a");
    EXPECT_EQ(config.kbc.certificate, "PEM");
    EXPECT_TRUE(config.skip_sealed_secret_verification);
    Config strict;
    strict.kbc.certificate = "own";
    ASSERT_TRUE(
        apply_surroundings(strict, true, with({{"KBS_CERT", "PEM"}, {"SKIP_SEALED_SECRET_VERIFICATION", "1"}}, "")));
    EXPECT_EQ(strict.kbc.certificate, "own");
    EXPECT_FALSE(strict.skip_sealed_secret_verification);
}

TEST(DataHubConfig, TheKernelsCommandLineAddsCredentials) {
    Config config;
    ASSERT_TRUE(
        apply_surroundings(config, true, with({}, "a cdh.kbs_resources=kbs:///a/b/c::/run/x,,kbs:///d/e/f::/y z")));
    ASSERT_EQ(config.credentials.size(), 2U);
    EXPECT_EQ(config.credentials[0].resource_uri, "kbs:///a/b/c");
    EXPECT_EQ(config.credentials[0].path, "/run/x");
    EXPECT_EQ(config.credentials[1].path, "/y");
    expect_error(apply_surroundings(config, true, with({}, "cdh.kbs_resources=kbs:///a/b/c")), {"cdh.kbs_resources"});
}

}  // namespace
}  // namespace hallmark::hub
