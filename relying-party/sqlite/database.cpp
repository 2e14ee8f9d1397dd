// SPDX-License-Identifier: Apache-2.0
#include "relying-party/sqlite/database.hpp"

#include <sqlite3.h>

#include <utility>

namespace hallmark::sqlite {
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
            return "it is no store of this program, or damaged; restore it from a copy";
        case SQLITE_IOERR:
            return "reading or writing failed; nothing was changed, look at the disk";
        default:
            return "see the reason";
    }
}

}  // namespace

void Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
void Database::Close::operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }

Statement::~Statement() {
    if (prepared_.empty()) return;
    // The result repeats that of the last step, which was looked at. What was bound may be a secret's: it goes.
    sqlite3_reset(get());
    sqlite3_clear_bindings(get());
    database_->idle_.insert(std::move(prepared_));
}

Status Statement::bind(int index, std::string_view text) {
    const char* const data = text.data() == nullptr ? "" : text.data();  // a null pointer would be NULL
    const int code = sqlite3_bind_text64(get(), index, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    if (code != SQLITE_OK) return std::unexpected(database_->error(code));
    return {};
}

Status Statement::bind(int index, ByteSpan blob) {
    const int code = sqlite3_bind_blob64(get(), index, blob.data(), blob.size(), SQLITE_STATIC);
    if (code != SQLITE_OK) return std::unexpected(database_->error(code));
    return {};
}

Status Statement::bind(int index, std::int64_t number) {
    const int code = sqlite3_bind_int64(get(), index, number);
    if (code != SQLITE_OK) return std::unexpected(database_->error(code));
    return {};
}

Result<bool> Statement::step() {
    const int code = sqlite3_step(get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return std::unexpected(database_->error(code));
}

Status Statement::run() {
    HALLMARK_TRY(bool more, step());
    while (more) {
        HALLMARK_TRY(more, step());
    }
    sqlite3_reset(get());
    return {};
}

std::string_view Statement::text(int column) const {
    const auto* text = sqlite3_column_text(get(), column);
    if (text == nullptr) return {};
    return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(sqlite3_column_bytes(get(), column))};
}

ByteSpan Statement::blob(int column) const {
    const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(get(), column));
    if (bytes == nullptr) return {};
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(get(), column))};
}

std::int64_t Statement::number(int column) const { return sqlite3_column_int64(get(), column); }

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& file, IfMissing if_missing) {
    const int create = if_missing == IfMissing::kCreate ? SQLITE_OPEN_CREATE : 0;
    return open_name(file.string(), SQLITE_OPEN_NOFOLLOW | create);
}

Result<std::unique_ptr<Database>> Database::in_memory() { return open_name(":memory:", SQLITE_OPEN_MEMORY); }

Result<std::unique_ptr<Database>> Database::open_name(const std::string& name, int flags) {
    sqlite3* connection = nullptr;
    constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int code = sqlite3_open_v2(name.c_str(), &connection, flags | kFlags, nullptr);
    if (connection == nullptr) return bad_input(name + ": no memory for SQLite");
    std::unique_ptr<Database> database(new Database(connection, name));
    if (code != SQLITE_OK) return std::unexpected(database->error(code));
    if (sqlite3_db_readonly(connection, "main") != 0) return std::unexpected(database->error(SQLITE_READONLY));
    HALLMARK_CHECK(database->set_up());
    return database;
}

Status Database::set_up() {
    sqlite3* const connection = connection_.get();
    sqlite3_busy_timeout(connection, kPatience);
    sqlite3_limit(connection, SQLITE_LIMIT_LENGTH, kLongest);
    // The file may be damaged, or made by somebody else: no code of its own runs, and its inner sizes are checked.
    if (sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr) != SQLITE_OK ||
        sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr) != SQLITE_OK)
        return bad_input(name_ + ": this SQLite has no defensive mode, expected 3.40 or later");
    // One file, and beside it a journal only while something is written. EXTRA: the journal's end is durable too, or a
    // loss of power could bring an older value back. What was removed is overwritten, not only forgotten.
    return run(
        "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON;"
        "PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA; PRAGMA secure_delete = ON");
}

Result<Statement> Database::prepare(std::string_view sql) {
    const auto kept = idle_.find(sql);
    if (kept != idle_.end()) return Statement(*this, idle_.extract(kept));
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) return std::unexpected(error(code));
    Prepared fresh;
    fresh.emplace(sql, statement);
    return Statement(*this, fresh.extract(fresh.begin()));
}

Status Database::run(const std::string& sql) {
    const int code = sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return std::unexpected(error(code));
    return {};
}

Result<std::int64_t> Database::number(std::string_view sql) {
    HALLMARK_TRY(Statement statement, prepare(sql));
    HALLMARK_TRY(const bool found, statement.step());
    if (!found) return bad_input(name_ + ": a query gave no row; the store is damaged");
    return statement.number(0);
}

std::int64_t Database::changes() const { return sqlite3_changes64(connection_.get()); }

std::int64_t Database::last_row() const { return sqlite3_last_insert_rowid(connection_.get()); }

Error Database::error(int code) const {
    return {Fault::kBadInput, name_ + ": SQLite: " + sqlite3_errstr(code) + " (code " + std::to_string(code) + ", " +
                                  sqlite3_errmsg(connection_.get()) + "); " + std::string(advice(code))};
}

namespace {

Status run_kept(Database& database, std::string_view sql) {
    HALLMARK_TRY(Statement statement, database.prepare(sql));
    return statement.run();
}

}  // namespace

Result<Transaction> Transaction::begin(Database& database) {
    HALLMARK_CHECK(run_kept(database, "BEGIN IMMEDIATE"));
    return Transaction(database);
}

Result<Transaction> Transaction::begin_reading(Database& database) {
    HALLMARK_CHECK(run_kept(database, "BEGIN DEFERRED"));
    return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
    // SQLite may have rolled back already; either way nothing is left of it.
    if (database_ != nullptr) static_cast<void>(run_kept(*database_, "ROLLBACK"));
}

Status Transaction::commit() {
    HALLMARK_CHECK(run_kept(*database_, "COMMIT"));
    database_ = nullptr;
    return {};
}

}  // namespace hallmark::sqlite
