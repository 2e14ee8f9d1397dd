// SPDX-License-Identifier: Apache-2.0
// SQLite with results instead of codes. Source: the SQLite C interface, 3.40 and later.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "common/bytes.hpp"
#include "common/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace hallmark::keys {

class Database;

/// One prepared statement. Columns are valid until the next step.
class Statement {
public:
    /// Numbered from 1; what is bound outlives the statement.
    Status bind(int index, std::string_view text);
    Status bind(int index, ByteSpan blob);
    /// True where there is a row.
    Result<bool> step();
    /// Runs a statement that gives no rows.
    Status run();
    [[nodiscard]] std::string_view text(int column) const;
    [[nodiscard]] ByteSpan blob(int column) const;
    [[nodiscard]] std::int64_t number(int column) const;

private:
    friend class Database;
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    Statement(const Database* database, sqlite3_stmt* statement) : database_(database), statement_(statement) {}
    const Database* database_;  // outlives this
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Database {
public:
    /// Opens a file that is there, to read and write; set up so that a commit that returned is durable.
    static Result<std::unique_ptr<Database>> open(const std::filesystem::path& file);

    Result<Statement> prepare(std::string_view sql) const;
    /// Runs one statement without parameters.
    Status run(std::string_view sql) const;
    /// The one number that a query gives.
    Result<std::int64_t> number(std::string_view sql) const;
    /// How many rows the last statement changed.
    [[nodiscard]] std::int64_t changes() const;
    /// This code of SQLite as an error that names the file and what to do.
    [[nodiscard]] Error error(int code) const;

private:
    struct Close {
        void operator()(sqlite3* connection) const;
    };
    Database(sqlite3* connection, std::string name) : connection_(connection), name_(std::move(name)) {}
    Status set_up() const;
    std::unique_ptr<sqlite3, Close> connection_;
    std::string name_;
};

/// All or nothing: what is not committed is rolled back at the end of its life.
class Transaction {
public:
    /// Waits some seconds for another process that is writing.
    static Result<Transaction> begin(const Database& database);
    Transaction(Transaction&& other) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    ~Transaction();
    Status commit();

private:
    explicit Transaction(const Database& database) : database_(&database) {}
    const Database* database_;  // null where there is nothing to roll back
};

}  // namespace hallmark::keys
