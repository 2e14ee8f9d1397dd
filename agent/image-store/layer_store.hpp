// SPDX-License-Identifier: Apache-2.0
// Unpacked layers of images: each in a folder named after its DiffID, which is there whole or not at all. Locks of
// files keep threads and processes apart, so whoever dies holds nothing up and leaves nothing half-made under a layer's
// name. Source: OCI Image Format Specification 1.1, config.md, "Layer DiffID"; flock(2). The folders are Hallmark's
// own:
//   layers/sha256-<hex>/    a layer, its whiteouts as overlayfs wants them
//   incoming/sha256-<hex>/  the same while it is unpacked, by whoever has the lock alone
//   locks/sha256-<hex>      shared by those who use the layer
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <utility>

#include "agent/oci/digest.hpp"
#include "common/descriptor.hpp"
#include "common/result.hpp"

namespace hallmark::store {

/// What a layer has to outlive, once it has its name.
enum class Durability : bool {
    kProcess,  ///< this process: the store's memory or key is gone with the machine anyway
    kPower,    ///< the machine's power: it is on the disk before it gets its name
};

/// A layer that is there, and stays while somebody has this.
class HeldLayer {
public:
    HeldLayer(oci::Digest diff_id, std::filesystem::path folder, FileDescriptor lock)
        : diff_id_(std::move(diff_id)), folder_(std::move(folder)), lock_(std::move(lock)) {}
    [[nodiscard]] const oci::Digest& diff_id() const { return diff_id_; }
    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

private:
    oci::Digest diff_id_;
    std::filesystem::path folder_;
    FileDescriptor lock_;
};

/// For any number of threads and processes.
class LayerStore {
public:
    /// Puts a layer's files into a new, empty folder. It has verified the DiffID when it succeeds.
    using Unpack = std::function<Status(const std::filesystem::path& folder)>;

    /// Makes what is missing of the folders, and removes what died with whoever unpacked it.
    static Result<LayerStore> open(const std::filesystem::path& folder, Durability durability);

    /// A layer, unpacked if it is not there. Of several callers for one layer one unpacks and the others wait; if it
    /// fails, the next tries its own `unpack`. What a failed one wrote is removed; where space ran out the error says
    /// how much there was.
    [[nodiscard]] Result<HeldLayer> obtain(const oci::Digest& diff_id, const Unpack& unpack) const;

    /// Removes every layer that nobody holds and that is not among `kept`; how many. It is asked anew for each layer,
    /// when nobody can hold it any more: whoever writes down that a layer is used does so while holding it.
    using Kept = std::function<Result<std::set<oci::Digest>>()>;
    [[nodiscard]] Result<std::size_t> collect(const Kept& kept) const;

private:
    LayerStore(std::filesystem::path folder, Durability durability)
        : folder_(std::move(folder)), durability_(durability) {}
    [[nodiscard]] Result<FileDescriptor> lock_of(const std::string& name) const;
    [[nodiscard]] Result<bool> has(const std::string& name) const;
    [[nodiscard]] Status make(const std::string& name, const Unpack& unpack) const;
    [[nodiscard]] Status commit(const std::string& name) const;
    [[nodiscard]] Status remove_dead() const;
    [[nodiscard]] Result<bool> remove_unused(const std::string& name, const Kept& kept) const;

    std::filesystem::path folder_;
    Durability durability_;
};

}  // namespace hallmark::store
