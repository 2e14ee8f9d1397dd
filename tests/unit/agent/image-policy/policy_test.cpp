// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/policy.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/expect_error.hpp"

namespace hallmark::image_policy {
namespace {

using test::expect_error;

const std::string kReject = R"([{"type":"reject"}])";

Result<Policy> parse(const std::string& text) { return Policy::parse(text, "policy.json"); }

/// The scope by which an image is judged, where the policy has these.
std::string scope_of(const std::vector<std::string>& scopes, const std::string& image) {
    std::string text;
    for (const auto& scope : scopes) text += (text.empty() ? "\"" : ",\"") + scope + "\":" + kReject;
    const auto policy = parse(R"({"default":)" + kReject + R"(,"transports":{"docker":{)" + text + "}}}");
    EXPECT_TRUE(policy) << policy.error().message;
    return policy->find(oci::Reference::parse(image).value()).scope;
}

/// The order of containers-policy.json(5): what the image is called, then ever less of it.
TEST(ScopesOf, GoFromTheNameToTheDomain) {
    EXPECT_EQ(scopes_of(oci::Reference::parse("a.r.example:5000/team/app:1").value()),
              (std::vector<std::string>{"a.r.example:5000/team/app:1", "a.r.example:5000/team/app",
                                        "a.r.example:5000/team", "a.r.example:5000", "*.r.example", "*.example"}));
    const std::string digest = "@sha256:" + std::string(64, 'a');
    EXPECT_EQ(scopes_of(oci::Reference::parse("busybox:1" + digest).value()),
              (std::vector<std::string>{"docker.io/library/busybox" + digest, "docker.io/library/busybox",
                                        "docker.io/library", "docker.io", "*.io"}));
    EXPECT_EQ(scopes_of(oci::Reference::parse("localhost/a").value()),
              (std::vector<std::string>{"localhost/a:latest", "localhost/a", "localhost"}));
}

TEST(Policy, TakesTheLongestScope) {
    EXPECT_EQ(scope_of({"r.example", "r.example/team", "r.example/team/app:1", ""}, "r.example/team/app:1"),
              "transports.docker.'r.example/team/app:1'");
    EXPECT_EQ(scope_of({"r.example", "r.example/team", ""}, "r.example/team/app:1"),
              "transports.docker.'r.example/team'");
    EXPECT_EQ(scope_of({"r.example/team", ""}, "r.example/teams/app:1"), "transports.docker.''");
    EXPECT_EQ(scope_of({"*.example", "*.a.example"}, "r.a.example/app"), "transports.docker.'*.a.example'");
    EXPECT_EQ(scope_of({"*.r.example"}, "r.example/app"), "default") << "a wildcard is not the domain itself";
    EXPECT_EQ(scope_of({"r.example"}, "r.example:5000/app"), "default") << "another port is another registry";
    EXPECT_EQ(scope_of({"*.example"}, "r.example:5000/app"), "transports.docker.'*.example'");
    EXPECT_EQ(scope_of({"docker.io/library/busybox"}, "busybox"), "transports.docker.'docker.io/library/busybox'");
    EXPECT_EQ(scope_of({}, "busybox"), "default");
}

TEST(Policy, KeepsAllRequirements) {
    const auto policy = parse(R"({"default":[{"type":"insecureAcceptAnything"},{"type":"reject"}]})");
    ASSERT_TRUE(policy) << policy.error().message;
    const auto found = policy->find(oci::Reference::parse("busybox").value());
    ASSERT_EQ(found.requirements.size(), 2U);
    EXPECT_EQ(name_of(found.requirements[0]), "insecureAcceptAnything");
    EXPECT_EQ(name_of(found.requirements[1]), "reject");
}

TEST(Policy, LooksAtOtherTransportsOnlyForTheirForm) {
    EXPECT_TRUE(parse(R"({"default":)" + kReject +
                      R"(,"transports":{"docker-daemon":{"":[{"type":"sigstoreSigned","fulcio":{}}]},"dir":{}}})"));
    const std::string begin = R"({"default":)" + kReject + R"(,"transports":{"dir":)";
    expect_error(parse(begin + R"({"":[]}}})"), {"transports.dir.''", "empty list"});
    expect_error(parse(begin + R"({"":[{}]}}})"), {"transports.dir.''", "type"});
    expect_error(parse(begin + R"([]}})"), {"transports.dir", "array", "object"});
}

TEST(Policy, RefusesWhatIsMalformed) {
    expect_error(parse(""), {"policy.json", "not JSON"});
    expect_error(parse("[]"), {"array", "object"});
    expect_error(parse("{}"), {"no 'default'"});
    expect_error(parse(R"({"default":[]})"), {"default", "empty list", "insecureAcceptAnything"});
    expect_error(parse(R"({"default":{}})"), {"default", "list of requirements"});
    expect_error(parse(R"({"default":null})"), {"default", "list of requirements"});
    expect_error(parse(R"({"default":[1]})"), {"default[0]", "object"});
    expect_error(parse(R"({"default":[{"type":"reject"},{"type":"accept"}]})"), {"default[1]", "'accept'"});
    expect_error(parse(R"({"default":)" + kReject + R"(,"Transports":{}})"), {"Transports", "unknown key"});
    expect_error(parse(R"({"default":)" + kReject + R"(,"default":)" + kReject + "}"), {"'default' stands twice"});
    const std::string docker = R"({"default":)" + kReject + R"(,"transports":{"docker":{"a":)";
    expect_error(parse(docker + kReject + R"(,"a":)" + kReject + "}}}"), {"'a' stands twice"});
    expect_error(parse(docker + "[]}}}"), {"transports.docker.'a'", "empty list"});
    expect_error(parse(docker + R"([{"type":"reject","type":"reject"}]}}})"), {"'type' stands twice"});
    expect_error(parse(std::string(kLargestPolicy + 1, ' ')), {"1048577 bytes", "at most 1048576"});
}

}  // namespace
}  // namespace hallmark::image_policy
