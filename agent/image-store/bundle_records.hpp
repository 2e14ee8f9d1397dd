// SPDX-License-Identifier: Apache-2.0
// Which bundle uses which layers: what is written down here stays in the store while the bundle's folder is there,
// whoever made it and whether that process still lives.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/oci/digest.hpp"
#include "common/result.hpp"

namespace hallmark::store {

struct BundleRecord {
    std::filesystem::path bundle;
    std::string reference;            ///< as it was asked for
    oci::Digest manifest;             ///< what it was
    std::vector<oci::Digest> layers;  ///< DiffIDs, the lowest first

    bool operator==(const BundleRecord&) const = default;
};

class BundleRecords {
public:
    /// In the folder "bundles" of a store, which is made where it is missing.
    static Result<BundleRecords> open(const std::filesystem::path& store);

    /// On the disk before it returns; in the place of an older one of the same bundle.
    [[nodiscard]] Status add(const BundleRecord& record) const;
    [[nodiscard]] Status remove(const std::filesystem::path& bundle) const;

    /// Of every bundle whose folder is there; the records of others are removed.
    [[nodiscard]] Result<std::vector<BundleRecord>> all() const;

private:
    explicit BundleRecords(std::filesystem::path folder) : folder_(std::move(folder)) {}
    [[nodiscard]] std::filesystem::path file_of(const std::filesystem::path& bundle) const;

    std::filesystem::path folder_;
};

/// Every layer of some bundle.
std::set<oci::Digest> layers_of(const std::vector<BundleRecord>& records);

}  // namespace hallmark::store
