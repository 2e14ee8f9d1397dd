// SPDX-License-Identifier: Apache-2.0
#include "relying-party/sqlite/database.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/expect_error.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::sqlite {
namespace {

class DatabaseTest : public ::testing::Test {
protected:
    static std::unique_ptr<Database> open(const std::filesystem::path& file) {
        auto database = Database::open(file, Database::IfMissing::kCreate);
        EXPECT_TRUE(database) << database.error().message;
        return std::move(*database);
    }
    void SetUp() override { ASSERT_TRUE(database_->run("CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('one')")); }

    test::TemporaryFolder folder_;
    std::filesystem::path file_ = folder_.path() / "database";
    std::unique_ptr<Database> database_ = open(file_);
};

TEST_F(DatabaseTest, AStatementComesBackWithoutWhatWasBound) {
    constexpr std::string_view kText = "SELECT ?1 IS NULL, ?1";
    {
        auto first = database_->prepare(kText);
        ASSERT_TRUE(first);
        ASSERT_TRUE(first->bind(1, std::string_view("secret")));
        ASSERT_TRUE(first->step().value());
        EXPECT_EQ(first->text(1), "secret");
    }
    auto second = database_->prepare(kText);
    ASSERT_TRUE(second);
    ASSERT_TRUE(second->step().value());
    EXPECT_EQ(second->number(0), 1);
}

TEST_F(DatabaseTest, OneTextMayBeUsedTwiceAtOnce) {
    auto outer = database_->prepare("SELECT a FROM t WHERE a = ?1");
    ASSERT_TRUE(outer && outer->bind(1, std::string_view("one")));
    ASSERT_TRUE(outer->step().value());
    {
        auto inner = database_->prepare("SELECT a FROM t WHERE a = ?1");
        ASSERT_TRUE(inner && inner->bind(1, std::string_view("two")));
        EXPECT_FALSE(inner->step().value());
    }
    EXPECT_EQ(outer->text(0), "one");
}

TEST_F(DatabaseTest, WhatIsNotCommittedIsGone) {
    {
        const auto transaction = Transaction::begin(*database_);
        ASSERT_TRUE(transaction);
        ASSERT_TRUE(database_->run("INSERT INTO t VALUES ('two')"));
        EXPECT_EQ(database_->number("SELECT count(*) FROM t").value(), 2);
    }
    EXPECT_EQ(database_->number("SELECT count(*) FROM t").value(), 1);
    {
        auto transaction = Transaction::begin(*database_);
        ASSERT_TRUE(transaction);
        ASSERT_TRUE(database_->run("INSERT INTO t VALUES ('two')"));
        ASSERT_TRUE(transaction->commit());
    }
    EXPECT_EQ(open(file_)->number("SELECT count(*) FROM t").value(), 2);
}

TEST_F(DatabaseTest, KeptStatementsLetGoOfTheFileAndSeeWhatOthersWrote) {
    const auto other = open(file_);
    {
        const auto transaction = Transaction::begin_reading(*database_);
        ASSERT_TRUE(transaction);
        EXPECT_EQ(database_->number("SELECT count(*) FROM t").value(), 1);
    }
    // Would wait for five seconds and then fail.
    ASSERT_TRUE(other->run("INSERT INTO t VALUES ('two')"));
    const auto transaction = Transaction::begin_reading(*database_);
    ASSERT_TRUE(transaction);
    EXPECT_EQ(database_->number("SELECT count(*) FROM t").value(), 2);
}

TEST_F(DatabaseTest, ErrorsNameTheFileAndWhatToDo) {
    test::expect_error(database_->prepare("SELECT b FROM t"), {"database", "SQLite", "no such column"});
    test::expect_error(Database::open(folder_.path() / "missing", Database::IfMissing::kFail), {"missing", "SQLite"});
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "missing"));
}

}  // namespace
}  // namespace hallmark::sqlite
