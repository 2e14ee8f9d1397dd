// SPDX-License-Identifier: Apache-2.0
#include "relying-party/reference-values/statement.hpp"

#include <utility>

namespace hallmark::reference {

std::unexpected<Error> database_error(sqlite3* database, const std::string& path, std::string_view what) {
    return bad_input(path + ": " + std::string(what) +
                     ": SQLite: " + (database == nullptr ? "out of memory" : sqlite3_errmsg(database)));
}

Status execute(sqlite3* database, const std::string& path, const char* sql) {
    if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        return database_error(database, path, "cannot use the store");
    return {};
}

Result<Statement> Statement::prepare(sqlite3* database, const std::string& path, std::string_view sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &statement, nullptr) != SQLITE_OK)
        return database_error(database, path, "cannot use the store");
    return Statement(database, path, statement);
}

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_),
      path_(other.path_),
      statement_(std::exchange(other.statement_, nullptr)),
      next_(other.next_) {}

Status Statement::bound(int code) {
    ++next_;
    if (code != SQLITE_OK) return database_error(database_, *path_, "cannot bind a value");
    return {};
}

Status Statement::bind(std::string_view text) {
    return bound(sqlite3_bind_text64(statement_, next_, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

Status Statement::bind(std::int64_t number) { return bound(sqlite3_bind_int64(statement_, next_, number)); }

Result<bool> Statement::step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return database_error(database_, *path_, "cannot read or write");
}

Status Statement::run() {
    for (;;) {
        HALLMARK_TRY(const bool row, step());
        if (!row) break;
    }
    reset();
    return {};
}

void Statement::reset() {
    // Its result repeats that of the last step, which was looked at.
    sqlite3_reset(statement_);
    next_ = 1;
}

std::string Statement::text(int column) const {
    const auto* bytes = sqlite3_column_text(statement_, column);
    const int size = sqlite3_column_bytes(statement_, column);
    if (bytes == nullptr) return {};
    return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

Result<Transaction> Transaction::begin(sqlite3* database, const std::string& path) {
    HALLMARK_CHECK(execute(database, path, "BEGIN IMMEDIATE"));
    return Transaction(database, path);
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)), path_(other.path_) {}

Transaction::~Transaction() {
    // A failure here is one of the connection, and what was begun is not served: the journal undoes it.
    if (database_ != nullptr) sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
}

Status Transaction::commit() {
    HALLMARK_CHECK(execute(database_, *path_, "COMMIT"));
    database_ = nullptr;
    return {};
}

}  // namespace hallmark::reference
