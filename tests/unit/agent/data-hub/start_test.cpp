// SPDX-License-Identifier: Apache-2.0
#include "agent/data-hub/start.hpp"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <string>

#include "agent/data-hub/offline_files.hpp"
#include "common/file.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/fake_hub.hpp"

namespace hallmark::hub {
namespace {

using test::expect_error;
using test::FakeHub;

std::string text_at(const std::filesystem::path& path) {
    const Bytes bytes = read_file(path, 4096).value_or(Bytes{});
    return {bytes.begin(), bytes.end()};
}
Deadline soon() { return in(std::chrono::seconds(5)); }

TEST(DataHubStart, WritesCredentialsWhereTheConfigurationSays) {
    FakeHub fake;
    fake.source().secrets["kbs:///a/b/c"] = "one";
    fake.source().secrets["kbs:///a/b/d"] = "two";
    const std::string path = fake.path().string();
    ASSERT_TRUE(write_credentials({{"kbs:///a/b/c", path + "/kbs/one"}, {"kbs:///a/b/d", path + "/sealed-secret/two"}},
                                  fake.hub(), fake.open(), soon()));
    EXPECT_EQ(text_at(path + "/kbs/one"), "one");
    EXPECT_EQ(text_at(path + "/sealed-secret/two"), "two");
}

TEST(DataHubStart, WritesNothingElsewhere) {
    FakeHub fake;
    fake.source().secrets["kbs:///a/b/c"] = "one";
    const std::string path = fake.path().string();
    for (const auto& wrong : {std::string("/etc/passwd"), path + "/../one", path + "x/one", path})
        expect_error(write_credentials({{"kbs:///a/b/c", path + "/kbs/one"}, {"kbs:///a/b/c", wrong}}, fake.hub(),
                                       fake.open(), soon()),
                     {"credentials: path", "leads elsewhere"});
    EXPECT_TRUE(fake.source().asked.empty());
    EXPECT_FALSE(std::filesystem::exists(path + "/kbs/one"));
    expect_error(write_credentials({{"kbs:///a/b/d", path + "/kbs/one"}}, fake.hub(), fake.open(), soon()),
                 {"credential kbs/one", "PolicyDeny"}, Fault::kNo);
    EXPECT_FALSE(std::filesystem::exists(path + "/kbs/one"));
}

TEST(DataHubStart, NamesItselfAsTheKeyProvider) {
    FakeHub fake;
    ASSERT_TRUE(write_ocicrypt_config("unix:///run/cdh.sock", fake.open()));
    EXPECT_EQ(text_at(fake.path() / "ocicrypt_config.json"),
              R"({"key-providers":{"attestation-agent":{"ttrpc":"unix:///run/cdh.sock"}}})");
}

TEST(OfflineFiles, HoldResourcesByTheirPaths) {
    test::TemporaryFolder folder;
    const auto keys = folder.path() / "keys.json";
    const auto resources = folder.path() / "resources.json";
    ASSERT_TRUE(write_file(keys, as_bytes(R"({"default/key/1":"a2V5MQ==","default/key/2":"AAEC"})")));
    ASSERT_TRUE(write_file(resources, as_bytes(R"({"default/key/2":"bGF0ZXI="})")));
    const std::array files = {keys, folder.path() / "none.json", resources};
    auto secrets = OfflineFiles::read(files);
    ASSERT_TRUE(secrets) << secrets.error().message;
    OfflineFiles source(std::move(*secrets));
    const auto get = [&](std::string_view uri) { return source.get(kbs::ResourceUri::parse(uri).value(), soon()); };
    EXPECT_TRUE(equal(get("kbs:///default/key/1").value().bytes(), as_bytes("key1")));
    EXPECT_TRUE(equal(get("kbs:///default/key/2").value().bytes(), as_bytes("later")));
    expect_error(get("kbs:///default/key/3"), {"no such resource"}, Fault::kNo);
    expect_error(get("kbs+x:///default/key/1"), {"no plugins"}, Fault::kNo);
}

TEST(OfflineFiles, MalformedOnesAreRefused) {
    OfflineFiles::Secrets secrets;
    expect_error(OfflineFiles::parse("[]", "f.json", secrets), {"f.json", "object"});
    expect_error(OfflineFiles::parse(R"({"a/b/c":1})", "f.json", secrets), {"f.json: a/b/c", "base64"});
    expect_error(OfflineFiles::parse(R"({"a/b/c":"x"})", "f.json", secrets), {"f.json: a/b/c"});
    expect_error(OfflineFiles::parse("", "f.json", secrets), {"f.json", "JSON"});
}

}  // namespace
}  // namespace hallmark::hub
