// SPDX-License-Identifier: Apache-2.0
#include "relying-party/reference-values/store.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "relying-party/sqlite/database.hpp"

namespace hallmark::reference {
namespace {

using sqlite::Database;
using sqlite::Statement;
using sqlite::Transaction;

constexpr std::int64_t kSecondsOfDay = 86'400;

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
    " WHERE reference_values.name = ?1 AND expires > ?2 ORDER BY set_id, value";
constexpr std::string_view kMatch =
    "SELECT source, sets.name FROM reference_values JOIN sets ON sets.id = set_id"
    " WHERE reference_values.name = ?1 AND value = ?2 AND expires > ?3 ORDER BY set_id";

/// Sets of which nothing is left.
constexpr std::string_view kDeleteEmpty =
    "DELETE FROM sets WHERE NOT EXISTS (SELECT 1 FROM reference_values WHERE set_id = sets.id)";

Status run(Database& database, std::string_view sql) {
    HALLMARK_TRY(Statement statement, database.prepare(sql));
    return statement.run();
}

/// Takes away what a document replaces.
Status clear(Database& database, const Document& document) {
    HALLMARK_TRY(Statement set, database.prepare("DELETE FROM sets WHERE source = ?1 AND name = ?2"));
    HALLMARK_CHECK(set.bind(1, document.source));
    HALLMARK_CHECK(set.bind(2, document.set));
    HALLMARK_CHECK(set.run());
    HALLMARK_TRY(Statement name, database.prepare("DELETE FROM reference_values WHERE name = ?1 AND set_id IN"
                                                  " (SELECT id FROM sets WHERE source = ?2)"));
    HALLMARK_CHECK(name.bind(2, document.source));
    for (const auto& key : document.replaces) {
        HALLMARK_CHECK(name.bind(1, key));
        HALLMARK_CHECK(name.run());
    }
    return run(database, kDeleteEmpty);
}

Status insert(Database& database, const Document& document, std::time_t now, int days) {
    if (document.values.empty()) return {};
    HALLMARK_TRY(Statement set,
                 database.prepare("INSERT INTO sets(source, name, registered, expires) VALUES(?1, ?2, ?3, ?4)"));
    HALLMARK_CHECK(set.bind(1, document.source));
    HALLMARK_CHECK(set.bind(2, document.set));
    HALLMARK_CHECK(set.bind(3, std::int64_t{now}));
    HALLMARK_CHECK(set.bind(4, std::int64_t{now} + days * kSecondsOfDay));
    HALLMARK_CHECK(set.run());
    HALLMARK_TRY(Statement value,
                 database.prepare("INSERT OR IGNORE INTO reference_values(name, value, set_id) VALUES(?1, ?2, ?3)"));
    HALLMARK_CHECK(value.bind(3, database.last_row()));
    for (const auto& [key, one] : document.values) {
        HALLMARK_CHECK(value.bind(1, key));
        HALLMARK_CHECK(value.bind(2, value_text(one)));
        HALLMARK_CHECK(value.run());
    }
    return {};
}

Status check_room(Database& database, const std::string& path) {
    HALLMARK_TRY(const std::int64_t sets, database.number("SELECT count(*) FROM sets"));
    HALLMARK_TRY(const std::int64_t values, database.number("SELECT count(*) FROM reference_values"));
    if (sets > static_cast<std::int64_t>(kMostSets) || values > static_cast<std::int64_t>(kMostStored))
        return refused(path + ": would hold " + std::to_string(sets) + " sets with " + std::to_string(values) +
                       " values, at most " + std::to_string(kMostSets) + " and " + std::to_string(kMostStored) +
                       "; delete sets that are no longer in use");
    return {};
}

Result<std::vector<Value>> find_in(Database& database, const std::string& path, std::string_view name, std::time_t at) {
    HALLMARK_TRY(Statement statement, database.prepare(kFind));
    HALLMARK_CHECK(statement.bind(1, name));
    HALLMARK_CHECK(statement.bind(2, std::int64_t{at}));
    std::vector<Value> values;
    for (;;) {
        HALLMARK_TRY(const bool row, statement.step());
        if (!row) return values;
        HALLMARK_TRY(Json value, parse_json(statement.text(0), path + ": a stored value"));
        values.push_back({std::move(value), std::string(statement.text(1)), std::string(statement.text(2))});
    }
}

Result<std::vector<Value>> match_in(Database& database, std::string_view name, const Json& value, std::time_t at) {
    HALLMARK_TRY(Statement statement, database.prepare(kMatch));
    HALLMARK_CHECK(statement.bind(1, name));
    HALLMARK_CHECK(statement.bind(2, value_text(value)));
    HALLMARK_CHECK(statement.bind(3, std::int64_t{at}));
    std::vector<Value> values;
    for (;;) {
        HALLMARK_TRY(const bool row, statement.step());
        if (!row) return values;
        values.push_back({value, std::string(statement.text(0)), std::string(statement.text(1))});
    }
}

class Snapshot final : public ReferenceValues {
public:
    Snapshot(std::unique_lock<std::mutex> lock, Database& database, const std::string& path, Transaction transaction)
        : lock_(std::move(lock)), database_(database), path_(path), transaction_(std::move(transaction)) {}
    Result<std::vector<Value>> find(std::string_view name, std::time_t at) const override {
        return find_in(database_, path_, name, at);
    }
    Result<std::vector<Value>> match(std::string_view name, const Json& value, std::time_t at) const override {
        return match_in(database_, name, value, at);
    }

private:
    std::unique_lock<std::mutex> lock_;  // of all below
    Database& database_;
    const std::string& path_;
    Transaction transaction_;
};

}  // namespace

Store::Store(std::unique_ptr<Database> database, std::string path)
    : database_(std::move(database)), path_(std::move(path)) {}

Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& path) {
    HALLMARK_TRY(auto database, Database::open(path, Database::IfMissing::kCreate));
    return set_up(std::move(database), path.string());
}

Result<std::unique_ptr<Store>> Store::in_memory() {
    HALLMARK_TRY(auto database, Database::in_memory());
    return set_up(std::move(database), "reference values");
}

Result<std::unique_ptr<Store>> Store::set_up(std::unique_ptr<Database> opened, std::string path) {
    std::unique_ptr<Store> store(new Store(std::move(opened), std::move(path)));
    Database& database = *store->database_;
    HALLMARK_TRY(Transaction transaction, Transaction::begin(database));
    HALLMARK_TRY(const std::int64_t application, database.number("PRAGMA application_id"));
    HALLMARK_TRY(const std::int64_t version, database.number("PRAGMA user_version"));
    HALLMARK_TRY(const std::int64_t tables, database.number("SELECT count(*) FROM sqlite_schema"));
    if (application == 0 && version == 0 && tables == 0) {
        HALLMARK_CHECK(database.run(kTables));
    } else if (application != kApplication || version != kVersion) {
        return bad_input(store->path_ + ": found a database of application " + std::to_string(application) +
                         ", version " + std::to_string(version) + ", expected a store of reference values (" +
                         std::to_string(kApplication) + ", version " + std::to_string(kVersion) +
                         "); name another file");
    }
    HALLMARK_CHECK(transaction.commit());
    return store;
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
    HALLMARK_TRY(Transaction transaction, Transaction::begin(*database_));
    HALLMARK_CHECK(clear(*database_, document));
    HALLMARK_CHECK(insert(*database_, document, now, days));
    HALLMARK_CHECK(check_room(*database_, path_));
    return transaction.commit();
}

Result<std::vector<Value>> Store::find(std::string_view name, std::time_t at) const {
    const std::scoped_lock lock(mutex_);
    return find_in(*database_, path_, name, at);
}

Result<std::vector<Value>> Store::match(std::string_view name, const Json& value, std::time_t at) const {
    const std::scoped_lock lock(mutex_);
    return match_in(*database_, name, value, at);
}

Result<std::unique_ptr<ReferenceValues>> Store::snapshot() const {
    std::unique_lock lock(mutex_);
    HALLMARK_TRY(Transaction transaction, Transaction::begin_reading(*database_));
    return std::make_unique<Snapshot>(std::move(lock), *database_, path_, std::move(transaction));
}

Result<std::vector<Set>> Store::sets() const {
    const std::scoped_lock lock(mutex_);
    HALLMARK_TRY(Statement statement,
                 database_->prepare("SELECT name, source, registered, expires, (SELECT count(*) FROM reference_values"
                                    " WHERE set_id = sets.id) FROM sets ORDER BY source, name"));
    std::vector<Set> sets;
    for (;;) {
        HALLMARK_TRY(const bool row, statement.step());
        if (!row) return sets;
        sets.push_back({.name = std::string(statement.text(0)),
                        .source = std::string(statement.text(1)),
                        .registered = statement.number(2),
                        .expires = statement.number(3),
                        .values = static_cast<std::size_t>(statement.number(4))});
    }
}

Result<std::vector<StoredValue>> Store::show(std::string_view set, std::string_view name, std::size_t most) const {
    const std::scoped_lock lock(mutex_);
    HALLMARK_TRY(Statement statement,
                 database_->prepare("SELECT value, source, sets.name, reference_values.name, expires FROM"
                                    " reference_values JOIN sets ON sets.id = set_id WHERE (?1 = '' OR sets.name = ?1)"
                                    " AND (?2 = '' OR reference_values.name = ?2)"
                                    " ORDER BY reference_values.name, set_id, value LIMIT ?3"));
    HALLMARK_CHECK(statement.bind(1, set));
    HALLMARK_CHECK(statement.bind(2, name));
    HALLMARK_CHECK(statement.bind(3, static_cast<std::int64_t>(std::min(most, kMostStored))));
    std::vector<StoredValue> values;
    for (;;) {
        HALLMARK_TRY(const bool row, statement.step());
        if (!row) return values;
        HALLMARK_TRY(Json value, parse_json(statement.text(0), path_ + ": a stored value"));
        values.push_back({.name = std::string(statement.text(3)),
                          .value = {std::move(value), std::string(statement.text(1)), std::string(statement.text(2))},
                          .expires = statement.number(4)});
    }
}

Status Store::remove_set(std::string_view set) {
    const std::scoped_lock lock(mutex_);
    HALLMARK_TRY(Statement statement, database_->prepare("DELETE FROM sets WHERE name = ?1"));
    HALLMARK_CHECK(statement.bind(1, set));
    HALLMARK_CHECK(statement.run());
    if (database_->changes() == 0)
        return refused(path_ + ": no set '" + std::string(set) + "'; the list names those that there are");
    return {};
}

Status Store::remove_name(std::string_view name) {
    const std::scoped_lock lock(mutex_);
    HALLMARK_TRY(Transaction transaction, Transaction::begin(*database_));
    HALLMARK_TRY(Statement statement, database_->prepare("DELETE FROM reference_values WHERE name = ?1"));
    HALLMARK_CHECK(statement.bind(1, name));
    HALLMARK_CHECK(statement.run());
    if (database_->changes() == 0) return refused(path_ + ": no value of '" + std::string(name) + "'");
    HALLMARK_CHECK(run(*database_, kDeleteEmpty));
    return transaction.commit();
}

Result<std::size_t> Store::remove_expired(std::time_t at) {
    const std::scoped_lock lock(mutex_);
    HALLMARK_TRY(Transaction transaction, Transaction::begin(*database_));
    HALLMARK_TRY(const std::int64_t before, database_->number("SELECT count(*) FROM reference_values"));
    HALLMARK_TRY(Statement statement, database_->prepare("DELETE FROM sets WHERE expires <= ?1"));
    HALLMARK_CHECK(statement.bind(1, std::int64_t{at}));
    HALLMARK_CHECK(statement.run());
    HALLMARK_TRY(const std::int64_t after, database_->number("SELECT count(*) FROM reference_values"));
    HALLMARK_CHECK(transaction.commit());
    return static_cast<std::size_t>(before - after);
}

}  // namespace hallmark::reference
