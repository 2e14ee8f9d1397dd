// SPDX-License-Identifier: Apache-2.0
#include "relying-party/keys/sqlite_key_store.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <utility>

#include "common/descriptor.hpp"
#include "common/text.hpp"
#include "relying-party/keys/private_file.hpp"
#include "relying-party/keys/sealing.hpp"
#include "relying-party/sqlite/database.hpp"

namespace hallmark::keys {
namespace {

using sqlite::Database;
using sqlite::Statement;
using sqlite::Transaction;

constexpr std::int64_t kApplicationId = 0x484B5331;  // "HKS1", for file(1)
constexpr std::int64_t kFormatVersion = 1;
constexpr std::size_t kStoreIdSize = 16;

constexpr const char* kStoreTable =
    "CREATE TABLE store (name TEXT PRIMARY KEY NOT NULL, value BLOB NOT NULL) STRICT, WITHOUT ROWID";
constexpr const char* kSecretsTable =
    "CREATE TABLE secrets (path TEXT PRIMARY KEY NOT NULL, wrapped_key BLOB NOT NULL, value BLOB NOT NULL) STRICT";

constexpr std::string_view kStoreIdSetting = "store_id";
constexpr std::string_view kMasterKeySetting = "master_key";
constexpr std::string_view kCheckSetting = "check";

/// Canonical but for its last part, which may be no link.
Result<std::filesystem::path> place_of(const std::filesystem::path& file) {
    std::error_code error;
    const auto folder =
        std::filesystem::canonical(file.has_parent_path() ? file.parent_path() : std::filesystem::path("."), error);
    if (error) return bad_input(file.string() + ": its folder: " + error.message());
    return folder / file.filename();
}

/// An empty file of mode 0600 is the start of a store.
Status create_file(const std::filesystem::path& file) {
    const FileDescriptor created(::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!created.valid() && errno == EEXIST) return {};
    if (!created.valid()) return std::unexpected(system_error(file.string()));
    return sync_folder_of(file);
}

}  // namespace

SqliteKeyStore::SqliteKeyStore(std::unique_ptr<Database> database, std::string name,
                               std::shared_ptr<MasterKey> master_key)
    : database_(std::move(database)), name_(std::move(name)), master_key_(std::move(master_key)) {}

SqliteKeyStore::~SqliteKeyStore() = default;

Result<std::unique_ptr<SqliteKeyStore>> SqliteKeyStore::open(const std::filesystem::path& file,
                                                             std::shared_ptr<MasterKey> master_key,
                                                             IfMissing if_missing) {
    HALLMARK_TRY(const std::filesystem::path place, place_of(file));
    HALLMARK_CHECK(check_folder_of(place));
    if (if_missing == IfMissing::kCreate) HALLMARK_CHECK(create_file(place));
    HALLMARK_CHECK(check_private(place));
    HALLMARK_TRY(std::unique_ptr<Database> database, Database::open(place));
    std::unique_ptr<SqliteKeyStore> store(
        new SqliteKeyStore(std::move(database), file.string(), std::move(master_key)));
    HALLMARK_CHECK(store->begin(if_missing));
    return store;
}

Status SqliteKeyStore::begin(IfMissing if_missing) {
    HALLMARK_TRY(Transaction transaction, Transaction::begin(*database_));
    HALLMARK_TRY(const std::int64_t objects, database_->number("SELECT count(*) FROM sqlite_schema"));
    HALLMARK_TRY(const std::int64_t application, database_->number("PRAGMA application_id"));
    if (objects == 0 && application == 0) {
        // Also after a creation that was interrupted: nothing was ever stored in it.
        if (if_missing == IfMissing::kRefuse)
            return bad_input(name_ + ": empty, expected a key store; restore it from a copy, or create a new one");
        HALLMARK_CHECK(create());
    }
    HALLMARK_CHECK(check_format());
    HALLMARK_CHECK(check_master_key());
    return transaction.commit();
}

Status SqliteKeyStore::create() {
    HALLMARK_CHECK(database_->run(kStoreTable));
    HALLMARK_CHECK(database_->run(kSecretsTable));
    HALLMARK_CHECK(database_->run("PRAGMA application_id = " + std::to_string(kApplicationId)));
    HALLMARK_CHECK(database_->run("PRAGMA user_version = " + std::to_string(kFormatVersion)));
    store_id_.resize(kStoreIdSize);
    HALLMARK_CHECK(fill_random(store_id_));
    HALLMARK_TRY(Statement insert, database_->prepare("INSERT INTO store (name, value) VALUES (?1, ?2)"));
    HALLMARK_CHECK(insert.bind(1, kStoreIdSetting));
    HALLMARK_CHECK(insert.bind(2, ByteSpan(store_id_)));
    HALLMARK_CHECK(insert.run());
    return set_master_key(*master_key_);
}

/// Exactly the two tables: no trigger or view of somebody else's runs when this program writes.
Status SqliteKeyStore::check_format() {
    HALLMARK_TRY(const std::int64_t application, database_->number("PRAGMA application_id"));
    if (application != kApplicationId)
        return bad_input(name_ + ": application id " + std::to_string(application) + ", expected " +
                         std::to_string(kApplicationId) + "; it is another program's database");
    HALLMARK_TRY(const std::int64_t version, database_->number("PRAGMA user_version"));
    if (version != kFormatVersion)
        return bad_input(name_ + ": format version " + std::to_string(version) + ", expected " +
                         std::to_string(kFormatVersion) + "; use the program that wrote it");
    // The index of a primary key has no text of its own.
    HALLMARK_TRY(Statement schema,
                 database_->prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name DESC LIMIT 3"));
    std::vector<std::string> found;
    HALLMARK_TRY(bool more, schema.step());
    while (more) {
        found.emplace_back(schema.text(0));
        HALLMARK_TRY(more, schema.step());
    }
    if (found != std::vector<std::string>{kStoreTable, kSecretsTable})
        return bad_input(name_ + ": other tables than expected; it was changed by another program, restore a copy");
    return {};
}

Status SqliteKeyStore::check_master_key() {
    HALLMARK_TRY(store_id_, setting(kStoreIdSetting));
    if (store_id_.size() != kStoreIdSize) return bad_input(name_ + ": the store's id is damaged; restore a copy");
    HALLMARK_TRY(const Bytes master, setting(kMasterKeySetting));
    HALLMARK_CHECK(same_master_key(text_of(master)));
    HALLMARK_TRY(const Bytes check, setting(kCheckSetting));
    const auto opened = master_key_->unwrap(check, context("check", text_of(master)));
    if (!opened)
        return std::unexpected(opened.error().at(name_ + ": check value of master key " + master_key_->name()));
    return {};
}

Status SqliteKeyStore::same_master_key(std::string_view found) const {
    // Compared as texts that a stranger may have written; only the known form is repeated.
    const bool printable = found.size() <= 128 && std::ranges::all_of(found, [](char c) { return c > ' ' && c < 127; });
    if (found == master_key_->name()) return {};
    return bad_input(name_ + ": this is not its master key: it is under " +
                     (printable ? std::string(found) : "a damaged name") + ", found " + master_key_->name() +
                     "; name the key that it was made or last rewrapped with");
}

Status SqliteKeyStore::still_same_master_key() {
    HALLMARK_TRY(const Bytes master, setting(kMasterKeySetting));
    return same_master_key(text_of(master));
}

Status SqliteKeyStore::set_master_key(MasterKey& master_key) {
    const std::string master = master_key.name();
    HALLMARK_TRY(const Secret random, random_key());
    HALLMARK_TRY(const Bytes check, master_key.wrap(random.bytes(), context("check", master)));
    for (const auto& [name, value] :
         {std::pair(kMasterKeySetting, as_bytes(master)), {kCheckSetting, ByteSpan(check)}}) {
        HALLMARK_TRY(Statement replace, database_->prepare("REPLACE INTO store (name, value) VALUES (?1, ?2)"));
        HALLMARK_CHECK(replace.bind(1, name));
        HALLMARK_CHECK(replace.bind(2, value));
        HALLMARK_CHECK(replace.run());
    }
    return {};
}

Result<Bytes> SqliteKeyStore::setting(std::string_view name) {
    HALLMARK_TRY(Statement select, database_->prepare("SELECT value FROM store WHERE name = ?1"));
    HALLMARK_CHECK(select.bind(1, name));
    HALLMARK_TRY(const bool found, select.step());
    if (!found) return bad_input(name_ + ": setting " + std::string(name) + " is missing; restore it from a copy");
    const auto value = select.blob(0);
    return Bytes(value.begin(), value.end());
}

/// No two purposes, stores or paths have the same: the purpose ends with a zero byte and the id has one size.
Bytes SqliteKeyStore::context(std::string_view purpose, std::string_view path) const {
    Bytes bytes;
    append(bytes, as_bytes("hallmark key store 1: "));
    append(bytes, as_bytes(purpose));
    bytes.push_back(0);
    append(bytes, store_id_);
    append(bytes, as_bytes(path));
    return bytes;
}

Result<Secret> SqliteKeyStore::read(const ResourcePath& path) {
    const std::string text = path.text();
    Bytes wrapped_key;
    Bytes value;
    std::shared_ptr<MasterKey> master_key;
    {
        const std::lock_guard lock(mutex_);
        // One statement, so one state of the store.
        HALLMARK_TRY(Statement select, database_->prepare("SELECT wrapped_key, secrets.value, store.value "
                                                          "FROM secrets JOIN store ON name = ?2 WHERE path = ?1"));
        HALLMARK_CHECK(select.bind(1, text));
        HALLMARK_CHECK(select.bind(2, kMasterKeySetting));
        HALLMARK_TRY(const bool found, select.step());
        if (!found) return refused(text + ": no such secret");
        HALLMARK_CHECK(same_master_key(text_of(select.blob(2))));
        append(wrapped_key, select.blob(0));
        append(value, select.blob(1));
        master_key = master_key_;
    }
    auto data_key = master_key->unwrap(wrapped_key, context("key", text));
    if (!data_key) return std::unexpected(data_key.error().at(name_ + ": key of " + text));
    auto secret = unseal(data_key->bytes(), value, context("value", text));
    if (!secret) return std::unexpected(secret.error().at(name_ + ": " + text));
    return secret;
}

Status SqliteKeyStore::write(const ResourcePath& path, ByteSpan secret) {
    const std::string text = path.text();
    if (secret.size() > kLargestSecret)
        return bad_input(text + ": " + std::to_string(secret.size()) + " bytes, expected at most " +
                         std::to_string(kLargestSecret));
    HALLMARK_TRY(const Secret data_key, random_key());
    HALLMARK_TRY(const Bytes value, seal(data_key.bytes(), secret, context("value", text)));
    const std::lock_guard lock(mutex_);
    HALLMARK_TRY(const Bytes wrapped_key, master_key_->wrap(data_key.bytes(), context("key", text)));
    HALLMARK_TRY(Transaction transaction, Transaction::begin(*database_));
    HALLMARK_CHECK(still_same_master_key());
    HALLMARK_TRY(Statement replace,
                 database_->prepare("REPLACE INTO secrets (path, wrapped_key, value) VALUES (?1, ?2, ?3)"));
    HALLMARK_CHECK(replace.bind(1, text));
    HALLMARK_CHECK(replace.bind(2, ByteSpan(wrapped_key)));
    HALLMARK_CHECK(replace.bind(3, ByteSpan(value)));
    HALLMARK_CHECK(replace.run());
    HALLMARK_TRY(const std::int64_t count, database_->number("SELECT count(*) FROM secrets"));
    if (std::cmp_greater(count, kMostSecrets))
        return bad_input(name_ + ": holds " + std::to_string(kMostSecrets) +
                         " secrets, as many as it may; remove some");
    return transaction.commit();
}

Status SqliteKeyStore::remove(const ResourcePath& path) {
    const std::string text = path.text();
    const std::lock_guard lock(mutex_);
    HALLMARK_TRY(Transaction transaction, Transaction::begin(*database_));
    HALLMARK_TRY(Statement erase, database_->prepare("DELETE FROM secrets WHERE path = ?1"));
    HALLMARK_CHECK(erase.bind(1, text));
    HALLMARK_CHECK(erase.run());
    if (database_->changes() == 0) return refused(text + ": no such secret");
    return transaction.commit();
}

Result<std::vector<ResourcePath>> SqliteKeyStore::list() {
    const std::lock_guard lock(mutex_);
    HALLMARK_TRY(Statement select,
                 database_->prepare("SELECT path FROM secrets ORDER BY path LIMIT " + std::to_string(kMostSecrets)));
    std::vector<ResourcePath> paths;
    HALLMARK_TRY(bool more, select.step());
    while (more) {
        auto path = ResourcePath::parse(select.text(0));
        if (!path) return std::unexpected(path.error().at(name_ + ": row " + std::to_string(paths.size() + 1)));
        paths.push_back(std::move(*path));
        HALLMARK_TRY(more, select.step());
    }
    return paths;
}

Status SqliteKeyStore::rewrap(std::shared_ptr<MasterKey> to) {
    HALLMARK_TRY(const std::vector<ResourcePath> paths, list());
    const std::lock_guard lock(mutex_);
    HALLMARK_TRY(Transaction transaction, Transaction::begin(*database_));
    HALLMARK_CHECK(still_same_master_key());
    HALLMARK_TRY(const std::int64_t count, database_->number("SELECT count(*) FROM secrets"));
    if (std::cmp_not_equal(count, paths.size())) return bad_input(name_ + ": changed meanwhile; rewrap it again");
    for (const auto& path : paths) HALLMARK_CHECK(rewrap_one(path.text(), *to));
    HALLMARK_CHECK(set_master_key(*to));
    HALLMARK_CHECK(transaction.commit());
    master_key_ = std::move(to);
    return {};
}

Status SqliteKeyStore::rewrap_one(const std::string& path, MasterKey& to) {
    HALLMARK_TRY(Statement select, database_->prepare("SELECT wrapped_key FROM secrets WHERE path = ?1"));
    HALLMARK_CHECK(select.bind(1, path));
    HALLMARK_TRY(const bool found, select.step());
    if (!found) return bad_input(name_ + ": " + path + " was removed meanwhile; rewrap it again");
    auto data_key = master_key_->unwrap(select.blob(0), context("key", path));
    if (!data_key) return std::unexpected(data_key.error().at(name_ + ": key of " + path));
    HALLMARK_TRY(const Bytes wrapped, to.wrap(data_key->bytes(), context("key", path)));
    HALLMARK_TRY(Statement update, database_->prepare("UPDATE secrets SET wrapped_key = ?2 WHERE path = ?1"));
    HALLMARK_CHECK(update.bind(1, path));
    HALLMARK_CHECK(update.bind(2, ByteSpan(wrapped)));
    return update.run();
}

}  // namespace hallmark::keys
