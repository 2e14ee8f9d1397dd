// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/request.hpp"

#include <proto/confidential_data_hub.pb.h>
#include <sys/mount.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <string_view>
#include <system_error>

namespace hallmark::storage {
namespace {

constexpr std::size_t kLongestName = 64;
constexpr std::size_t kLongestPath = 256;
constexpr std::size_t kLongestKey = 16UL * 1024;  // a sealed secret is a text of some hundred bytes
/// What a kata-agent has, and the volumes of a pod that init starts.
constexpr std::array<std::string_view, 2> kMounts = {"/run/kata-containers/", "/run/hallmark/volumes/"};
constexpr std::string_view kDevices = "/dev/";
constexpr const char* kMakeNothingNow = "-E lazy_journal_init";  // what a kata-agent asks for; the only one it has

constexpr std::array<std::string_view, 10> kOptions = {"dataIntegrity",  "deviceId",  "devicePath", "encryptionType",
                                                       "filesystemType", "key",       "mapperName", "mkfsOpts",
                                                       "sourceType",     "targetType"};

struct Flag {
    std::string_view name;
    unsigned long bit;
};
constexpr std::array<Flag, 6> kFlags = {{
    {"nodev", MS_NODEV},
    {"noexec", MS_NOEXEC},
    {"nosuid", MS_NOSUID},
    {"relatime", MS_RELATIME},
    {"ro", MS_RDONLY},
    {"rw", 0},
}};

/// An option's value; empty where it was not given.
std::string option(const api::SecureMountRequest& request, std::string_view name) {
    const auto found = request.options().find(std::string(name));
    return found == request.options().end() ? "" : found->second;
}

std::unexpected<Error> unexpected_option(std::string_view name, const std::string& found, std::string_view expected) {
    return bad_input("SecureMount: option " + std::string(name) + ": found '" + found.substr(0, kLongestName) +
                     "', expected " + std::string(expected));
}

Status check_options(const api::SecureMountRequest& request) {
    if (request.volume_type() != "block-device")
        return bad_input("SecureMount: volume type '" + request.volume_type().substr(0, kLongestName) +
                         "', expected block-device");
    for (const auto& [name, value] : request.options())
        if (std::ranges::find(kOptions, name) == kOptions.end())
            return bad_input("SecureMount: option '" + name.substr(0, kLongestName) + "' is unknown");
    struct Fixed {
        std::string_view name;
        std::initializer_list<std::string_view> values;
        std::string_view expected;
    };
    const Fixed fixed[] = {
        {"dataIntegrity", {"", "true", "false"}, "true: it is always on"},
        {"encryptionType", {"luks2"}, "luks2"},
        {"filesystemType", {"", "ext4"}, "ext4"},
        {"mkfsOpts", {"", kMakeNothingNow}, kMakeNothingNow},
        {"sourceType", {"empty", "encrypted"}, "empty or encrypted"},
        {"targetType", {"", "fileSystem"}, "fileSystem"},
    };
    for (const auto& [name, values, expected] : fixed) {
        const std::string found = option(request, name);
        if (std::ranges::find(values, found) == values.end()) return unexpected_option(name, found, expected);
    }
    return {};
}

/// "253:0"
Result<std::pair<std::uint32_t, std::uint32_t>> device_number(const std::string& text) {
    std::uint32_t numbers[2] = {};
    const char* const end = text.data() + text.size();
    const auto colon = std::from_chars(text.data(), end, numbers[0]);
    if (colon.ec == std::errc() && colon.ptr != end && *colon.ptr == ':') {
        const auto rest = std::from_chars(colon.ptr + 1, end, numbers[1]);
        if (rest.ec == std::errc() && rest.ptr == end) return std::pair(numbers[0], numbers[1]);
    }
    return unexpected_option("deviceId", text, "MAJOR:MINOR, like 254:16");
}

/// Below a folder, by its one shortest name: without "..", "." or an empty part.
bool is_below(std::string_view path, std::string_view folder) {
    if (!path.starts_with(folder) || path.size() > kLongestPath) return false;
    if (path.find('\0') != std::string_view::npos) return false;
    for (std::size_t start = folder.size(); start <= path.size();) {
        const auto end = std::min(path.find('/', start), path.size());
        const auto part = path.substr(start, end - start);
        if (part.empty() || part == "." || part == "..") return false;
        start = end + 1;
    }
    return true;
}

/// For /dev/mapper and as a word of cryptsetup(8), which would take one with a dash at its beginning for an option.
bool is_name(std::string_view name) {
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    };
    return name.size() <= kLongestName && std::ranges::all_of(name, plain) && name != "control" &&
           !name.starts_with('-');
}

Status read_device(const api::SecureMountRequest& request, Volume& volume) {
    if (const std::string id = option(request, "deviceId"); !id.empty()) {
        HALLMARK_TRY(volume.device_number, device_number(id));
        return {};
    }
    volume.device_path = option(request, "devicePath");
    if (is_below(volume.device_path, kDevices)) return {};
    return unexpected_option("devicePath", volume.device_path, "a device below /dev, or deviceId");
}

Status read_key(const api::SecureMountRequest& request, Volume& volume) {
    volume.key = option(request, "key");
    const bool empty = option(request, "sourceType") == "empty";
    volume.content = !empty ? Content::kEncrypted : volume.key.empty() ? Content::kScratch : Content::kEmpty;
    if (volume.content == Content::kScratch) return {};
    const bool known = volume.key.starts_with("kbs:///") || volume.key.starts_with("sealed.");
    if (known && volume.key.size() <= kLongestKey) return {};
    // A file in the guest would be a key that nobody attested for.
    return unexpected_option("key", volume.key, "kbs:///REPOSITORY/TYPE/TAG or a sealed secret");
}

}  // namespace

Result<Volume> read_request(const api::SecureMountRequest& request) {
    HALLMARK_CHECK(check_options(request));
    Volume volume;
    HALLMARK_CHECK(read_device(request, volume));
    HALLMARK_CHECK(read_key(request, volume));
    volume.mapper_name = option(request, "mapperName");
    if (!is_name(volume.mapper_name))
        return unexpected_option("mapperName", volume.mapper_name, "letters, digits, - and _");
    std::string mount_point = request.mount_point();
    if (mount_point.ends_with('/')) mount_point.pop_back();
    if (std::ranges::none_of(kMounts, [&](auto folder) { return is_below(mount_point, folder); }))
        return bad_input("SecureMount: mount point '" + mount_point.substr(0, kLongestPath) +
                         "', expected a folder below " + std::string(kMounts[0]));
    volume.mount_point = std::move(mount_point);
    for (const auto& name : request.flags()) {
        const auto* const flag = std::ranges::find(kFlags, name, &Flag::name);
        if (flag == kFlags.end())
            return bad_input("SecureMount: mount flag '" + name.substr(0, kLongestName) + "' is unknown");
        volume.mount_flags |= flag->bit;
    }
    return volume;
}

}  // namespace hallmark::storage
