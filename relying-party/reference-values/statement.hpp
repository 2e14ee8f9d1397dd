// SPDX-License-Identifier: Apache-2.0
// SQLite's statements and transactions with results. Source: https://sqlite.org/c3ref/intro.html.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace hallmark::reference {

/// "FILE: what: reason"
std::unexpected<Error> database_error(sqlite3* database, const std::string& path, std::string_view what);

/// One statement with its arguments bound in order; gone with this object.
class Statement {
public:
    static Result<Statement> prepare(sqlite3* database, const std::string& path, std::string_view sql);
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&&) = delete;
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    ~Statement() { sqlite3_finalize(statement_); }

    Status bind(std::string_view text);
    Status bind(std::int64_t number);
    /// Whether there is a row.
    Result<bool> step();
    /// Runs it to its end; then it may be bound anew.
    Status run();

    /// Ends it where it is, and with it the lock that it holds on the file; then it may be bound anew.
    void reset();

    [[nodiscard]] std::string text(int column) const;
    [[nodiscard]] std::int64_t number(int column) const { return sqlite3_column_int64(statement_, column); }

private:
    Statement(sqlite3* database, const std::string& path, sqlite3_stmt* statement)
        : database_(database), path_(&path), statement_(statement) {}
    Status bound(int code);

    sqlite3* database_;
    const std::string* path_;  // of the store, which outlives this
    sqlite3_stmt* statement_;
    int next_ = 1;
};

/// Rolled back unless committed.
class Transaction {
public:
    static Result<Transaction> begin(sqlite3* database, const std::string& path);
    Transaction(Transaction&& other) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    ~Transaction();
    Status commit();

private:
    Transaction(sqlite3* database, const std::string& path) : database_(database), path_(&path) {}
    sqlite3* database_;  // nullptr: nothing to roll back
    const std::string* path_;
};

/// Runs statements without arguments or rows.
Status execute(sqlite3* database, const std::string& path, const char* sql);

}  // namespace hallmark::reference
