// SPDX-License-Identifier: Apache-2.0
#include "agent/image-bundle/bundle.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ranges>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "agent/image-bundle/implied_folders.hpp"
#include "agent/image-store/bundle_records.hpp"
#include "agent/image-store/overlay.hpp"
#include "agent/image-store/remove_tree.hpp"
#include "common/bytes.hpp"
#include "common/descriptor.hpp"
#include "common/digest.hpp"
#include "common/file.hpp"
#include "common/hex.hpp"
#include "common/json.hpp"

namespace hallmark::bundle {
namespace {

using std::filesystem::path;

/// What a container writes, in the store: for one bundle by its place.
path writable_of(const path& bundle, const path& store) {
    return store / "writable" / to_hex(sha256(as_bytes(bundle.string())));
}

Status make_folder(const path& folder) {
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed) return refused(folder.string() + ": " + failed.message());
    return {};
}

/// The layers' folders, the lowest first. Overlayfs takes none twice. A layer that an image has twice, as empty ones
/// often are, shows all that it has from where it is highest.
std::vector<path> folders_of(std::span<const store::HeldLayer> layers) {
    std::vector<path> folders;
    std::set<path> known;
    for (const auto& layer : layers | std::views::reverse)
        if (known.insert(layer.folder()).second) folders.push_back(layer.folder());
    std::ranges::reverse(folders);
    return folders;
}

Status mount_root(const path& rootfs, const path& writable, std::span<const store::HeldLayer> layers) {
    std::vector<path> folders = folders_of(layers);
    if (folders.empty()) {
        // An image of nothing: overlayfs wants a lower folder all the same.
        folders.push_back(writable / "empty");
        HALLMARK_CHECK(make_folder(folders.back()));
    }
    for (const auto* name : {"upper", "work"}) HALLMARK_CHECK(make_folder(writable / name));
    HALLMARK_CHECK(complete_folders(folders, writable / "upper"));
    return store::mount_overlay({.layers = folders, .upper = writable / "upper", .work = writable / "work"}, rootfs);
}

Status write_config(const path& bundle, const Source& source, const ProcessRequest& request) {
    HALLMARK_TRY(const Accounts accounts, read_accounts(bundle / "rootfs"));
    HALLMARK_TRY(const User user, find_user(user_name(source.config, request), accounts));
    HALLMARK_TRY(const Json config, runtime_config(source.config, request, user));
    HALLMARK_CHECK(write_file(bundle / "image.json", source.config_document, 0600));
    return write_file(bundle / "config.json", as_bytes(to_text(config)), 0600);
}

Status make_parts(const path& bundle, const Source& source, const ProcessRequest& request, const path& store) {
    HALLMARK_TRY(const auto records, store::BundleRecords::open(store));
    store::BundleRecord record{
        .bundle = bundle, .reference = source.reference, .manifest = source.manifest, .layers = {}};
    for (const auto& layer : source.layers) record.layers.push_back(layer.diff_id());
    HALLMARK_CHECK(records.add(record));
    const auto writable = writable_of(bundle, store);
    // Of a bundle that had this place before: a pull that was killed, or one whose folder somebody else removed.
    HALLMARK_CHECK(store::remove_tree(writable));
    HALLMARK_CHECK(mount_root(bundle / "rootfs", writable, source.layers));
    return write_config(bundle, source, request);
}

}  // namespace

Status make_bundle(const path& bundle, const Source& source, const ProcessRequest& request, const path& store) {
    HALLMARK_CHECK(make_folder(bundle));
    if (::mkdir((bundle / "rootfs").c_str(), 0755) != 0) {
        if (errno == EEXIST)
            return refused((bundle / "rootfs").string() + ": is there already, expected a folder without a bundle");
        return std::unexpected(system_error((bundle / "rootfs").string(), Fault::kNo));
    }
    auto made = make_parts(bundle, source, request, store);
    if (!made) HALLMARK_CHECK(remove_bundle(bundle, store));
    return made;
}

Status remove_bundle(const path& bundle, const path& store) {
    // What is not mounted needs no unmounting; a folder that is then not empty is not removed below.
    (void)store::unmount(bundle / "rootfs");
    if (::rmdir((bundle / "rootfs").c_str()) != 0 && errno != ENOENT)
        return std::unexpected(system_error((bundle / "rootfs").string(), Fault::kNo));
    for (const auto* name : {"config.json", "image.json"})
        if (::unlink((bundle / name).c_str()) != 0 && errno != ENOENT)
            return std::unexpected(system_error((bundle / name).string(), Fault::kNo));
    HALLMARK_CHECK(store::remove_tree(writable_of(bundle, store)));
    HALLMARK_TRY(const auto records, store::BundleRecords::open(store));
    return records.remove(bundle);
}

Status forget_gone(const path& store) {
    // Before the records are read: whoever makes a bundle writes its record first.
    std::set<path> left;
    std::error_code failed;
    for (std::filesystem::directory_iterator entry(store / "writable", failed), end; !failed && entry != end;
         entry.increment(failed))
        left.insert(entry->path());
    if (failed && failed != std::errc::no_such_file_or_directory)
        return refused((store / "writable").string() + ": " + failed.message());
    HALLMARK_TRY(const auto records, store::BundleRecords::open(store));
    HALLMARK_TRY(const auto all, records.all());
    for (const auto& record : all) left.erase(writable_of(record.bundle, store));
    for (const auto& writable : left) HALLMARK_CHECK(store::remove_tree(writable));
    return {};
}

}  // namespace hallmark::bundle
