// SPDX-License-Identifier: Apache-2.0
#include "agent/rest/router.hpp"

#include <gtest/gtest.h>

#include <string>

#include "common/json.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/fake_services.hpp"

namespace hallmark::rest {
namespace {

class RouterTest : public ::testing::Test {
protected:
    Response ask(const std::string& method, const std::string& target, const std::string& body = "") {
        const auto question = target.find('?');
        Request request{method, target.substr(0, question), {}, body};
        if (question != std::string::npos) request.parameters = parse_query(target.substr(question + 1)).value();
        return Router(services_, Features::parse(features_).value()).answer(request);
    }
    void expect(const Response& response, int status, std::string_view body, std::string_view type = "text/plain") {
        EXPECT_EQ(response.status, status);
        EXPECT_EQ(text_of(response), body);
        EXPECT_EQ(response.type, type);
    }
    static std::string text_of(const Response& response) {
        return {response.body.bytes().begin(), response.body.bytes().end()};
    }

    test::FakeServices services_;
    std::string features_ = "all";
};

constexpr std::string_view kBytes = "application/octet-stream";
constexpr std::string_view kJson = "application/json";

TEST_F(RouterTest, EveryEndpointAsksItsService) {
    expect(ask("GET", "/cdh/resource/default/key/one"), 200, "resource kbs:///default/key/one", kBytes);
    expect(ask("GET", "/aa/token?token_type=kbs"), 200, "token kbs", kBytes);
    expect(ask("GET", "/aa/evidence?runtime_data=x+%41%3d"), 200, "evidence x A=", kBytes);
    expect(ask("GET", "/aa/evidence?runtime_data=_-8&encoding=base64"), 200, "evidence \xff\xef", kBytes);
    expect(ask("GET", "/aa/additional-evidence?runtime_data="), 200, "additional ", kBytes);
}

TEST_F(RouterTest, InfoSaysWhatIsOn) {
    EXPECT_EQ(parse_json(text_of(ask("GET", "/info")), "info").value(),
              Json({{"version", HALLMARK_VERSION}, {"tee", "snp"}, {"feature", "all"}}));
    services_.tees = {"nvidia"};
    const auto more = ask("GET", "/info");
    EXPECT_EQ(more.type, kJson);
    EXPECT_EQ(parse_json(text_of(more), "info").value()["additional_tees"], Json::array({"nvidia"}));
    features_ = "resource";
    EXPECT_EQ(parse_json(text_of(ask("GET", "/info")), "info").value(),
              Json({{"version", HALLMARK_VERSION}, {"feature", "resource"}}));
}

TEST_F(RouterTest, EventsAreExtended) {
    const std::string event = R"({"domain":"d","operation":"o","content":"c c"})";
    expect(ask("POST", "/aa/aael", event), 200, R"({"success":"true"})", kJson);
    EXPECT_EQ(services_.extended, "d|o|c c");
    services_.result = Extended::kNotSupported;
    expect(ask("POST", "/aa/aael", event), 200,
           R"({"success":"false","message":"The platform does not support runtime measurement"})", kJson);
    services_.result = Extended::kNotEnabled;
    expect(ask("POST", "/aa/aael", event), 200,
           R"({"success":"false","message":"Attestation Agent does not enable eventlog recording"})", kJson);
    for (const std::string wrong : {"", "[]", "{}", R"({"domain":"d","operation":"o","content":1})"}) {
        const auto answer = ask("POST", "/aa/aael", wrong);
        EXPECT_EQ(answer.status, 400) << wrong;
    }
}

TEST_F(RouterTest, WhatIsMissingIsABadRequest) {
    for (const auto* target :
         {"/aa/token", "/aa/token?type=kbs", "/aa/evidence", "/aa/evidence?encoding=base64", "/aa/additional-evidence",
          "/aa/evidence?runtime_data=a&encoding=hex", "/aa/evidence?runtime_data=%21&encoding=base64"})
        expect(ask("GET", target), 400, "BAD REQUEST");
}

TEST_F(RouterTest, WhatIsNotThereIsNotFound) {
    for (const auto* target : {"/", "", "/aa", "/aa/", "/aa/other", "/cdh", "/cdh/", "/cdh/other/a/b/c",
                               "/cdh/resource", "/info/", "/INFO", "/aa/token/"})
        expect(ask("GET", target), 404, "URL NOT FOUND");
}

TEST_F(RouterTest, FeaturesThatAreOffAreNotFound) {
    features_ = "resource";
    expect(ask("GET", "/aa/token?token_type=kbs"), 404, "Attestation Feature Not Enabled");
    EXPECT_EQ(ask("GET", "/cdh/resource/a/b/c").status, 200);
    features_ = "attestation";
    expect(ask("GET", "/cdh/resource/a/b/c"), 404, "Resource Feature Not Enabled");
    EXPECT_EQ(ask("GET", "/aa/token?token_type=kbs").status, 200);
    test::expect_error(Features::parse("none"), {"--features", "resource, attestation or all"});
}

TEST_F(RouterTest, OtherMethodsAreNotAllowed) {
    for (const auto* method : {"POST", "PUT", "DELETE", "HEAD", "get"}) {
        expect(ask(method, "/cdh/resource/a/b/c"), 405, "Method Not Allowed");
        expect(ask(method, "/info"), 405, "Method Not Allowed");
        expect(ask(method, "/aa/token?token_type=kbs"), 405, "Method Not Allowed");
    }
    expect(ask("GET", "/aa/aael"), 405, "Method Not Allowed");
}

TEST_F(RouterTest, FailuresReachTheCaller) {
    services_.fails = true;
    for (const auto* target :
         {"/cdh/resource/a/b/c", "/aa/token?token_type=kbs", "/aa/evidence?runtime_data=a", "/info"})
        expect(ask("GET", target), 500, "PolicyDeny: no");
    expect(ask("POST", "/aa/aael", R"({"domain":"d","operation":"o","content":"c"})"), 500, "PolicyDeny: no");
}

}  // namespace
}  // namespace hallmark::rest
