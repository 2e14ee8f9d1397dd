// SPDX-License-Identifier: Apache-2.0
#include "agent/registry/credentials.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/expect_error.hpp"

namespace hallmark::registry {
namespace {

oci::Reference reference(std::string_view text) { return *oci::Reference::parse(text); }

/// base64 of "user:secret" as `base64` writes it, for users a to f: the letter is what differs.
std::string entry(const std::string& key, const std::string& auth) {
    return "\"" + key + R"(":{"auth":")" + auth + "\"}";
}

constexpr const char* kA = "YTpw";  // a:p
constexpr const char* kB = "Yjpw";
constexpr const char* kC = "Yzpw";
constexpr const char* kD = "ZDpw";
constexpr const char* kE = "ZTpw";

Result<Credentials> parsed(const std::string& auths) { return Credentials::parse("{\"auths\":{" + auths + "}}", "a"); }

std::string user(const Credentials& credentials, std::string_view text) {
    const Login* login = credentials.find(reference(text));
    return login == nullptr ? "" : login->user;
}

TEST(Credentials, TheLongestKeyFits) {
    const auto credentials =
        parsed(entry("r.example", kA) + "," + entry("r.example/team", kB) + "," + entry("r.example/team/app", kC) +
               "," + entry("*.example", kD) + "," + entry("*.deep.example", kE));
    ASSERT_TRUE(credentials) << credentials.error().message;
    EXPECT_EQ(user(*credentials, "r.example/x"), "a");
    EXPECT_EQ(user(*credentials, "r.example/team2/app"), "a");
    EXPECT_EQ(user(*credentials, "r.example/team/other"), "b");
    EXPECT_EQ(user(*credentials, "r.example/team/app"), "c");
    EXPECT_EQ(user(*credentials, "r.example/team/app/sub"), "c");
    EXPECT_EQ(user(*credentials, "s.example/x"), "d");
    EXPECT_EQ(user(*credentials, "a.deep.example/x"), "e");
    EXPECT_EQ(user(*credentials, "a.b.deep.example/x"), "e");
    EXPECT_EQ(user(*credentials, "deep.example/x"), "d");
}

TEST(Credentials, GoNowhereElse) {
    const auto credentials = parsed(entry("r.example", kA) + "," + entry("*.w.example", kB));
    ASSERT_TRUE(credentials);
    for (const auto* text : {"r.example:5000/x", "r.example.evil.net/x", "evilr.example/x", "busybox", "w.example/x",
                             "a.w.example:5000/x", "aw.example/x", "a.w.example.evil.net/x"})
        EXPECT_EQ(user(*credentials, text), "") << text;
}

TEST(Credentials, KnowDockersOldKeys) {
    for (const auto* key : {"https://index.docker.io/v1/", "index.docker.io", "docker.io", "registry-1.docker.io",
                            "https://index.docker.io/v1"}) {
        const auto credentials = parsed(entry(key, kA));
        ASSERT_TRUE(credentials) << credentials.error().message;
        EXPECT_EQ(user(*credentials, "busybox"), "a") << key;
    }
    EXPECT_EQ(user(*parsed(entry("https://r.example:5000/v2/", kA)), "r.example:5000/x"), "a");
    test::expect_error(parsed(entry("docker.io", kA) + "," + entry("https://index.docker.io/v1/", kB)),
                       {"stands twice", "docker.io"});
}

TEST(Credentials, AreWrittenAsBasic) {
    // RFC 7617, section 2.
    const auto credentials = parsed(entry("r.example", "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
    ASSERT_TRUE(credentials);
    const Login* login = credentials->find(reference("r.example/x"));
    ASSERT_NE(login, nullptr);
    EXPECT_EQ(login->user, "Aladdin");
    EXPECT_EQ(login->basic(), "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

TEST(Credentials, RefuseWhatIsNone) {
    for (const auto* key :
         {"r.example/A", "https://", "*", "*.", "*.r.example/x", "a*.example", "r.example/..", "r..e"})
        test::expect_error(parsed(entry(key, kA)), {"a: auths", "found the key '", key});
    for (const auto* auth : {"", "YTpw=", "!", "YWJj" /* abc */, "YTpwAA==" /* a:p\0 */}) {
        const auto refused = parsed(entry("r.example", auth));
        test::expect_error(refused, {"auths.r.example.auth", "base64 of 'user:password'"});
        // Not the secret itself.
        EXPECT_TRUE(std::string_view(auth).size() < 2 || refused.error().message.find(auth) == std::string::npos);
    }
    test::expect_error(Credentials::parse(R"({"credHelpers":{"r.example":"x"}})", "a"), {"credHelpers", "helper"});
    test::expect_error(Credentials::parse(R"({"credsStore":"desktop"})", "a"), {"credsStore"});
    test::expect_error(Credentials::parse("[]", "a"), {"a: found array"});
    test::expect_error(Credentials::parse(R"({"auths":[]})", "a"), {"auths"});
    test::expect_error(Credentials::parse(std::string(1024 * 1024 + 1, ' '), "a"), {"1048577 bytes"});
}

TEST(Credentials, MayBeEmpty) {
    for (const auto* text : {"{}", R"({"auths":{}})", R"({"auths":{"r.example":{}},"credsStore":"","other":1})"}) {
        const auto credentials = Credentials::parse(text, "a");
        ASSERT_TRUE(credentials) << credentials.error().message;
        EXPECT_EQ(credentials->find(reference("r.example/x")), nullptr);
    }
}

}  // namespace
}  // namespace hallmark::registry
