// SPDX-License-Identifier: Apache-2.0
#include "agent/image-bundle/implied_folders.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "agent/unpack/attributes.hpp"
#include "common/descriptor.hpp"

namespace hallmark::bundle {
namespace {

using std::filesystem::path;

constexpr const char* kOpaque = "trusted.overlay.opaque";
constexpr std::size_t kLargestNames = 64UL * 1024;  // XATTR_LIST_MAX of Linux, and of one value

bool has(const path& folder, const char* attribute) { return ::lgetxattr(folder.c_str(), attribute, nullptr, 0) >= 0; }

bool is_folder(const path& file) {
    struct stat status{};
    return ::lstat(file.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool is_there(const path& file) {
    struct stat status{};
    return ::lstat(file.c_str(), &status) == 0;
}

/// Whether a layer has a folder at this place, and real folders all the way there: a link in a layer leads nowhere.
bool has_folder(const path& layer, const path& place) {
    path at = layer;
    for (const auto& part : place) {
        at /= part;
        if (!is_folder(at)) return false;
    }
    return true;
}

/// What a layer does to what the layers below have at a place.
enum class Shows : bool { kNo, kYes };

/// Whether what lies below a layer at this place shows through it: nothing on the way there hides it.
Shows below(const path& layer, const path& place) {
    path at = layer;
    if (has(at, kOpaque)) return Shows::kNo;
    for (const auto& part : place) {
        at /= part;
        if (!is_there(at)) return Shows::kYes;
        if (!is_folder(at) || has(at, kOpaque)) return Shows::kNo;
    }
    return Shows::kYes;
}

/// Whether the layers from the given one on show what lies below them at this place.
bool shows_through(std::span<const path> layers, const path& place) {
    for (const auto& layer : layers)
        if (below(layer, place) == Shows::kNo) return false;
    return true;
}

/// The places of a layer's implied folders, "" for its top; those above others come first.
Result<std::set<path>> implied_in(const path& layer) {
    std::set<path> places;
    if (!has(layer, unpack::kHasImplied)) return places;
    if (has(layer, unpack::kImplied)) places.emplace();
    std::error_code failed;
    for (std::filesystem::recursive_directory_iterator entry(layer, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        if (!entry->is_symlink() && entry->is_directory(failed) && has(entry->path(), unpack::kImplied))
            places.insert(entry->path().lexically_relative(layer));
        if (failed) break;
    }
    if (failed) return refused(layer.string() + ": " + failed.message());
    return places;
}

/// The highest folder at a place that some entry describes, if it shows; nothing where every one is implied.
std::optional<path> described(std::span<const path> layers, const path& place) {
    for (std::size_t i = layers.size(); i-- > 0;) {
        const path folder = place.empty() ? layers[i] : layers[i] / place;
        if (has_folder(layers[i], place) && !has(folder, unpack::kImplied)) return folder;
        if (below(layers[i], place) == Shows::kNo) return std::nullopt;
    }
    return std::nullopt;
}

/// Extended attributes that belong to an image: those that unpacking keeps.
Status copy_xattrs(const path& from, int to) {
    std::vector<char> names(kLargestNames);
    const auto size = ::llistxattr(from.c_str(), names.data(), names.size());
    if (size < 0) return errno == ENOTSUP ? Status() : std::unexpected(system_error(from.string(), Fault::kNo));
    std::string_view left(names.data(), static_cast<std::size_t>(size));
    std::vector<char> value(kLargestNames);
    while (!left.empty()) {
        const std::string name(left.substr(0, left.find('\0')));
        left.remove_prefix(name.size() + 1);
        if (!name.starts_with("user.") && name != "security.capability") continue;
        const auto length = ::lgetxattr(from.c_str(), name.c_str(), value.data(), value.size());
        if (length < 0 || ::fsetxattr(to, name.c_str(), value.data(), static_cast<std::size_t>(length), 0) != 0)
            return std::unexpected(system_error(from.string() + ": " + name, Fault::kNo));
    }
    return {};
}

Status take_after(const path& folder, const std::optional<path>& model) {
    const FileDescriptor open(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!open.valid()) return std::unexpected(system_error(folder.string(), Fault::kNo));
    if (!model) return unpack::set_attributes(open.get(), {}, unpack::Rights::kRoot);
    struct stat status{};
    if (::lstat(model->c_str(), &status) != 0) return std::unexpected(system_error(model->string(), Fault::kNo));
    if (::fchown(open.get(), status.st_uid, status.st_gid) != 0)
        return std::unexpected(system_error(folder.string(), Fault::kNo));
    HALLMARK_CHECK(copy_xattrs(*model, open.get()));
    const std::array times = {status.st_atim, status.st_mtim};
    if (::fchmod(open.get(), status.st_mode & 07777U) == 0 && ::futimens(open.get(), times.data()) == 0) return {};
    return std::unexpected(system_error(folder.string(), Fault::kNo));
}

/// Those of all layers that show in the end, with every folder that leads to them, and the top.
Result<std::set<path>> wanted_places(std::span<const path> layers) {
    std::set<path> wanted = {path()};
    for (std::size_t i = 0; i < layers.size(); ++i) {
        HALLMARK_TRY(const auto places, implied_in(layers[i]));
        for (const auto& place : places) {
            if (!shows_through(layers.subspan(i + 1), place)) continue;
            for (path above = place; !above.empty(); above = above.parent_path()) wanted.insert(above);
        }
    }
    return wanted;
}

}  // namespace

Status complete_folders(std::span<const path> layers, const path& upper) {
    HALLMARK_TRY(const std::set<path> places, wanted_places(layers));
    for (const auto& place : places)
        if (!place.empty() && ::mkdir((upper / place).c_str(), 0700) != 0)
            return std::unexpected(system_error((upper / place).string(), Fault::kNo));
    // What is inside first: making it changes the times of what it is in.
    for (auto place = places.rbegin(); place != places.rend(); ++place)
        HALLMARK_CHECK(take_after(place->empty() ? upper : upper / *place, described(layers, *place)));
    return {};
}

}  // namespace hallmark::bundle
