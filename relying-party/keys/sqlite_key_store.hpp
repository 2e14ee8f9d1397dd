// SPDX-License-Identifier: Apache-2.0
// The key store in one SQLite file. Names are readable in it, values never: each is sealed under a data key of its own,
// which stands beside it wrapped by the master key. Both are bound to the store and to the path.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "common/bytes.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"
#include "relying-party/keys/key_store.hpp"
#include "relying-party/keys/master_key.hpp"
#include "relying-party/keys/resource_path.hpp"

namespace hallmark::sqlite {
class Database;
}

namespace hallmark::keys {

inline constexpr std::size_t kLargestSecret = 1024 * 1024;
inline constexpr std::size_t kMostSecrets = 10'000;

enum class IfMissing { kRefuse, kCreate };

/// Threads and processes may share it: each call is one transaction, and waits for one of another process.
class SqliteKeyStore final : public KeyStore {
public:
    /// A store under another master key is refused.
    static Result<std::unique_ptr<SqliteKeyStore>> open(const std::filesystem::path& file,
                                                        std::shared_ptr<MasterKey> master_key,
                                                        IfMissing if_missing = IfMissing::kRefuse);
    ~SqliteKeyStore() override;
    SqliteKeyStore(const SqliteKeyStore&) = delete;
    SqliteKeyStore& operator=(const SqliteKeyStore&) = delete;
    SqliteKeyStore(SqliteKeyStore&&) = delete;
    SqliteKeyStore& operator=(SqliteKeyStore&&) = delete;

    Result<Secret> read(const ResourcePath& path) override;
    Status write(const ResourcePath& path, ByteSpan secret) override;
    Status remove(const ResourcePath& path) override;
    Result<std::vector<ResourcePath>> list() override;

    /// Wraps every data key under another master key, all or none, and goes on with that one. Other processes that have
    /// the store open are told to begin anew. Values stay as they are.
    Status rewrap(std::shared_ptr<MasterKey> to);

private:
    SqliteKeyStore(std::unique_ptr<sqlite::Database> database, std::string name, std::shared_ptr<MasterKey> master_key);
    Status begin(IfMissing if_missing);
    Status create();
    Status check_format();
    Status check_master_key();
    Status same_master_key(std::string_view found) const;
    Status still_same_master_key();
    Status set_master_key(MasterKey& master_key);
    Status rewrap_one(const std::string& path, MasterKey& to);
    Result<Bytes> setting(std::string_view name);
    [[nodiscard]] Bytes context(std::string_view purpose, std::string_view path) const;

    std::mutex mutex_;
    std::unique_ptr<sqlite::Database> database_;
    std::string name_;  // of the file, for errors
    std::shared_ptr<MasterKey> master_key_;
    Bytes store_id_;
};

}  // namespace hallmark::keys
