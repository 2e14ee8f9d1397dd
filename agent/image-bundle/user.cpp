// SPDX-License-Identifier: Apache-2.0
#include "agent/image-bundle/user.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <optional>

namespace hallmark::bundle {
namespace {

constexpr std::size_t kLargestFile = 1024 * 1024;

std::optional<std::uint32_t> number(std::string_view text) {
    std::uint32_t value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    // The last number is "no user" to the kernel.
    if (failed != std::errc{} || end != text.data() + text.size() || value == ~std::uint32_t{0}) return std::nullopt;
    return value;
}

/// Gives each line's fields to `take` until it says true. Lines with fewer fields than `Count` say nothing.
template <std::size_t Count, class Take>
void each_entry(std::string_view text, Take take) {
    while (!text.empty()) {
        const auto end = text.find('\n');
        auto line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        std::array<std::string_view, Count> fields;
        std::size_t found = 0;
        for (; found < Count; ++found) {
            const auto colon = line.find(':');
            fields[found] = line.substr(0, colon);
            if (colon == std::string_view::npos) break;
            line.remove_prefix(colon + 1);
        }
        if (found + 1 >= Count && take(fields)) return;
    }
}

// Fields of a line of passwd(5), up to the home folder, and of group(5).
using PasswdLine = std::array<std::string_view, 6>;
using GroupLine = std::array<std::string_view, 4>;

bool lists(std::string_view members, std::string_view name) {
    while (!members.empty()) {
        const auto comma = members.find(',');
        if (members.substr(0, comma) == name) return true;
        members.remove_prefix(comma == std::string_view::npos ? members.size() : comma + 1);
    }
    return false;
}

/// The user of an entry, with its groups.
struct Entry {
    User user;
    std::string name;
};

std::optional<Entry> find_entry(std::string_view wanted, const std::string& passwd) {
    std::optional<Entry> found;
    each_entry<6>(passwd, [&](const PasswdLine& line) {
        const auto uid = number(line[2]);
        const auto gid = number(line[3]);
        if (!uid || !gid || (line[0] != wanted && number(wanted) != uid)) return false;
        found = Entry{.user = {.uid = *uid, .gid = *gid, .additional_gids = {}, .home = std::string(line[5])},
                      .name = std::string(line[0])};
        return true;
    });
    return found;
}

std::optional<std::uint32_t> find_group(std::string_view wanted, const std::string& group) {
    std::optional<std::uint32_t> found;
    each_entry<4>(group, [&](const GroupLine& line) {
        if (line[0] == wanted) found = number(line[2]);
        return found.has_value();
    });
    return found;
}

void add_groups(Entry& entry, const std::string& group) {
    each_entry<4>(group, [&](const GroupLine& line) {
        const auto gid = number(line[2]);
        auto& others = entry.user.additional_gids;
        if (gid && *gid != entry.user.gid && lists(line[3], entry.name) &&
            std::find(others.begin(), others.end(), *gid) == others.end())
            others.push_back(*gid);
        return false;
    });
}

std::unexpected<Error> unknown(std::string_view what, std::string_view name, std::string_view file) {
    return refused(std::string(what) + " '" + std::string(name) + "': not in the image's " + std::string(file) +
                   ", expected a name that is there, or a number");
}

/// A regular file of the image; not valid where there is none. To open a device or a pipe of an image would already be
/// to use it, so it is looked at first.
Result<FileDescriptor> open_in(const FileDescriptor& root, const char* name) {
    open_how how{};
    how.flags = O_PATH | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    const FileDescriptor found(static_cast<int>(::syscall(SYS_openat2, root.get(), name, &how, sizeof how)));
    if (!found.valid() && (errno == ENOENT || errno == ENOTDIR)) return FileDescriptor();
    struct stat status{};
    if (!found.valid() || ::fstat(found.get(), &status) != 0) return std::unexpected(system_error(name, Fault::kNo));
    if (!S_ISREG(status.st_mode)) return refused(std::string(name) + " of the image: not a regular file");
    const std::string itself = "/proc/self/fd/" + std::to_string(found.get());
    FileDescriptor file(::open(itself.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid()) return std::unexpected(system_error(name, Fault::kNo));
    return file;
}

Result<std::string> read_in(const FileDescriptor& root, const char* name) {
    HALLMARK_TRY(const FileDescriptor file, open_in(root, name));
    if (!file.valid()) return std::string();
    std::string text(kLargestFile + 1, '\0');
    std::size_t used = 0;
    while (used < text.size()) {
        const auto count = ::read(file.get(), text.data() + used, text.size() - used);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return std::unexpected(system_error(name, Fault::kNo));
        if (count == 0) break;
        used += static_cast<std::size_t>(count);
    }
    if (used > kLargestFile) return refused(std::string(name) + " of the image: larger than 1 MiB");
    text.resize(used);
    return text;
}

}  // namespace

Result<Accounts> read_accounts(const std::filesystem::path& root) {
    const FileDescriptor folder(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!folder.valid()) return std::unexpected(system_error(root.string(), Fault::kNo));
    Accounts accounts;
    HALLMARK_TRY(accounts.passwd, read_in(folder, "etc/passwd"));
    HALLMARK_TRY(accounts.group, read_in(folder, "etc/group"));
    return accounts;
}

Result<User> find_user(std::string_view name, const Accounts& accounts) {
    const auto colon = name.find(':');
    const auto user = name.substr(0, colon);
    const bool grouped = colon != std::string_view::npos;
    const auto group = grouped ? name.substr(colon + 1) : std::string_view{};

    Entry entry;
    if (const auto found = find_entry(user.empty() ? "0" : user, accounts.passwd)) {
        entry = *found;
    } else if (const auto uid = number(user); uid || user.empty()) {
        entry.user.uid = uid.value_or(0);
    } else {
        return unknown("user", user, "/etc/passwd");
    }
    if (!grouped || group.empty()) {
        if (!entry.name.empty()) add_groups(entry, accounts.group);
        return entry.user;
    }
    const auto gid = find_group(group, accounts.group);
    const auto given = gid ? gid : number(group);
    if (!given) return unknown("group", group, "/etc/group");
    entry.user.gid = *given;
    return entry.user;
}

}  // namespace hallmark::bundle
