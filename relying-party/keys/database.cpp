// SPDX-License-Identifier: Apache-2.0
#include "relying-party/keys/database.hpp"

#include <sqlite3.h>

#include <utility>

namespace hallmark::keys {
namespace {

constexpr int kPatience = 5000;  // milliseconds that another process may take to write
constexpr int kLongest = 2 * 1024 * 1024;

std::string_view advice(int code) {
    switch (code & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return "another process is using it; wait, or end that one";
        case SQLITE_FULL:
            return "the disk is full; nothing was changed";
        case SQLITE_READONLY:
            return "it can only be read; nothing was changed";
        case SQLITE_NOTADB:
        case SQLITE_CORRUPT:
            return "it is no key store, or damaged; restore it from a copy";
        case SQLITE_IOERR:
            return "reading or writing failed; nothing was changed, look at the disk";
        default:
            return "see the reason";
    }
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
void Database::Close::operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }

Status Statement::bind(int index, std::string_view text) {
    const int code = sqlite3_bind_text64(statement_.get(), index, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
    if (code != SQLITE_OK) return std::unexpected(database_->error(code));
    return {};
}

Status Statement::bind(int index, ByteSpan blob) {
    const int code = sqlite3_bind_blob64(statement_.get(), index, blob.data(), blob.size(), SQLITE_STATIC);
    if (code != SQLITE_OK) return std::unexpected(database_->error(code));
    return {};
}

Result<bool> Statement::step() {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return std::unexpected(database_->error(code));
}

Status Statement::run() {
    HALLMARK_TRY(bool more, step());
    while (more) {
        HALLMARK_TRY(more, step());
    }
    return {};
}

std::string_view Statement::text(int column) const {
    const auto* text = sqlite3_column_text(statement_.get(), column);
    if (text == nullptr) return {};
    return {reinterpret_cast<const char*>(text),
            static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

ByteSpan Statement::blob(int column) const {
    const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_.get(), column));
    if (bytes == nullptr) return {};
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

std::int64_t Statement::number(int column) const { return sqlite3_column_int64(statement_.get(), column); }

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& file) {
    sqlite3* connection = nullptr;
    // Whoever calls this holds a lock of its own; two threads never use one connection at once.
    constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE;
    const int code = sqlite3_open_v2(file.c_str(), &connection, kFlags, nullptr);
    if (connection == nullptr) return bad_input(file.string() + ": no memory for SQLite");
    std::unique_ptr<Database> database(new Database(connection, file.string()));
    if (code != SQLITE_OK) return std::unexpected(database->error(code));
    if (sqlite3_db_readonly(connection, "main") != 0) return std::unexpected(database->error(SQLITE_READONLY));
    HALLMARK_CHECK(database->set_up());
    return database;
}

Status Database::set_up() const {
    sqlite3* const connection = connection_.get();
    sqlite3_busy_timeout(connection, kPatience);
    sqlite3_limit(connection, SQLITE_LIMIT_LENGTH, kLongest);
    // The file may be damaged, or made by somebody else: no code of its own runs, and its inner sizes are checked.
    if (sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr) != SQLITE_OK ||
        sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr) != SQLITE_OK)
        return bad_input(name_ + ": this SQLite has no defensive mode, expected 3.40 or later");
    for (const std::string_view pragma : {
             "PRAGMA cell_size_check = ON",
             "PRAGMA mmap_size = 0",
             "PRAGMA temp_store = MEMORY",
             // One file, and beside it a journal only while something is written. EXTRA: the journal's end is durable
             // too, or a loss of power could bring an older value back.
             "PRAGMA journal_mode = DELETE",
             "PRAGMA synchronous = EXTRA",
             // What was removed is overwritten, not only forgotten.
             "PRAGMA secure_delete = ON",
         })
        HALLMARK_CHECK(run(pragma));
    return {};
}

Result<Statement> Database::prepare(std::string_view sql) const {
    sqlite3_stmt* statement = nullptr;
    const int code =
        sqlite3_prepare_v2(connection_.get(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
    if (code != SQLITE_OK) return std::unexpected(error(code));
    return Statement(this, statement);
}

Status Database::run(std::string_view sql) const {
    HALLMARK_TRY(Statement statement, prepare(sql));
    return statement.run();
}

Result<std::int64_t> Database::number(std::string_view sql) const {
    HALLMARK_TRY(Statement statement, prepare(sql));
    HALLMARK_TRY(const bool found, statement.step());
    if (!found) return bad_input(name_ + ": a query gave no row; the store is damaged");
    return statement.number(0);
}

std::int64_t Database::changes() const { return sqlite3_changes64(connection_.get()); }

Error Database::error(int code) const {
    return {Fault::kBadInput, name_ + ": SQLite: " + sqlite3_errstr(code) + " (code " + std::to_string(code) + ", " +
                                  sqlite3_errmsg(connection_.get()) + "); " + std::string(advice(code))};
}

Result<Transaction> Transaction::begin(const Database& database) {
    HALLMARK_CHECK(database.run("BEGIN IMMEDIATE"));
    return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
    // SQLite may have rolled back already; either way nothing is left of it.
    if (database_ != nullptr) static_cast<void>(database_->run("ROLLBACK"));
}

Status Transaction::commit() {
    HALLMARK_CHECK(database_->run("COMMIT"));
    database_ = nullptr;
    return {};
}

}  // namespace hallmark::keys
