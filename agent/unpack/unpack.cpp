// SPDX-License-Identifier: Apache-2.0
#include "agent/unpack/unpack.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "agent/oci/text.hpp"
#include "agent/unpack/tar_reader.hpp"
#include "agent/unpack/tree.hpp"
#include "common/descriptor.hpp"

namespace hallmark::unpack {
namespace {

/// Where an entry goes.
struct Place {
    Folder folder;
    std::string name;
};

Error failed(const char* what) { return system_error(what, Fault::kNo); }

Status write_at(int fd, const TarReader::Data& data) {
    auto left = data.bytes;
    auto offset = data.offset;
    while (!left.empty()) {
        const auto written = ::pwrite(fd, left.data(), left.size(), static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return std::unexpected(failed("writing"));
        left = left.subspan(static_cast<std::size_t>(written));
        offset += static_cast<std::uint64_t>(written);
    }
    return {};
}

class Unpacking {
public:
    Unpacking(const Pull& tar, int root, const Options& options)
        : options_(options), reader_(tar), tree_(root, options.rights), root_(root) {}

    Result<Report> run() {
        HALLMARK_CHECK(start());
        Entry entry;
        for (;;) {
            HALLMARK_TRY(const bool there, reader_.next(entry));
            if (!there) break;
            if (++report_.entries > options_.most_entries)
                return refused("the layer has more than " + std::to_string(options_.most_entries) + " entries");
            if (auto status = take(entry); !status) {
                // Of a source that failed it is the source's error that counts.
                if (source_failed_) return std::unexpected(status.error());
                return std::unexpected(status.error().at("layer: entry '" + oci::printable(entry.name) + "'"));
            }
        }
        HALLMARK_CHECK(tree_.finish());
        return report_;
    }

private:
    /// Until the layer says something about it, the root is like a folder that it doesn't mention.
    Status start() {
        struct stat status{};
        if (::fstat(root_, &status) != 0) return std::unexpected(failed("the folder to unpack into"));
        tree_.attributes().set(status.st_ino, "", {.implied = true});
        root_inode_ = status.st_ino;
        return {};
    }

    Status take(const Entry& entry) {
        HALLMARK_TRY(const Path path, path_of(entry.name));
        HALLMARK_TRY(const Marked marked, mark_of(path.name));
        switch (marked.mark) {
            case Mark::kIgnored:
                return {};
            case Mark::kOpaque:
                return take_opaque(path.folder);
            case Mark::kWhiteout:
                return take_whiteout(path.folder, marked.name);
            case Mark::kNone:
                break;
        }
        if (path.name.empty()) return take_root(entry);
        HALLMARK_TRY(Folder folder, tree_.folder(path.folder));
        const Place place{std::move(folder), path.name};
        switch (entry.type) {
            case Type::kFolder:
                return take_folder(place, path, entry);
            case Type::kFile:
                return take_file(place, entry);
            case Type::kHardLink:
                return take_hard_link(place, entry);
            default:
                return take_other(place, entry);
        }
    }

    Status take_opaque(const std::string& path) {
        HALLMARK_TRY(const Folder folder, tree_.folder(path));
        return tree_.make_opaque(folder, ".");
    }

    /// Hides what the layers below have, never what this one has.
    Status take_whiteout(const std::string& path, const std::string& name) {
        HALLMARK_TRY(const Folder there, tree_.existing_folder(path));
        struct stat status{};
        if (!there && hidden(path)) return {};
        HALLMARK_TRY(const Folder folder, tree_.folder(path));
        if (::mknodat(folder->get(), name.c_str(), S_IFCHR, 0) == 0) return {};
        if (errno != EEXIST || ::fstatat(folder->get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
            return std::unexpected(failed("whiteout"));
        return S_ISDIR(status.st_mode) ? tree_.make_opaque(folder, name) : Status();
    }

    /// Whether a whiteout of this layer has the folder or one above it: then it is gone with all that is in it.
    bool hidden(std::string path) {
        while (!path.empty()) {
            auto [above, name] = split(path);
            const auto folder = tree_.existing_folder(above);
            struct stat status{};
            if (folder && *folder)
                return ::fstatat((*folder)->get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                       is_whiteout(status);
            path = std::move(above);
        }
        return false;
    }

    Status take_root(const Entry& entry) {
        if (entry.type != Type::kFolder) return bad_input("the root of a layer, expected a folder");
        const FileDescriptor root(::openat(root_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!root.valid()) return std::unexpected(failed("opening"));
        HALLMARK_CHECK(take_xattrs(set_xattrs(root.get(), entry)));
        tree_.attributes().set(root_inode_, "", Attributes::of(entry));
        return {};
    }

    Status take_folder(const Place& place, const Path& path, const Entry& entry) {
        HALLMARK_TRY(const ino_t inode, tree_.make_folder(place.folder, place.name));
        tree_.attributes().set(inode, path.folder.empty() ? path.name : path.folder + "/" + path.name,
                               Attributes::of(entry));
        if (entry.xattrs.empty()) return {};
        const FileDescriptor folder(
            ::openat(place.folder->get(), place.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!folder.valid()) return std::unexpected(failed("opening"));
        return take_xattrs(set_xattrs(folder.get(), entry));
    }

    Status take_file(const Place& place, const Entry& entry) {
        if (entry.size > options_.largest_file)
            return refused(std::to_string(entry.size) + " bytes, and a file may have at most " +
                           std::to_string(options_.largest_file));
        FileDescriptor file;
        HALLMARK_CHECK(create(place, "creating", [&] {
            file = FileDescriptor(::openat(place.folder->get(), place.name.c_str(),
                                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
            return file.valid();
        }));
        for (;;) {
            auto data = reader_.data();
            source_failed_ = !data;
            if (!data) return std::unexpected(data.error());
            if (data->bytes.empty()) break;
            HALLMARK_CHECK(write_at(file.get(), *data));
            report_.bytes += data->bytes.size();
        }
        // Behind the last extent may be a hole.
        if (entry.sparse && ::ftruncate(file.get(), static_cast<off_t>(entry.size)) != 0)
            return std::unexpected(failed("size"));
        const auto attributes = Attributes::of(entry);
        HALLMARK_CHECK(set_owner(file.get(), attributes, options_.rights));
        HALLMARK_CHECK(take_xattrs(set_xattrs(file.get(), entry)));
        return set_mode_and_times(file.get(), attributes);
    }

    /// A layer may lie on others in each image, so what it links to must be its own. (OCI Image Specification 1.1.1,
    /// layer.md, "Hardlinks": "Extracting a layer with hardlink references to files outside of the layer may fail.")
    Status take_hard_link(const Place& place, const Entry& entry) {
        HALLMARK_TRY(const Path target, path_of(entry.link));
        HALLMARK_TRY(const Folder in, tree_.existing_folder(target.folder));
        struct stat linked{};
        if (!in || target.name.empty() || ::fstatat(in->get(), target.name.c_str(), &linked, AT_SYMLINK_NOFOLLOW) != 0)
            return refused("a hard link to '" + oci::printable(entry.link) +
                           "', which this layer doesn't have, and links into other layers are not followed: build the "
                           "image with a copy of the file in place of the link, or with its layers squashed into one");
        if (S_ISDIR(linked.st_mode)) return refused("a hard link to a folder");
        struct stat there{};
        const bool same = ::fstatat(place.folder->get(), place.name.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0 &&
                          there.st_ino == linked.st_ino;
        if (same) return {};
        return create(place, "hard link", [&] {
            return ::linkat(in->get(), target.name.c_str(), place.folder->get(), place.name.c_str(), 0) == 0;
        });
    }

    Status take_other(const Place& place, const Entry& entry) {
        const int folder = place.folder->get();
        const char* name = place.name.c_str();
        HALLMARK_CHECK(create(place, "creating", [&] {
            switch (entry.type) {
                case Type::kSymbolicLink:
                    return ::symlinkat(entry.link.c_str(), folder, name) == 0;
                case Type::kFifo:
                    return ::mknodat(folder, name, S_IFIFO | 0600, 0) == 0;
                default:
                    break;
            }
            const mode_t kind = entry.type == Type::kBlockDevice ? S_IFBLK : S_IFCHR;
            return ::mknodat(folder, name, kind | 0600, makedev(entry.major, entry.minor)) == 0;
        }));
        HALLMARK_CHECK(set_attributes_at(folder, place.name, entry, options_.rights));
        return take_xattrs(pass_over_xattrs(entry));
    }

    /// Whatever has the name already goes.
    template <class Make>
    Status create(const Place& place, const char* what, Make make) {
        if (make()) return {};
        if (errno != EEXIST) return std::unexpected(failed(what));
        HALLMARK_CHECK(tree_.remove(place.folder, place.name));
        if (!make()) return std::unexpected(failed(what));
        return {};
    }

    Status take_xattrs(const Result<std::size_t>& left_out) {
        if (!left_out) return std::unexpected(left_out.error());
        report_.left_out_xattrs += *left_out;
        return {};
    }

    const Options options_;
    TarReader reader_;
    Tree tree_;
    const int root_;
    ino_t root_inode_ = 0;
    bool source_failed_ = false;
    Report report_;
};

}  // namespace

Result<Report> unpack(const Pull& tar, int root, const Options& options) { return Unpacking(tar, root, options).run(); }

}  // namespace hallmark::unpack
