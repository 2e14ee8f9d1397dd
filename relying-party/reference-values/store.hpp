// SPDX-License-Identifier: Apache-2.0
// Reference values in one SQLite file. What is acknowledged is on the disk, and what is served was registered whole.
#pragma once

#include <cstddef>
#include <ctime>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "common/result.hpp"
#include "relying-party/reference-values/document.hpp"
#include "relying-party/reference-values/reference_values.hpp"

namespace hallmark::sqlite {
class Database;
}

namespace hallmark::reference {

/// What a store holds at most.
constexpr std::size_t kMostSets = 1024;
constexpr std::size_t kMostStored = 1'000'000;

/// How long values match where nobody says otherwise: Trustee's 12 months, in days.
constexpr int kDefaultDays = 365;
constexpr int kMostDays = 3650;

/// The values of one document that was registered.
struct Set {
    std::string name;
    std::string source;
    std::time_t registered = 0;
    std::time_t expires = 0;
    std::size_t values = 0;
};

/// One value as it lies in a store, expired or not.
struct StoredValue {
    std::string name;
    Value value;
    std::time_t expires = 0;
};

/// Used by many threads at once.
class Store final : public ReferenceValues {
public:
    /// Opens or makes the file.
    static Result<std::unique_ptr<Store>> open(const std::filesystem::path& path);
    /// In memory, for one run: `verify --reference-values FILE`.
    static Result<std::unique_ptr<Store>> in_memory();
    ~Store() override;
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    /// All of a document or nothing; durable when it returns. The same set of the same source again takes the place of
    /// what was there, with a new expiry.
    Status add(const Document& document, std::time_t now, int days = kDefaultDays);

    Result<std::vector<Value>> find(std::string_view name, std::time_t at) const override;
    Result<std::vector<Value>> match(std::string_view name, const Json& value, std::time_t at) const override;

    /// The store as it is now, for one appraisal: the file is locked once, not for each value. Others wait until this
    /// is gone; it is for one thread, and the store outlives it.
    Result<std::unique_ptr<ReferenceValues>> snapshot() const;

    /// Every set, by source and name.
    Result<std::vector<Set>> sets() const;
    /// The values of a set, or all of a name, or with neither all; at most `most`. Both empty texts: no such filter.
    Result<std::vector<StoredValue>> show(std::string_view set, std::string_view name, std::size_t most) const;

    /// Each answers with Fault::kNo where there was nothing.
    Status remove_set(std::string_view set);
    Status remove_name(std::string_view name);
    /// Drops what has expired by then; answers how many values that were.
    Result<std::size_t> remove_expired(std::time_t at);

private:
    explicit Store(std::unique_ptr<sqlite::Database> database, std::string path);
    static Result<std::unique_ptr<Store>> set_up(std::unique_ptr<sqlite::Database> database, std::string path);

    mutable std::mutex mutex_;  // of the database
    std::unique_ptr<sqlite::Database> database_;
    std::string path_;
};

}  // namespace hallmark::reference
