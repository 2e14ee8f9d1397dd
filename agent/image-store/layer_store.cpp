// SPDX-License-Identifier: Apache-2.0
#include "agent/image-store/layer_store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <vector>

#include "agent/image-store/remove_tree.hpp"
#include "agent/image-store/space.hpp"

namespace hallmark::store {
namespace {

constexpr mode_t kOwnersOnly = 0700;
constexpr const char* kLayers = "layers";
constexpr const char* kIncoming = "incoming";
constexpr const char* kLocks = "locks";

Status make_folder(const std::filesystem::path& path) {
    if (::mkdir(path.c_str(), kOwnersOnly) == 0 || errno == EEXIST) return {};
    return std::unexpected(system_error(path.string(), Fault::kNo));
}

Result<std::vector<std::string>> names_in(const std::filesystem::path& folder) {
    std::vector<std::string> names;
    std::error_code failed;
    for (std::filesystem::directory_iterator entry(folder, failed), end; !failed && entry != end;
         entry.increment(failed))
        names.push_back(entry->path().filename().string());
    if (failed) return refused(folder.string() + ": " + failed.message());
    return names;
}

/// True when the lock is had; false where LOCK_NB was asked for and somebody else has it.
Result<bool> take(const FileDescriptor& lock, int how) {
    while (::flock(lock.get(), how) != 0) {
        if (errno == EWOULDBLOCK) return false;
        if (errno != EINTR) return std::unexpected(system_error("lock of a layer", Fault::kNo));
    }
    return true;
}

Status sync(const std::filesystem::path& folder, int (*how)(int)) {
    const FileDescriptor file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (file.valid() && how(file.get()) == 0) return {};
    return std::unexpected(system_error(folder.string(), Fault::kNo));
}

/// "sha256-<hex>": a colon would end the name in an option of overlayfs.
std::string name_of(const oci::Digest& digest) {
    return std::string(oci::name_of(digest.algorithm)) + "-" + digest.hex();
}

}  // namespace

Result<LayerStore> LayerStore::open(const std::filesystem::path& folder, Durability durability) {
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed) return refused(folder.string() + ": " + failed.message());
    for (const auto* name : {kLayers, kIncoming, kLocks}) HALLMARK_CHECK(make_folder(folder / name));
    LayerStore store(folder, durability);
    HALLMARK_CHECK(store.remove_dead());
    return store;
}

Result<FileDescriptor> LayerStore::lock_of(const std::string& name) const {
    const auto path = folder_ / kLocks / name;
    FileDescriptor lock(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (lock.valid()) return lock;
    return std::unexpected(system_error(path.string(), Fault::kNo));
}

Result<bool> LayerStore::has(const std::string& name) const {
    struct stat status{};
    const auto path = folder_ / kLayers / name;
    if (::lstat(path.c_str(), &status) == 0) return true;
    if (errno == ENOENT) return false;
    return std::unexpected(system_error(path.string(), Fault::kNo));
}

Status LayerStore::remove_dead() const {
    HALLMARK_TRY(const auto names, names_in(folder_ / kIncoming));
    for (const auto& name : names) {
        HALLMARK_TRY(const FileDescriptor lock, lock_of(name));
        HALLMARK_TRY(const bool alone, take(lock, LOCK_EX | LOCK_NB));
        if (alone) HALLMARK_CHECK(remove_tree(folder_ / kIncoming / name));
    }
    return {};
}

Result<HeldLayer> LayerStore::obtain(const oci::Digest& diff_id, const Unpack& unpack) const {
    const std::string name = name_of(diff_id);
    HALLMARK_TRY(FileDescriptor lock, lock_of(name));
    for (;;) {
        HALLMARK_CHECK(take(lock, LOCK_SH));
        HALLMARK_TRY(const bool there, has(name));
        if (there) return HeldLayer(diff_id, folder_ / kLayers / name, std::move(lock));
        // A lock that changes its kind is let go in between: whoever was faster has made the layer.
        HALLMARK_CHECK(take(lock, LOCK_EX));
        HALLMARK_TRY(const bool made, has(name));
        if (!made) HALLMARK_CHECK(make(name, unpack));
    }
}

Status LayerStore::make(const std::string& name, const Unpack& unpack) const {
    const auto incoming = folder_ / kIncoming / name;
    HALLMARK_CHECK(remove_tree(incoming));
    HALLMARK_TRY(const Space before, space_in(folder_));
    HALLMARK_CHECK(make_folder(incoming));
    auto unpacked = unpack(incoming);
    if (unpacked) unpacked = commit(name);
    if (unpacked) return {};

    const auto after = space_in(folder_);
    HALLMARK_CHECK(remove_tree(incoming));
    if (after && is_full(*after)) return std::unexpected(no_space(folder_, before, *after, unpacked.error()));
    return unpacked;
}

Status LayerStore::commit(const std::string& name) const {
    const auto incoming = folder_ / kIncoming / name;
    const auto layer = folder_ / kLayers / name;
    if (durability_ == Durability::kPower) HALLMARK_CHECK(sync(incoming, ::syncfs));
    if (::rename(incoming.c_str(), layer.c_str()) != 0)
        return std::unexpected(system_error(layer.string(), Fault::kNo));
    if (durability_ == Durability::kPower) HALLMARK_CHECK(sync(folder_ / kLayers, ::fsync));
    return {};
}

Result<std::size_t> LayerStore::collect(const Kept& kept) const {
    HALLMARK_TRY(const auto names, names_in(folder_ / kLayers));
    std::size_t removed = 0;
    for (const auto& name : names) {
        HALLMARK_TRY(const bool gone, remove_unused(name, kept));
        if (gone) ++removed;
    }
    return removed;
}

Result<bool> LayerStore::remove_unused(const std::string& name, const Kept& kept) const {
    HALLMARK_TRY(const FileDescriptor lock, lock_of(name));
    HALLMARK_TRY(const bool alone, take(lock, LOCK_EX | LOCK_NB));
    if (!alone) return false;
    HALLMARK_TRY(const auto used, kept());
    for (const auto& digest : used)
        if (name_of(digest) == name) return false;
    // Away from its name at once: half of a layer is never found under it.
    const auto layer = folder_ / kLayers / name;
    const auto doomed = folder_ / kIncoming / name;
    HALLMARK_CHECK(remove_tree(doomed));
    if (::rename(layer.c_str(), doomed.c_str()) != 0) return std::unexpected(system_error(layer.string(), Fault::kNo));
    HALLMARK_CHECK(remove_tree(doomed));
    return true;
}

}  // namespace hallmark::store
