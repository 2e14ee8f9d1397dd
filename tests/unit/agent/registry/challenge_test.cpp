// SPDX-License-Identifier: Apache-2.0
#include "agent/registry/challenge.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/expect_error.hpp"

namespace hallmark::registry {
namespace {

/// "scheme{name=value;…}" for each.
std::string flat(std::string_view header) {
    const auto challenges = parse_challenges(header);
    if (!challenges) return "error";
    std::string out;
    for (const auto& challenge : *challenges) {
        out += challenge.scheme + "{";
        for (const auto& [name, value] : challenge.parameters) out += name + "=" + value + ";";
        out += "}";
    }
    return out;
}

TEST(Challenge, IsRead) {
    // The example of the token specification.
    EXPECT_EQ(flat(R"(Bearer realm="https://auth.docker.io/token",service="registry.docker.io",)"
                   R"(scope="repository:samalba/my-app:pull,push")"),
              "bearer{realm=https://auth.docker.io/token;scope=repository:samalba/my-app:pull,push;"
              "service=registry.docker.io;}");
    // The example of RFC 9110, section 11.6.1: two challenges in one header.
    EXPECT_EQ(flat(R"(Basic realm="simple", Newauth realm="apps", type=1, title="Login to \"apps\"")"),
              R"(basic{realm=simple;}newauth{realm=apps;title=Login to "apps";type=1;})");
    EXPECT_EQ(flat("Negotiate"), "negotiate{}");
    EXPECT_EQ(flat("Negotiate, Basic realm=x"), "negotiate{}basic{realm=x;}");
    EXPECT_EQ(flat("Negotiate YWJj==, Basic realm=x"), "negotiate{}basic{realm=x;}");
    EXPECT_EQ(flat(" , BEARER REALM = \"a\" ,, service = b ,"), "bearer{realm=a;service=b;}");
    EXPECT_EQ(flat(""), "");
}

TEST(Challenge, RefusesWhatIsNone) {
    for (const std::string header : {R"(Bearer realm="a)", R"(Bearer realm="a\)", R"(Bearer realm="a" b")", "realm=a",
                                     "Bearer a=b, a=c", "Bearer =a", "\"a\"", "Bearer realm=\"a\";x=y", "\x01"})
        test::expect_error(parse_challenges(header), {"WWW-Authenticate: found '"});
}

TEST(Challenge, HasBounds) {
    std::string many = "Bearer ";
    for (int i = 0; i < 33; ++i) many += "p" + std::to_string(i) + "=x,";
    EXPECT_EQ(flat(many), "error");
    std::string schemes;
    for (int i = 0; i < 33; ++i) schemes += "s,";
    EXPECT_EQ(flat(schemes), "error");
    EXPECT_EQ(flat("Bearer realm=\"" + std::string(9000, 'a') + "\""), "error");
}

}  // namespace
}  // namespace hallmark::registry
