// SPDX-License-Identifier: Apache-2.0
#include "agent/unpack/attributes.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>

#include "agent/oci/text.hpp"
#include "common/descriptor.hpp"

namespace hallmark::unpack {
namespace {

constexpr std::string_view kCapability = "security.capability";

std::array<timespec, 2> times_of(Time accessed, Time modified) {
    return {{{accessed.seconds, static_cast<long>(accessed.nanoseconds)},
             {modified.seconds, static_cast<long>(modified.nanoseconds)}}};
}

Status refuse_overlay(const std::string& name) {
    if (name.starts_with("trusted.overlay.") || name.starts_with("user.overlay."))
        return bad_input("extended attribute " + oci::printable(name) +
                         ": a layer may not tell overlayfs what to show; expected whiteouts");
    return {};
}

bool kept(const std::string& name) { return name == kCapability || name.starts_with("user."); }

}  // namespace

Attributes Attributes::of(const Entry& entry) {
    return {entry.uid, entry.gid, entry.mode, entry.accessed, entry.modified, false};
}

Status set_owner(int fd, const Attributes& attributes, Rights rights) {
    if (rights == Rights::kRoot && ::fchown(fd, attributes.uid, attributes.gid) != 0)
        return std::unexpected(system_error("owner", Fault::kNo));
    return {};
}

Status set_mode_and_times(int fd, const Attributes& attributes) {
    if (::fchmod(fd, attributes.mode) != 0) return std::unexpected(system_error("mode", Fault::kNo));
    if (::futimens(fd, times_of(attributes.accessed, attributes.modified).data()) != 0)
        return std::unexpected(system_error("times", Fault::kNo));
    return {};
}

Status set_attributes(int fd, const Attributes& attributes, Rights rights) {
    HALLMARK_CHECK(set_owner(fd, attributes, rights));
    return set_mode_and_times(fd, attributes);
}

Status set_attributes_at(int folder, const std::string& name, const Entry& entry, Rights rights) {
    if (rights == Rights::kRoot && ::fchownat(folder, name.c_str(), entry.uid, entry.gid, AT_SYMLINK_NOFOLLOW) != 0)
        return std::unexpected(system_error("owner", Fault::kNo));
    if (entry.type != Type::kSymbolicLink && ::fchmodat(folder, name.c_str(), entry.mode, 0) != 0)
        return std::unexpected(system_error("mode", Fault::kNo));
    const auto times = times_of(entry.accessed, entry.modified);
    if (::utimensat(folder, name.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) != 0)
        return std::unexpected(system_error("times", Fault::kNo));
    return {};
}

Result<std::size_t> set_xattrs(int fd, const Entry& entry) {
    std::size_t left_out = 0;
    for (const auto& [name, value] : entry.xattrs) {
        HALLMARK_CHECK(refuse_overlay(name));
        if (!kept(name)) {
            ++left_out;
        } else if (::fsetxattr(fd, name.c_str(), value.data(), value.size(), 0) != 0) {
            if (errno != ENOTSUP || name == kCapability)
                return std::unexpected(system_error("extended attribute " + oci::printable(name), Fault::kNo));
            ++left_out;
        }
    }
    return left_out;
}

Result<std::size_t> pass_over_xattrs(const Entry& entry) {
    for (const auto& [name, value] : entry.xattrs) HALLMARK_CHECK(refuse_overlay(name));
    return entry.xattrs.size();
}

Status mark(int folder, const char* name, Rights rights) {
    if (rights == Rights::kUser || ::fsetxattr(folder, name, "y", 1, 0) == 0) return {};
    return std::unexpected(system_error(name, Fault::kNo));
}

Status make_opaque(int folder, Rights rights) {
    const char* name = rights == Rights::kRoot ? "trusted.overlay.opaque" : "user.overlay.opaque";
    if (::fsetxattr(folder, name, "y", 1, 0) != 0) return std::unexpected(system_error(name, Fault::kNo));
    return {};
}

}  // namespace hallmark::unpack
