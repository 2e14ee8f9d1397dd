// SPDX-License-Identifier: Apache-2.0
#include "relying-party/keys/sqlite_key_store.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <thread>

#include "common/file.hpp"
#include "relying-party/keys/file_master_key.hpp"
#include "relying-party/sqlite/database.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::keys {
namespace {

using test::expect_error;

const ResourcePath kOne{"default", "key", "one"};
const ResourcePath kTwo{"default", "key", "two"};

class SqliteKeyStoreTest : public testing::Test {
protected:
    SqliteKeyStoreTest() {
        auto key = create_master_key(folder_.path() / "master");
        auto other = create_master_key(folder_.path() / "other");
        if (key) key_ = *key;
        if (other) other_ = *other;
    }
    Result<std::unique_ptr<SqliteKeyStore>> open(IfMissing if_missing = IfMissing::kRefuse) {
        return SqliteKeyStore::open(file_, key_, if_missing);
    }
    std::unique_ptr<SqliteKeyStore> created() {
        auto store = open(IfMissing::kCreate);
        EXPECT_TRUE(store) << store.error().message;
        return store ? std::move(*store) : nullptr;
    }
    /// Changes the file as somebody who lacks the key can.
    void tamper(const std::string& sql) {
        const auto database = sqlite::Database::open(file_);
        ASSERT_TRUE(database) << database.error().message;
        const auto done = (*database)->run(sql);
        ASSERT_TRUE(done) << done.error().message;
    }
    bool file_has(ByteSpan part) {
        const auto bytes = read_file(file_, 1 << 20);
        return bytes && std::search(bytes->begin(), bytes->end(), part.begin(), part.end()) != bytes->end();
    }
    test::TemporaryFolder folder_;
    std::filesystem::path file_ = folder_.path() / "keys.sqlite";
    std::shared_ptr<MasterKey> key_;
    std::shared_ptr<MasterKey> other_;
};

void expect_secret(const Result<Secret>& secret, std::string_view text) {
    ASSERT_TRUE(secret) << secret.error().message;
    EXPECT_TRUE(equal(secret->bytes(), as_bytes(text)));
}

TEST_F(SqliteKeyStoreTest, KeepsReplacesListsAndForgets) {
    auto store = created();
    ASSERT_NE(store, nullptr);
    expect_error(store->read(kOne), {"default/key/one", "no such secret"}, Fault::kNo);
    expect_error(store->remove(kOne), {"no such secret"}, Fault::kNo);
    ASSERT_TRUE(store->write(kTwo, as_bytes("second")));
    ASSERT_TRUE(store->write(kOne, as_bytes("first")));
    ASSERT_TRUE(store->write(kOne, {}));
    expect_secret(store->read(kOne), "");
    ASSERT_TRUE(store->write(kOne, as_bytes("first again")));
    store.reset();
    auto again = open();
    ASSERT_TRUE(again) << again.error().message;
    expect_secret((*again)->read(kOne), "first again");
    expect_secret((*again)->read(kTwo), "second");
    EXPECT_EQ(*(*again)->list(), (std::vector{kOne, kTwo}));
    ASSERT_TRUE((*again)->remove(kOne));
    expect_error((*again)->read(kOne), {"no such secret"}, Fault::kNo);
    EXPECT_EQ(*(*again)->list(), std::vector{kTwo});
}

TEST_F(SqliteKeyStoreTest, NothingOfASecretIsInTheFile) {
    const std::string secret = "correct horse battery staple, in clear";
    auto store = created();
    ASSERT_TRUE(store->write(kOne, as_bytes(secret)));
    EXPECT_TRUE(file_has(as_bytes("default/key/one")));
    EXPECT_FALSE(file_has(as_bytes("battery")));
    struct stat status{};
    ASSERT_EQ(::stat(file_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0600U);
}

TEST_F(SqliteKeyStoreTest, WhatWasRemovedIsOverwritten) {
    auto store = created();
    ASSERT_TRUE(store->write(kOne, as_bytes("secret")));
    const auto database = sqlite::Database::open(file_);
    auto select = (*database)->prepare("SELECT value FROM secrets");
    ASSERT_TRUE(select->step());
    const Bytes sealed(select->blob(0).begin(), select->blob(0).end());
    ASSERT_TRUE(file_has(sealed));
    ASSERT_TRUE(select->run());
    ASSERT_TRUE(store->remove(kOne));
    EXPECT_FALSE(file_has(sealed));
}

TEST_F(SqliteKeyStoreTest, IsCreatedOnlyWhereThatIsAskedFor) {
    expect_error(open(), {"keys.sqlite", "No such file"});
    // What an interrupted creation leaves.
    ASSERT_TRUE(write_file(file_, {}, 0600));
    expect_error(open(), {"empty", "create a new one"});
    EXPECT_TRUE(open(IfMissing::kCreate));
    EXPECT_TRUE(open());
}

TEST_F(SqliteKeyStoreTest, AWrongMasterKeyIsNamed) {
    created();
    expect_error(SqliteKeyStore::open(file_, other_), {"not its master key", key_->name(), other_->name()});
    // Also where the name was changed to fit: the check value does not open.
    tamper("UPDATE store SET value = CAST('" + other_->name() + "' AS BLOB) WHERE name = 'master_key'");
    expect_error(SqliteKeyStore::open(file_, other_), {"check value", other_->name(), "does not open"});
    tamper("UPDATE store SET value = CAST(char(27) || '[2J' AS BLOB) WHERE name = 'master_key'");
    expect_error(open(), {"a damaged name"});
}

TEST_F(SqliteKeyStoreTest, RowsCannotBeSwapped) {
    auto store = created();
    ASSERT_TRUE(store->write(kOne, as_bytes("first")));
    ASSERT_TRUE(store->write(kTwo, as_bytes("second")));
    tamper("UPDATE secrets SET path = CASE path WHEN 'default/key/one' THEN 'default/key/three' ELSE path END");
    expect_error(store->read({"default", "key", "three"}), {"key of default/key/three", "does not open"});
    tamper("UPDATE secrets SET value = (SELECT value FROM secrets WHERE path = 'default/key/three')");
    expect_error(store->read(kTwo), {"default/key/two", "does not open"});
    tamper("UPDATE secrets SET value = x'01'");
    expect_error(store->read(kTwo), {"1 bytes", "damaged"});
}

TEST_F(SqliteKeyStoreTest, RowsOfAnotherStoreAreNothingHere) {
    auto store = created();
    ASSERT_TRUE(store->write(kOne, as_bytes("first")));
    const auto second = folder_.path() / "second.sqlite";
    auto other = SqliteKeyStore::open(second, key_, IfMissing::kCreate);
    ASSERT_TRUE(other);
    const auto database = sqlite::Database::open(second);
    ASSERT_TRUE((*database)->run("ATTACH '" + file_.string() + "' AS first"));
    ASSERT_TRUE((*database)->run("INSERT INTO secrets SELECT * FROM first.secrets"));
    expect_error((*other)->read(kOne), {"does not open"});
}

TEST_F(SqliteKeyStoreTest, BoundsValues) {
    auto store = created();
    EXPECT_TRUE(store->write(kOne, Bytes(kLargestSecret, 7)));
    expect_error(store->write(kOne, Bytes(kLargestSecret + 1)), {"1048577 bytes", "at most 1048576"});
    EXPECT_EQ(store->read(kOne)->bytes().size(), kLargestSecret);
}

TEST_F(SqliteKeyStoreTest, BoundsTheNumberOfSecrets) {
    auto store = created();
    tamper("WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < " +
           std::to_string(kMostSecrets - 1) + ") INSERT INTO secrets SELECT 'r/t/n' || i, x'', x'' FROM n");
    ASSERT_TRUE(store->write(kOne, as_bytes("the last one")));
    expect_error(store->write(kTwo, as_bytes("too many")), {"10000 secrets", "remove some"});
    ASSERT_TRUE(store->write(kOne, as_bytes("one that is there")));
    EXPECT_EQ(store->list()->size(), kMostSecrets);
}

TEST_F(SqliteKeyStoreTest, GoesOverToAnotherMasterKey) {
    auto store = created();
    auto meanwhile = *open();
    ASSERT_TRUE(store->write(kOne, as_bytes("first")));
    ASSERT_TRUE(store->write(kTwo, as_bytes("second")));
    ASSERT_TRUE(store->rewrap(other_));
    expect_secret(store->read(kOne), "first");
    ASSERT_TRUE(store->write(kTwo, as_bytes("after")));
    expect_error(open(), {"not its master key", other_->name()});
    const auto again = SqliteKeyStore::open(file_, other_);
    ASSERT_TRUE(again) << again.error().message;
    expect_secret((*again)->read(kOne), "first");
    expect_secret((*again)->read(kTwo), "after");
    // A process that still holds the old key neither reads nor writes.
    expect_error(meanwhile->read(kOne), {"not its master key"});
    expect_error(meanwhile->write(kOne, as_bytes("lost")), {"not its master key"});
    expect_error(meanwhile->rewrap(key_), {"not its master key"});
}

TEST_F(SqliteKeyStoreTest, ARewrapThatFailsChangesNothing) {
    auto store = created();
    ASSERT_TRUE(store->write(kOne, as_bytes("first")));
    ASSERT_TRUE(store->write(kTwo, as_bytes("second")));
    tamper("UPDATE secrets SET wrapped_key = x'02" + std::string(120, '0') + "' WHERE path = 'default/key/two'");
    expect_error(store->rewrap(other_), {"key of default/key/two", "version 2"});
    expect_secret(store->read(kOne), "first");
    EXPECT_TRUE(open());
}

TEST_F(SqliteKeyStoreTest, RefusesFilesAndFoldersOfOthers) {
    created();
    ASSERT_EQ(::chmod(file_.c_str(), 0640), 0);
    expect_error(open(), {"mode 0640", "chmod 600"});
    ASSERT_EQ(::chmod(file_.c_str(), 0600), 0);
    ASSERT_EQ(::chmod(folder_.path().c_str(), 0770), 0);
    expect_error(open(), {"mode 0770", "lets others replace"});
    ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
    EXPECT_TRUE(open());
    const auto link = folder_.path() / "link";
    std::filesystem::create_symlink(file_, link);
    expect_error(SqliteKeyStore::open(link, key_), {"not a regular file", "no link"});
    expect_error(SqliteKeyStore::open(folder_.path() / "none" / "keys", key_), {"its folder", "No such file"});
}

TEST_F(SqliteKeyStoreTest, RefusesOtherDatabases) {
    ASSERT_TRUE(write_file(file_, Bytes(4096, 'x'), 0600));
    expect_error(open(IfMissing::kCreate), {"no store of this program, or damaged"});
    ASSERT_TRUE(write_file(file_, {}, 0600));
    tamper("CREATE TABLE t (a)");
    expect_error(open(IfMissing::kCreate), {"application id 0", "another program's"});
}

TEST_F(SqliteKeyStoreTest, RefusesATriggerAndALaterFormat) {
    created();
    tamper("CREATE TRIGGER t AFTER INSERT ON secrets BEGIN DELETE FROM secrets; END");
    expect_error(open(), {"other tables than expected"});
    tamper("DROP TRIGGER t");
    EXPECT_TRUE(open());
    tamper("PRAGMA user_version = 2");
    expect_error(open(), {"format version 2", "expected 1"});
}

TEST_F(SqliteKeyStoreTest, ThreadsShareIt) {
    auto store = created();
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&store, i] {
            const ResourcePath path{"default", "key", "t" + std::to_string(i)};
            for (int n = 0; n < 20; ++n) {
                const std::string value = path.tag + ":" + std::to_string(n);
                EXPECT_TRUE(store->write(path, as_bytes(value)));
                expect_secret(store->read(path), value);
            }
        });
    threads.clear();
    EXPECT_EQ(store->list()->size(), 4U);
}

}  // namespace
}  // namespace hallmark::keys
