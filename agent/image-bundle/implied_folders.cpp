// SPDX-License-Identifier: Apache-2.0
#include "agent/image-bundle/implied_folders.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "agent/unpack/attributes.hpp"
#include "common/descriptor.hpp"

namespace hallmark::bundle {
namespace {

using std::filesystem::path;

constexpr const char* kOpaque = "trusted.overlay.opaque";
constexpr std::size_t kLargestNames = 64UL * 1024;  // XATTR_LIST_MAX of Linux, and of one value

bool has(const path& folder, const char* attribute) { return ::lgetxattr(folder.c_str(), attribute, nullptr, 0) >= 0; }

struct Place;
using Places = std::map<std::string, std::unique_ptr<Place>, std::less<>>;

/// A folder that some layer implies, or that leads to one.
struct Place {
    Places inside;
    bool implied = false;                  ///< a layer implies it, and none above that describes it
    std::optional<std::size_t> described;  ///< the highest layer that describes it, if that shows
    bool closed = false;                   ///< nothing of the layers that come now shows here, nor inside
};

/// Tells of everything in a folder its name, and whether it is a folder itself: a link is none.
Status for_each(const path& folder, const std::function<void(const std::string& name, bool is_folder)>& tell) {
    std::error_code failed;
    for (std::filesystem::directory_iterator entry(folder, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        const bool is_folder = !entry->is_symlink(failed) && entry->is_directory(failed);
        if (failed) break;
        tell(entry->path().filename().string(), is_folder);
    }
    if (failed) return refused(folder.string() + ": " + failed.message());
    return {};
}

/// Notes the implied folders inside a layer's folder.
Status note_implied(const path& folder, Place& place) {
    std::vector<std::string> names;
    HALLMARK_CHECK(for_each(folder, [&](const std::string& name, bool is_folder) {
        if (is_folder) names.push_back(name);
    }));
    for (const auto& name : names) {
        const auto [at, fresh] = place.inside.try_emplace(name);
        if (fresh) at->second = std::make_unique<Place>();
        HALLMARK_CHECK(note_implied(folder / name, *at->second));
        if (fresh && at->second->inside.empty() && !has(folder / name, unpack::kImplied)) place.inside.erase(at);
    }
    return {};
}

/// Looks at what a layer has at a place and inside; those above it were looked at before. It goes only where something
/// was noted, so a layer costs no more than what is in such folders of its own.
Status look(std::size_t layer, const path& folder, Place& place) {
    if (!place.described) {
        if (has(folder, unpack::kImplied))
            place.implied = true;
        else
            place.described = layer;
    }
    place.closed = has(folder, kOpaque);
    if (place.inside.empty()) return {};
    std::vector<Places::const_pointer> folders;
    HALLMARK_CHECK(for_each(folder, [&](const std::string& name, bool is_folder) {
        const auto found = place.inside.find(name);
        if (found == place.inside.end() || found->second->closed) return;
        if (is_folder)
            folders.push_back(&*found);
        else
            found->second->closed = true;
    }));
    for (const auto* inside : folders) HALLMARK_CHECK(look(layer, folder / inside->first, *inside->second));
    return {};
}

/// Forgets the places where no folder has to be made; whether this is one where one has.
bool prune(Place& place) {
    std::erase_if(place.inside, [](const auto& one) { return !prune(*one.second); });
    return place.implied || !place.inside.empty();
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

/// Gives `folder`, which is at a place of the container, what is inside, and then its attributes: making something in
/// it changes its times.
Status fill(const path& folder, std::span<const path> layers, const path& at, const Place& place) {
    for (const auto& [name, inside] : place.inside) {
        if (::mkdir((folder / name).c_str(), 0700) != 0)
            return std::unexpected(system_error((folder / name).string(), Fault::kNo));
        HALLMARK_CHECK(fill(folder / name, layers, at / name, *inside));
    }
    if (!place.described) return take_after(folder, std::nullopt);
    const path& layer = layers[*place.described];
    return take_after(folder, at.empty() ? layer : layer / at);
}

}  // namespace

Status complete_folders(std::span<const path> layers, const path& upper) {
    Place top;
    for (const auto& layer : layers)
        if (has(layer, unpack::kHasImplied)) HALLMARK_CHECK(note_implied(layer, top));
    for (std::size_t i = layers.size(); i-- > 0 && !top.closed;) HALLMARK_CHECK(look(i, layers[i], top));
    (void)prune(top);  // it is there already, and gets its attributes in any case
    return fill(upper, layers, {}, top);
}

}  // namespace hallmark::bundle
