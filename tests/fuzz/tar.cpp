// SPDX-License-Identifier: Apache-2.0
// Attacker: who wrote the image's layer, the registry, or who is between it and the guest.
// Size cap: 64 KiB; layers are longer, but only in the content of their files.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "agent/unpack/entry_name.hpp"
#include "agent/unpack/tar_reader.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/synthetic_tar.hpp"

namespace hallmark::fuzz {
namespace {

using test::Tar;

std::vector<Bytes> seeds() {
    return {
        Tar().add("d/", '5').add("d/f", '0', "content").add("d/h", '1', "d/f").add("s", '2', "x").end().bytes(),
        Tar()
            .pax({{"path", "long"}, {"size", "3"}, {"mtime", "-1.5"}, {"SCHILY.xattr.user.x", "y"}})
            .add("f", '0', "abc")
            .bytes(),
        Tar().add("l", 'L', "name").add("l", 'K', "link").add("s", '2', "x").bytes(),
        Tar()
            .pax({{"GNU.sparse.major", "1"}, {"GNU.sparse.realsize", "9"}, {"GNU.sparse.name", "s"}})
            .add("f", '0', "1\n2\n3\n" + std::string(506, '\0') + "abc")
            .bytes(),
        Tar().pax({{"GNU.sparse.size", "9"}, {"GNU.sparse.map", "2,3"}}).add("f", '0', "abc").bytes(),
        Tar().add({.name = "s", .type = 'S', .magic = "ustar  "}).bytes(),
        Tar().add(".wh.gone", '0').add({.name = "c", .type = '3', .major = "0000001"}).bytes(),
    };
}

/// What holds of every entry, however hostile: what unpacking relies on.
void check(const unpack::Entry& entry) {
    const auto is_link = entry.type == unpack::Type::kHardLink || entry.type == unpack::Type::kSymbolicLink;
    require(!entry.name.empty() && !entry.name.contains('\0'), "an entry has a name");
    require(entry.link.empty() != is_link && !entry.link.contains('\0'), "a link has a target, and nothing else has");
    require(entry.mode <= 07777 && entry.uid != UINT32_MAX && entry.gid != UINT32_MAX, "numbers are in their ranges");
    require(entry.modified.nanoseconds < 1'000'000'000, "a time is one");
    std::uint64_t end = 0;
    for (const auto& extent : entry.extents) {
        require(extent.size != 0 && extent.offset >= end && extent.offset <= entry.size &&
                    extent.size <= entry.size - extent.offset,
                "extents are in order and within the file");
        end = extent.offset + extent.size;
    }
    if (const auto path = unpack::path_of(entry.name)) {
        const auto whole = "/" + path->folder + "/" + path->name + "/";
        require(!whole.contains("/../"), "a path leads down only");
        (void)unpack::mark_of(path->name);
    }
}

void attempt(ByteSpan input) {
    std::size_t at = 0;
    unpack::TarReader reader([&]() -> Result<ByteSpan> {
        const auto piece = input.subspan(at, std::min<std::size_t>(700, input.size() - at));
        at += piece.size();
        return piece;
    });
    unpack::Entry entry;
    for (auto there = reader.next(entry); there; there = reader.next(entry)) {
        if (!*there) {
            require(at == input.size(), "the end is the source's end");
            return;
        }
        check(entry);
        std::uint64_t sum = 0;
        for (const auto& extent : entry.extents) sum += extent.size;
        for (auto data = reader.data(); data && !data->bytes.empty(); data = reader.data()) {
            require(data->bytes.size() <= sum && data->offset + data->bytes.size() <= entry.size,
                    "data are in extents");
            sum -= data->bytes.size();
        }
    }
}

}  // namespace

const Target kTarget{.largest = 64 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
