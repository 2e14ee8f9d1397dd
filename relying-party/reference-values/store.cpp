// SPDX-License-Identifier: Apache-2.0
#include "relying-party/reference-values/store.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "relying-party/reference-values/statement.hpp"

namespace hallmark::reference {
namespace {

constexpr std::int64_t kSecondsOfDay = 86'400;
constexpr int kBusyMilliseconds = 5000;

/// "HMRV", which tells this file from every other one of SQLite, and the version of what is in it.
constexpr std::int64_t kApplication = 0x484d5256;
constexpr std::int64_t kVersion = 1;

constexpr const char* kTables =
    "CREATE TABLE sets(id INTEGER PRIMARY KEY, source TEXT NOT NULL, name TEXT NOT NULL, registered INTEGER NOT NULL,"
    " expires INTEGER NOT NULL, UNIQUE(source, name)) STRICT;"
    // The key is what a policy asks by.
    "CREATE TABLE reference_values(name TEXT NOT NULL, value TEXT NOT NULL,"
    " set_id INTEGER NOT NULL REFERENCES sets(id) ON DELETE CASCADE, PRIMARY KEY(name, value, set_id))"
    " STRICT, WITHOUT ROWID;"
    "CREATE INDEX values_of_set ON reference_values(set_id);"
    "PRAGMA application_id = 1213026902;"
    "PRAGMA user_version = 1;";
static_assert(kApplication == 1213026902 && kVersion == 1);

constexpr std::string_view kFind =
    "SELECT value, source, sets.name FROM reference_values JOIN sets ON sets.id = set_id"
    " WHERE reference_values.name = ? AND expires > ? ORDER BY set_id, value";
constexpr std::string_view kMatch =
    "SELECT value, source, sets.name FROM reference_values JOIN sets ON sets.id = set_id"
    " WHERE reference_values.name = ? AND value = ? AND expires > ? ORDER BY set_id";

Result<std::int64_t> number_of(sqlite3* database, const std::string& path, std::string_view sql) {
    HALLMARK_TRY(Statement statement, Statement::prepare(database, path, sql));
    HALLMARK_TRY(const bool row, statement.step());
    return row ? statement.number(0) : std::int64_t{0};
}

/// Takes away what a document replaces.
Status clear(sqlite3* database, const std::string& path, const Document& document) {
    HALLMARK_TRY(auto set, Statement::prepare(database, path, "DELETE FROM sets WHERE source = ? AND name = ?"));
    HALLMARK_CHECK(set.bind(document.source));
    HALLMARK_CHECK(set.bind(document.set));
    HALLMARK_CHECK(set.run());
    HALLMARK_TRY(auto name, Statement::prepare(database, path,
                                               "DELETE FROM reference_values WHERE name = ? AND set_id IN"
                                               " (SELECT id FROM sets WHERE source = ?)"));
    for (const auto& key : document.replaces) {
        HALLMARK_CHECK(name.bind(key));
        HALLMARK_CHECK(name.bind(document.source));
        HALLMARK_CHECK(name.run());
    }
    return execute(database, path,
                   "DELETE FROM sets WHERE NOT EXISTS (SELECT 1 FROM reference_values WHERE set_id = sets.id)");
}

Status insert(sqlite3* database, const std::string& path, const Document& document, std::time_t now, int days) {
    if (document.values.empty()) return {};
    HALLMARK_TRY(
        auto set,
        Statement::prepare(database, path, "INSERT INTO sets(source, name, registered, expires) VALUES(?, ?, ?, ?)"));
    HALLMARK_CHECK(set.bind(document.source));
    HALLMARK_CHECK(set.bind(document.set));
    HALLMARK_CHECK(set.bind(std::int64_t{now}));
    HALLMARK_CHECK(set.bind(std::int64_t{now} + days * kSecondsOfDay));
    HALLMARK_CHECK(set.run());
    const std::int64_t id = sqlite3_last_insert_rowid(database);
    HALLMARK_TRY(auto value,
                 Statement::prepare(database, path,
                                    "INSERT OR IGNORE INTO reference_values(name, value, set_id) VALUES(?, ?, ?)"));
    for (const auto& [key, one] : document.values) {
        HALLMARK_CHECK(value.bind(key));
        HALLMARK_CHECK(value.bind(value_text(one)));
        HALLMARK_CHECK(value.bind(id));
        HALLMARK_CHECK(value.run());
    }
    return {};
}

Status check_room(sqlite3* database, const std::string& path) {
    HALLMARK_TRY(const std::int64_t sets, number_of(database, path, "SELECT count(*) FROM sets"));
    HALLMARK_TRY(const std::int64_t values, number_of(database, path, "SELECT count(*) FROM reference_values"));
    if (sets > static_cast<std::int64_t>(kMostSets) || values > static_cast<std::int64_t>(kMostStored))
        return refused(path + ": would hold " + std::to_string(sets) + " sets with " + std::to_string(values) +
                       " values, at most " + std::to_string(kMostSets) + " and " + std::to_string(kMostStored) +
                       "; delete sets that are no longer in use");
    return {};
}

/// Reset when this goes.
class Running {
public:
    explicit Running(Statement& statement) : statement_(statement) {}
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() { statement_.reset(); }

private:
    Statement& statement_;
};

/// Rows of value, source, set.
Result<std::vector<Value>> values_of(Statement& statement, const std::string& path) {
    std::vector<Value> values;
    for (;;) {
        HALLMARK_TRY(const bool row, statement.step());
        if (!row) return values;
        HALLMARK_TRY(Json value, parse_json(statement.text(0), path + ": a stored value"));
        values.push_back({std::move(value), statement.text(1), statement.text(2)});
    }
}

}  // namespace

Store::Store(sqlite3* database, std::string path) : database_(database), path_(std::move(path)) {}

Store::~Store() {
    find_.reset();
    match_.reset();
    sqlite3_close_v2(database_);
}

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& path) {
    return open_file(path.string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOFOLLOW);
}

Result<std::unique_ptr<Store>> Store::in_memory() {
    return open_file(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY);
}

Result<std::unique_ptr<Store>> Store::open_file(const std::string& path, int flags) {
    sqlite3* database = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &database, flags | SQLITE_OPEN_FULLMUTEX, nullptr);
    std::unique_ptr<Store> store(new Store(database, path));
    if (code != SQLITE_OK) return database_error(database, path, "cannot open the store of reference values");
    HALLMARK_CHECK(store->set_up());
    return store;
}

Status Store::set_up() {
    sqlite3_busy_timeout(database_, kBusyMilliseconds);
    sqlite3_db_config(database_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(database_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    // A rollback journal that is synchronised before and after: a commit that was acknowledged survives a power cut.
    HALLMARK_CHECK(execute(database_, path_,
                           "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
                           "PRAGMA cell_size_check = ON"));
    HALLMARK_TRY(Transaction transaction, Transaction::begin(database_, path_));
    HALLMARK_TRY(const std::int64_t application, number_of(database_, path_, "PRAGMA application_id"));
    HALLMARK_TRY(const std::int64_t version, number_of(database_, path_, "PRAGMA user_version"));
    HALLMARK_TRY(const std::int64_t tables, number_of(database_, path_, "SELECT count(*) FROM sqlite_master"));
    if (application == 0 && version == 0 && tables == 0) {
        HALLMARK_CHECK(execute(database_, path_, kTables));
    } else if (application != kApplication || version != kVersion) {
        return bad_input(path_ + ": found a database of application " + std::to_string(application) + ", version " +
                         std::to_string(version) + ", expected a store of reference values (" +
                         std::to_string(kApplication) + ", version " + std::to_string(kVersion) +
                         "); name another file");
    }
    HALLMARK_CHECK(transaction.commit());
    HALLMARK_TRY(auto find, Statement::prepare(database_, path_, kFind));
    HALLMARK_TRY(auto match, Statement::prepare(database_, path_, kMatch));
    find_ = std::make_unique<Statement>(std::move(find));
    match_ = std::make_unique<Statement>(std::move(match));
    return {};
}

Status Store::add(const Document& document, std::time_t now, int days) {
    if (days < 1 || days > kMostDays)
        return bad_input(document.source + ": values for " + std::to_string(days) + " days, expected 1 to " +
                         std::to_string(kMostDays));
    if ((document.values.empty() && document.replaces.empty()) || document.values.size() > kMostValues)
        return bad_input(document.source + ": " + std::to_string(document.values.size()) + " values, expected 1 to " +
                         std::to_string(kMostValues));
    for (const auto& [name, value] : document.values) HALLMARK_CHECK(check_value(name, value, document.source));
    const std::scoped_lock lock(mutex_);
    HALLMARK_TRY(Transaction transaction, Transaction::begin(database_, path_));
    HALLMARK_CHECK(clear(database_, path_, document));
    HALLMARK_CHECK(insert(database_, path_, document, now, days));
    HALLMARK_CHECK(check_room(database_, path_));
    return transaction.commit();
}

Result<std::vector<Value>> Store::find(std::string_view name, std::time_t at) const {
    const std::scoped_lock lock(mutex_);
    const Running running(*find_);
    HALLMARK_CHECK(find_->bind(name));
    HALLMARK_CHECK(find_->bind(std::int64_t{at}));
    return values_of(*find_, path_);
}

Result<std::vector<Value>> Store::match(std::string_view name, const Json& value, std::time_t at) const {
    const std::scoped_lock lock(mutex_);
    const Running running(*match_);
    HALLMARK_CHECK(match_->bind(name));
    HALLMARK_CHECK(match_->bind(value_text(value)));
    HALLMARK_CHECK(match_->bind(std::int64_t{at}));
    return values_of(*match_, path_);
}

Result<std::vector<Set>> Store::sets() const {
    const std::scoped_lock lock(mutex_);
    HALLMARK_TRY(auto statement,
                 Statement::prepare(database_, path_,
                                    "SELECT name, source, registered, expires, (SELECT count(*) FROM reference_values"
                                    " WHERE set_id = sets.id) FROM sets ORDER BY source, name"));
    std::vector<Set> sets;
    for (;;) {
        HALLMARK_TRY(const bool row, statement.step());
        if (!row) return sets;
        sets.push_back({.name = statement.text(0),
                        .source = statement.text(1),
                        .registered = statement.number(2),
                        .expires = statement.number(3),
                        .values = static_cast<std::size_t>(statement.number(4))});
    }
}

Result<std::vector<StoredValue>> Store::show(std::string_view set, std::string_view name, std::size_t most) const {
    const std::scoped_lock lock(mutex_);
    HALLMARK_TRY(auto statement,
                 Statement::prepare(database_, path_,
                                    "SELECT value, source, sets.name, reference_values.name, expires FROM"
                                    " reference_values JOIN sets ON sets.id = set_id WHERE (?1 = '' OR sets.name = ?1)"
                                    " AND (?2 = '' OR reference_values.name = ?2)"
                                    " ORDER BY reference_values.name, set_id, value LIMIT ?3"));
    HALLMARK_CHECK(statement.bind(set));
    HALLMARK_CHECK(statement.bind(name));
    HALLMARK_CHECK(statement.bind(static_cast<std::int64_t>(std::min(most, kMostStored))));
    std::vector<StoredValue> values;
    for (;;) {
        HALLMARK_TRY(const bool row, statement.step());
        if (!row) return values;
        HALLMARK_TRY(Json value, parse_json(statement.text(0), path_ + ": a stored value"));
        values.push_back({.name = statement.text(3),
                          .value = {std::move(value), statement.text(1), statement.text(2)},
                          .expires = statement.number(4)});
    }
}

Status Store::remove_set(std::string_view set) {
    const std::scoped_lock lock(mutex_);
    HALLMARK_TRY(auto statement, Statement::prepare(database_, path_, "DELETE FROM sets WHERE name = ?"));
    HALLMARK_CHECK(statement.bind(set));
    HALLMARK_CHECK(statement.run());
    if (sqlite3_changes64(database_) == 0)
        return refused(path_ + ": no set '" + std::string(set) + "'; the list names those that there are");
    return {};
}

Status Store::remove_name(std::string_view name) {
    const std::scoped_lock lock(mutex_);
    HALLMARK_TRY(Transaction transaction, Transaction::begin(database_, path_));
    {
        HALLMARK_TRY(auto statement,
                     Statement::prepare(database_, path_, "DELETE FROM reference_values WHERE name = ?"));
        HALLMARK_CHECK(statement.bind(name));
        HALLMARK_CHECK(statement.run());
    }
    if (sqlite3_changes64(database_) == 0) return refused(path_ + ": no value of '" + std::string(name) + "'");
    HALLMARK_CHECK(execute(database_, path_,
                           "DELETE FROM sets WHERE NOT EXISTS"
                           " (SELECT 1 FROM reference_values WHERE set_id = sets.id)"));
    return transaction.commit();
}

Result<std::size_t> Store::remove_expired(std::time_t at) {
    const std::scoped_lock lock(mutex_);
    HALLMARK_TRY(Transaction transaction, Transaction::begin(database_, path_));
    HALLMARK_TRY(const std::int64_t before, number_of(database_, path_, "SELECT count(*) FROM reference_values"));
    {
        HALLMARK_TRY(auto statement, Statement::prepare(database_, path_, "DELETE FROM sets WHERE expires <= ?"));
        HALLMARK_CHECK(statement.bind(std::int64_t{at}));
        HALLMARK_CHECK(statement.run());
    }
    HALLMARK_TRY(const std::int64_t after, number_of(database_, path_, "SELECT count(*) FROM reference_values"));
    HALLMARK_CHECK(transaction.commit());
    return static_cast<std::size_t>(before - after);
}

}  // namespace hallmark::reference
