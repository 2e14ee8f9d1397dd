// SPDX-License-Identifier: Apache-2.0
#include "relying-party/reference-values/store.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <set>
#include <thread>

#include "common/bytes.hpp"
#include "common/file.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::reference {
namespace {

constexpr std::time_t kNow = 1'790'000'000;
constexpr std::time_t kDay = 86'400;

Document build(const std::string& set, std::initializer_list<std::pair<std::string, Json>> values) {
    return {.source = "image 1", .set = set, .values = values, .replaces = {}};
}

std::multiset<std::string> texts(const Result<std::vector<Value>>& values) {
    std::multiset<std::string> found;
    if (!values) ADD_FAILURE() << values.error().message;
    if (values)
        for (const auto& value : *values) found.insert(value.set + " " + value.value.dump());
    return found;
}

using Texts = std::multiset<std::string>;

TEST(Store, ValuesOfManySetsUntilTheyExpire) {
    const auto store = Store::in_memory().value();
    ASSERT_TRUE(store->add(build("A", {{"m", "aa"}, {"m", "bb"}, {"svn", 3}}), kNow));
    ASSERT_TRUE(store->add(build("B", {{"m", "bb"}, {"debug", false}}), kNow, 10));
    EXPECT_EQ(texts(store->find("m", kNow)), (Texts{"A \"aa\"", "A \"bb\"", "B \"bb\""}));
    EXPECT_EQ(texts(store->match("m", "bb", kNow)), (Texts{"A \"bb\"", "B \"bb\""}));
    EXPECT_EQ(texts(store->match("svn", 3U, kNow)), (Texts{"A 3"}));
    // What only looks alike is another value.
    for (const Json& other : {Json("3"), Json(3.0), Json(true), Json(), Json(Json::array({3}))})
        EXPECT_EQ(texts(store->match("svn", other, kNow)), Texts{}) << other.dump();
    EXPECT_EQ(texts(store->match("debug", 0, kNow)), Texts{});
    EXPECT_EQ(texts(store->match("m", "b", kNow)), Texts{});
    // To the second: 10 days, and 12 months.
    EXPECT_EQ(texts(store->match("m", "bb", kNow + 10 * kDay - 1)).size(), 2U);
    EXPECT_EQ(texts(store->match("m", "bb", kNow + 10 * kDay)), (Texts{"A \"bb\""}));
    EXPECT_EQ(texts(store->find("m", kNow + 365 * kDay - 1)).size(), 2U);
    EXPECT_EQ(texts(store->find("m", kNow + 365 * kDay)), Texts{});
    EXPECT_EQ(store->remove_expired(kNow + 10 * kDay).value(), 2U);
    EXPECT_EQ(store->sets()->size(), 1U);
}

TEST(Store, TheSameAgainIsTheSame) {
    const auto store = Store::in_memory().value();
    const auto document = build("A", {{"m", "aa"}, {"m", "bb"}});
    ASSERT_TRUE(store->add(document, kNow));
    ASSERT_TRUE(store->add(document, kNow + kDay));
    EXPECT_EQ(texts(store->find("m", kNow)), (Texts{"A \"aa\"", "A \"bb\""}));
    const auto sets = store->sets();
    ASSERT_TRUE(sets);
    ASSERT_EQ(sets->size(), 1U);
    EXPECT_EQ(sets->front().values, 2U);
    EXPECT_EQ(sets->front().registered, kNow + kDay);
    EXPECT_EQ(sets->front().expires, kNow + 366 * kDay);
}

TEST(Store, AMessageReplacesTheNamesThatItHas) {
    const auto store = Store::in_memory().value();
    const auto message = [](const std::string& set, std::vector<std::pair<std::string, Json>> values,
                            std::vector<std::string> replaces) {
        return Document{.source = "rvps", .set = set, .values = std::move(values), .replaces = std::move(replaces)};
    };
    ASSERT_TRUE(store->add(build("A", {{"smt", true}}), kNow));
    ASSERT_TRUE(store->add(message("1", {{"smt", true}, {"svn", 1}, {"svn", 2}}, {"smt", "svn"}), kNow));
    ASSERT_TRUE(store->add(message("2", {{"smt", false}}, {"smt"}), kNow));
    // Of messages, the last word; what the image's owner said stands.
    EXPECT_EQ(texts(store->find("smt", kNow)), (Texts{"A true", "2 false"}));
    EXPECT_EQ(texts(store->find("svn", kNow)).size(), 2U);
    // An empty list takes back what was allowed.
    ASSERT_TRUE(store->add(message("3", {}, {"svn"}), kNow));
    EXPECT_EQ(texts(store->find("svn", kNow)), Texts{});
    EXPECT_EQ(store->sets()->size(), 2U) << "empty sets are gone";
}

TEST(Store, ListShowAndDelete) {
    const auto store = Store::in_memory().value();
    ASSERT_TRUE(store->add(build("A", {{"m", "aa"}, {"n", 1}}), kNow));
    ASSERT_TRUE(store->add(build("B", {{"m", "bb"}}), kNow));
    EXPECT_EQ(store->show("", "", 10)->size(), 3U);
    EXPECT_EQ(store->show("", "", 2)->size(), 2U);
    EXPECT_EQ(store->show("A", "", 10)->size(), 2U);
    EXPECT_EQ(store->show("", "m", 10)->size(), 2U);
    ASSERT_EQ(store->show("B", "m", 10)->size(), 1U);
    EXPECT_EQ(store->show("B", "m", 10)->front().value.value, Json("bb"));
    EXPECT_TRUE(store->remove_set("B"));
    test::expect_error(store->remove_set("B"), {"no set 'B'"}, Fault::kNo);
    EXPECT_TRUE(store->remove_name("m"));
    test::expect_error(store->remove_name("m"), {"'m'"}, Fault::kNo);
    EXPECT_EQ(store->show("", "", 10)->size(), 1U);
}

TEST(Store, WhatIsTooMuchIsRefusedWhole) {
    const auto store = Store::in_memory().value();
    test::expect_error(store->add(build("A", {}), kNow), {"0 values"});
    test::expect_error(store->add(build("A", {{"m", 1}}), kNow, 0), {"0 days"});
    test::expect_error(store->add(build("A", {{"m", 1}}), kNow, 3651), {"3651 days"});
    test::expect_error(store->add(build("A", {{"m", 1}, {"m", std::string(1024, 'x')}}), kNow), {"1026 bytes"});
    test::expect_error(store->add(build("A", {{"m", 1}, {"", 2}}), kNow), {"name of 0 bytes"});
    EXPECT_TRUE(store->sets()->empty());
    for (std::size_t i = 0; i < kMostSets; ++i) ASSERT_TRUE(store->add(build(std::to_string(i), {{"m", 1}}), kNow));
    test::expect_error(store->add(build("A", {{"m", 1}}), kNow), {"1025 sets", "delete"}, Fault::kNo);
    EXPECT_EQ(store->sets()->size(), kMostSets);
}

TEST(Store, AnotherFileIsNotTaken) {
    const test::TemporaryFolder folder;
    ASSERT_TRUE(write_file(folder.path() / "text", as_bytes(std::string_view("no database, but a text of its own"))));
    test::expect_error(Store::open(folder.path() / "text"), {"text", "SQLite"});
    test::expect_error(Store::open(folder.path() / "missing" / "store"), {"store", "SQLite"});
    {
        ASSERT_TRUE(Store::open(folder.path() / "store"));
    }
    std::filesystem::create_symlink(folder.path() / "store", folder.path() / "link");
    test::expect_error(Store::open(folder.path() / "link"), {"link"});
}

TEST(Store, ASnapshotIsOfTheStoreAsItIsWhenItIsTaken) {
    const test::TemporaryFolder folder;
    const auto store = Store::open(folder.path() / "store").value();
    const auto other = Store::open(folder.path() / "store").value();
    ASSERT_TRUE(store->add(build("A", {{"m", "aa"}}), kNow));
    for (const std::string set : {"B", "C"}) {
        ASSERT_TRUE(other->add(build(set, {{"m", set}}), kNow));
        const auto snapshot = store->snapshot().value();
        EXPECT_EQ(texts(snapshot->match("m", set, kNow)), (Texts{set + " \"" + set + "\""}));
        EXPECT_TRUE(texts(snapshot->find("m", kNow)).contains("A \"aa\""));
        EXPECT_EQ(texts(snapshot->find("m", kNow + 365 * kDay)), Texts{});
    }
    ASSERT_TRUE(other->remove_set("B"));
    EXPECT_EQ(texts(store->snapshot().value()->find("m", kNow)), (Texts{"A \"aa\"", "C \"C\""}));
}

constexpr int kValuesOfSet = 40;

/// Writes sets of equal values until it is killed, and says of each when it is acknowledged.
[[noreturn]] void write_for_ever(const std::filesystem::path& path, int acknowledge, int round) {
    auto store = Store::open(path);
    for (int i = 0; store; ++i) {
        Document document = build(std::to_string(round) + "." + std::to_string(i), {});
        for (int k = 0; k < kValuesOfSet; ++k) document.values.emplace_back("m" + std::to_string(k), i);
        if (!(*store)->add(document, kNow) || ::write(acknowledge, &i, sizeof i) != sizeof i) break;
        // Takes back every third, so that deletions are cut off too.
        if (i % 3 == 2 && !(*store)->remove_set(document.set)) break;
    }
    ::_exit(3);
}

TEST(Store, SurvivesBeingKilled) {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "store";
    std::mt19937 random(std::random_device{}());
    std::size_t acknowledged = 0;
    for (int round = 0; round < 50; ++round) {
        int ends[2];
        ASSERT_EQ(::pipe(ends), 0);
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) write_for_ever(path, ends[1], round);
        ::close(ends[1]);
        // Not before it has written some: how long that takes depends on the machine.
        int last = -1;
        for (auto awaited = 1 + random() % 3; awaited > 0; --awaited)
            ASSERT_EQ(::read(ends[0], &last, sizeof last), static_cast<ssize_t>(sizeof last));
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 20'000));
        ::kill(child, SIGKILL);
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFSIGNALED(status)) << "the writer failed by itself";
        for (int i = 0; ::read(ends[0], &i, sizeof i) == sizeof i;) last = i;
        ::close(ends[0]);

        auto store = Store::open(path);
        ASSERT_TRUE(store) << store.error().message;
        std::set<std::string> found;
        const auto sets = (*store)->sets();
        ASSERT_TRUE(sets) << sets.error().message;
        for (const auto& set : *sets) {
            EXPECT_EQ(set.values, static_cast<std::size_t>(kValuesOfSet)) << "half of " << set.name;
            found.insert(set.name);
        }
        // The last one that would be taken back may be there or not.
        for (int i = 0; i <= last; ++i) {
            const std::string name = std::to_string(round) + "." + std::to_string(i);
            if (i % 3 != 2 || i < last) {
                EXPECT_EQ(found.contains(name), i % 3 != 2) << name << (i % 3 != 2 ? " is lost" : " came back");
            }
        }
        acknowledged += static_cast<std::size_t>(last + 1);
        for (const auto& set : *sets) ASSERT_TRUE((*store)->remove_set(set.name));
    }
    EXPECT_GT(acknowledged, 50U) << "no writer came far";
}

}  // namespace
}  // namespace hallmark::reference
