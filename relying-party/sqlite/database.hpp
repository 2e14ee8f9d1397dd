// SPDX-License-Identifier: Apache-2.0
// SQLite with results instead of codes. Source: the SQLite C interface, 3.40 and later.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "common/bytes.hpp"
#include "common/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace hallmark::sqlite {

class Database;

struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
};
/// By their text.
using Prepared = std::map<std::string, std::unique_ptr<sqlite3_stmt, Finalize>, std::less<>>;

/// A statement that its database lends; it goes back, reset, when this object goes. Columns are valid until the next
/// step.
class Statement {
public:
    Statement(Statement&&) noexcept = default;
    Statement& operator=(Statement&&) = delete;
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    ~Statement();

    /// Numbered from 1. A text is copied; a blob outlives the statement.
    Status bind(int index, std::string_view text);
    Status bind(int index, ByteSpan blob);
    Status bind(int index, std::int64_t number);
    /// True where there is a row.
    Result<bool> step();
    /// Runs it to its end; then it may be bound anew.
    Status run();
    [[nodiscard]] std::string_view text(int column) const;
    [[nodiscard]] ByteSpan blob(int column) const;
    [[nodiscard]] std::int64_t number(int column) const;

private:
    friend class Database;
    Statement(Database& database, Prepared::node_type prepared)
        : database_(&database), prepared_(std::move(prepared)) {}
    [[nodiscard]] sqlite3_stmt* get() const { return prepared_.mapped().get(); }

    Database* database_;  // outlives this
    Prepared::node_type prepared_;
};

/// One connection, for one thread at a time: whoever has it holds a lock of its own.
class Database {
public:
    enum class IfMissing { kFail, kCreate };

    /// Opens a file to read and write; set up so that a commit that returned is durable.
    static Result<std::unique_ptr<Database>> open(const std::filesystem::path& file,
                                                  IfMissing if_missing = IfMissing::kFail);
    static Result<std::unique_ptr<Database>> in_memory();

    /// Prepared once and then kept, so the text is one of the program's, not made from what comes in.
    Result<Statement> prepare(std::string_view sql);
    /// Runs statements without parameters; their rows are ignored.
    Status run(const std::string& sql);
    /// The one number that a query gives.
    Result<std::int64_t> number(std::string_view sql);
    /// How many rows the last statement changed.
    [[nodiscard]] std::int64_t changes() const;
    /// Of the row that was inserted last.
    [[nodiscard]] std::int64_t last_row() const;
    /// This code of SQLite as an error that names the file and what to do.
    [[nodiscard]] Error error(int code) const;

private:
    friend class Statement;
    struct Close {
        void operator()(sqlite3* connection) const;
    };
    Database(sqlite3* connection, std::string name) : connection_(connection), name_(std::move(name)) {}
    static Result<std::unique_ptr<Database>> open_name(const std::string& name, int flags);
    Status set_up();

    std::unique_ptr<sqlite3, Close> connection_;
    std::string name_;
    Prepared idle_;  // those that nobody has borrowed
};

/// All or nothing: what is not committed is rolled back at the end of its life.
class Transaction {
public:
    /// Waits some seconds for another process that is writing.
    static Result<Transaction> begin(Database& database);
    /// To read only: from the first statement on all see one state of the file, which is locked once for all of them.
    static Result<Transaction> begin_reading(Database& database);
    Transaction(Transaction&& other) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    ~Transaction();
    Status commit();

private:
    explicit Transaction(Database& database) : database_(&database) {}
    Database* database_;  // null where there is nothing to roll back
};

}  // namespace hallmark::sqlite
