// SPDX-License-Identifier: Apache-2.0
#include "agent/image-bundle/runtime_config.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/expect_error.hpp"

namespace hallmark::bundle {
namespace {

using test::expect_error;
using Texts = std::vector<std::string>;

oci::ImageConfig image() {
    oci::ImageConfig image;
    image.entrypoint = {"/entry"};
    image.command = {"one", "two"};
    image.environment = {"PATH=/image", "MODE=image", "EMPTY="};
    image.user = "web";
    image.working_directory = "/srv";
    return image;
}

const User kWeb = {.uid = 33, .gid = 34, .additional_gids = {50}, .home = "/srv/web"};

Json process_of(const ProcessRequest& request, const oci::ImageConfig& of = image(), const User& user = kWeb) {
    const auto config = runtime_config(of, request, user);
    if (!config) {
        ADD_FAILURE() << config.error().message;
        return {};
    }
    return (*config)["process"];
}

/// A request for one thing.
template <class Value>
ProcessRequest asking(Value ProcessRequest::* what, Value value) {
    ProcessRequest request;
    request.*what = std::move(value);
    return request;
}

Texts texts(const Json& array) { return array.get<Texts>(); }

// The table of Kubernetes' documentation.
TEST(RuntimeConfig, CommandAndArgumentsStandInForEntrypointAndCmd) {
    EXPECT_EQ(texts(process_of({})["args"]), (Texts{"/entry", "one", "two"}));
    EXPECT_EQ(texts(process_of(asking(&ProcessRequest::command, std::optional(Texts{"/other"})))["args"]),
              (Texts{"/other"}));
    EXPECT_EQ(texts(process_of(asking(&ProcessRequest::arguments, std::optional(Texts{"three"})))["args"]),
              (Texts{"/entry", "three"}));
    auto both = asking(&ProcessRequest::command, std::optional(Texts{"/other"}));
    both.arguments = Texts{"three"};
    EXPECT_EQ(texts(process_of(both)["args"]), (Texts{"/other", "three"}));
}

TEST(RuntimeConfig, NothingToRunIsLeftToWhoeverStartsIt) {
    EXPECT_EQ(process_of({}, oci::ImageConfig())["args"], Json::array());
}

TEST(RuntimeConfig, VariablesOfTheRequestOverruleTheImages) {
    const auto process = process_of(asking(&ProcessRequest::environment, {"MODE=asked", "NEW=1=2"}));
    EXPECT_EQ(texts(process["env"]), (Texts{"PATH=/image", "HOME=/srv/web", "MODE=asked", "EMPTY=", "NEW=1=2"}));
}

TEST(RuntimeConfig, AnImageWithoutVariablesGetsAPathAndAHome) {
    auto bare = image();
    bare.environment.clear();
    const auto variables = texts(process_of({}, bare)["env"]);
    ASSERT_EQ(variables.size(), 2U);
    EXPECT_TRUE(variables[0].starts_with("PATH=/usr/local/sbin:")) << variables[0];
    EXPECT_EQ(variables[1], "HOME=/srv/web");
}

TEST(RuntimeConfig, TheWorkingDirectoryIsAbsolute) {
    EXPECT_EQ(process_of({})["cwd"], "/srv");
    EXPECT_EQ(process_of(asking(&ProcessRequest::working_directory, std::optional<std::string>("/tmp")))["cwd"],
              "/tmp");
    auto bare = image();
    bare.working_directory.clear();
    EXPECT_EQ(process_of({}, bare)["cwd"], "/");
    bare.working_directory = "srv";
    expect_error(runtime_config(bare, {}, kWeb), {"'srv'", "absolute"}, Fault::kNo);
}

TEST(RuntimeConfig, OnlyRootHasCapabilities) {
    const auto web = process_of({});
    EXPECT_EQ(web["user"], (Json{{"uid", 33}, {"gid", 34}, {"additionalGids", Json::array({50})}}));
    EXPECT_TRUE(web["capabilities"]["effective"].empty());
    EXPECT_TRUE(web["capabilities"]["permitted"].empty());
    const auto root = process_of({}, image(), {});
    EXPECT_EQ(root["capabilities"]["effective"], root["capabilities"]["bounding"]);
    for (const auto& capability : texts(root["capabilities"]["bounding"])) {
        EXPECT_NE(capability, "CAP_SYS_ADMIN");
        EXPECT_NE(capability, "CAP_SYS_PTRACE");
        EXPECT_NE(capability, "CAP_NET_ADMIN");
    }
}

TEST(RuntimeConfig, WhoIsAskedForComesFromTheRequestFirst) {
    EXPECT_EQ(user_name(image(), {}), "web");
    EXPECT_EQ(user_name(image(), asking(&ProcessRequest::user, std::optional<std::string>("7"))), "7");
}

}  // namespace
}  // namespace hallmark::bundle
