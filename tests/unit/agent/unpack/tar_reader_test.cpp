// SPDX-License-Identifier: Apache-2.0
#include "agent/unpack/tar_reader.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_tar.hpp"

namespace hallmark::unpack {
namespace {

using test::octal;
using test::Tar;

struct Read {
    Entry entry;
    std::string content;  ///< with zeros where holes are
};

Pull in_pieces(const std::string& text, std::size_t size) {
    return [&text, size, at = std::size_t{0}]() mutable -> Result<ByteSpan> {
        const auto piece = as_bytes(std::string_view(text).substr(at, size));
        at += piece.size();
        return piece;
    };
}

Result<std::vector<Read>> read(const std::string& tar, std::size_t piece = 1000) {
    TarReader reader(in_pieces(tar, piece));
    std::vector<Read> all;
    for (;;) {
        Read found;
        HALLMARK_TRY(const bool there, reader.next(found.entry));
        if (!there) return all;
        if (found.entry.size < 100'000) found.content.resize(found.entry.size);
        for (;;) {
            HALLMARK_TRY(const auto data, reader.data());
            if (data.bytes.empty()) break;
            std::ranges::copy(data.bytes, found.content.begin() + static_cast<std::ptrdiff_t>(data.offset));
        }
        all.push_back(std::move(found));
    }
}

/// The only entry.
Result<Read> only(const Tar& tar) {
    HALLMARK_TRY(auto all, read(tar.text()));
    EXPECT_EQ(all.size(), 1U);
    return std::move(all.at(0));
}

TEST(TarReader, ReadsEveryType) {
    const auto tar = Tar()
                         .add("d/", '5')
                         .add("d/f", '0', "content")
                         .add("d/h", '1', "d/f")
                         .add("d/s", '2', "../x")
                         .add({.name = "c", .type = '3', .mode = "0020640", .major = "0000001", .minor = "0000003"})
                         .add({.name = "b", .type = '4', .major = "0000377", .minor = "3777777"})
                         .add("p", '6')
                         .add("old", '\0', "x")
                         .add("contiguous", '7', "y")
                         .add("folder by its name/", '0')
                         .end();
    for (const std::size_t piece : {1U, 511U, 512U, 513U, 1U << 20U}) {
        const auto all = read(tar.text(), piece);
        ASSERT_TRUE(all) << all.error().message;
        ASSERT_EQ(all->size(), 10U);
        const std::vector<Type> types = {
            Type::kFolder,      Type::kFile, Type::kHardLink, Type::kSymbolicLink, Type::kCharacterDevice,
            Type::kBlockDevice, Type::kFifo, Type::kFile,     Type::kFile,         Type::kFolder};
        for (std::size_t i = 0; i < types.size(); ++i) EXPECT_EQ((*all)[i].entry.type, types[i]) << i;
        EXPECT_EQ((*all)[1].content, "content");
        EXPECT_EQ((*all)[1].entry.modified, (Time{7, 0}));
        EXPECT_EQ((*all)[2].entry.link, "d/f");
        EXPECT_EQ((*all)[3].entry.link, "../x");
        EXPECT_EQ((*all)[4].entry.mode, 0640U);
        EXPECT_EQ((*all)[4].entry.minor, 3U);
        EXPECT_EQ((*all)[5].entry.major, 0377U);
        EXPECT_EQ((*all)[5].entry.minor, 03777777U);
    }
}

TEST(TarReader, PassesOverWhatIsNotRead) {
    const auto tar = Tar().add("a", '0', std::string(5000, 'a')).add("b", '0', "b").end();
    TarReader reader(in_pieces(tar.text(), 700));
    Entry entry;
    ASSERT_TRUE(*reader.next(entry) && *reader.next(entry));
    EXPECT_EQ(entry.name, "b");
    EXPECT_FALSE(*reader.next(entry));
}

TEST(TarReader, MayEndWithoutMarkAndHaveAnythingBehindIt) {
    EXPECT_TRUE(read("")->empty());
    EXPECT_TRUE(read(std::string(512, '\0'))->empty());
    EXPECT_EQ(read(Tar().add("a", '0', "x").text())->size(), 1U);
    std::size_t taken = 0;
    const auto text = Tar().add("a", '0').end().raw("anything").text();
    TarReader reader([&, pull = in_pieces(text, 100)]() mutable -> Result<ByteSpan> {
        auto piece = pull();
        taken += piece->size();
        return piece;
    });
    Entry entry;
    ASSERT_TRUE(*reader.next(entry));
    EXPECT_FALSE(*reader.next(entry));
    EXPECT_EQ(taken, text.size()) << "the source is read to its end, where the digests are checked";
}

TEST(TarReader, TakesLongNamesInEveryForm) {
    const std::string name(300, 'n');
    const std::string link(400, 'l');
    const auto gnu = only(Tar()
                              .add("././@LongLink", 'K', link + '\0')
                              .add("././@LongLink", 'L', name + '\0')
                              .add("short", '2', "short")
                              .end());
    ASSERT_TRUE(gnu) << gnu.error().message;
    EXPECT_EQ(gnu->entry.name, name);
    EXPECT_EQ(gnu->entry.link, link);
    const auto pax = only(Tar().pax({{"path", name}, {"linkpath", link}}).add("short", '2', "short").end());
    ASSERT_TRUE(pax) << pax.error().message;
    EXPECT_EQ(pax->entry.name, name);
    EXPECT_EQ(pax->entry.link, link);
    EXPECT_EQ(only(Tar().add({.name = std::string(100, 'n'), .rest = "prefix"}).end())->entry.name,
              "prefix/" + std::string(100, 'n'));
    // What GNU has there are times.
    EXPECT_EQ(only(Tar().add({.name = "n", .magic = "ustar  ", .rest = "00000000001"}).end())->entry.name, "n");
}

TEST(TarReader, TakesNumbersInEveryForm) {
    const std::string high_id("\x80\0\0\0\xFF\xFF\xFF\xFE", 8);
    const std::string before_1970("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFE", 12);
    const auto base_256 =
        only(Tar().add({.name = "n", .uid = high_id, .gid = " 144 \0 ", .modified = before_1970}).end());
    ASSERT_TRUE(base_256) << base_256.error().message;
    EXPECT_EQ(base_256->entry.uid, 4294967294U);
    EXPECT_EQ(base_256->entry.gid, 0144U);
    EXPECT_EQ(base_256->entry.modified, (Time{-2, 0}));
    const auto pax = only(Tar()
                              .pax({{"uid", "70000"},
                                    {"gid", "4294967294"},
                                    {"mtime", "-1.25"},
                                    {"atime", "3.0000000019"},
                                    {"size", "3"},
                                    {"unknown", "x"},
                                    {"comment", ""}})
                              .add({.name = "n", .content = "abc", .size = "00000000000"})
                              .end());
    ASSERT_TRUE(pax) << pax.error().message;
    EXPECT_EQ(pax->entry.uid, 70000U);
    EXPECT_EQ(pax->entry.gid, 4294967294U);
    EXPECT_EQ(pax->entry.modified, (Time{-2, 750'000'000}));
    EXPECT_EQ(pax->entry.accessed, (Time{3, 1}));
    EXPECT_EQ(pax->content, "abc");
}

TEST(TarReader, TakesXattrsAsBytes) {
    const std::string value("a\0=\nb", 5);
    const auto found =
        only(Tar().pax({{"SCHILY.xattr.user.x", value}, {"SCHILY.xattr.user.empty", ""}}).add("n", '0').end());
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->entry.xattrs, (Xattrs{{"user.x", Bytes(value.begin(), value.end())}, {"user.empty", {}}}));
}

TEST(TarReader, PassesOverGlobalRecords) {
    EXPECT_EQ(only(Tar().pax({{"path", "global"}}, 'g').add("n", '0').end())->entry.name, "n");
}

TEST(TarReader, ReadsSparseFilesInEveryForm) {
    const std::string expected =
        std::string(1000, '\0') + "abc" + std::string(997, '\0') + "de" + std::string(998, '\0');
    const auto expect_read = [&](const char* form, const Tar& tar) {
        const auto found = only(tar);
        ASSERT_TRUE(found) << form << ": " << found.error().message;
        EXPECT_EQ(found->entry.name, "sparse") << form;
        EXPECT_EQ(found->entry.extents, (std::vector<Extent>{{1000, 3}, {2000, 2}})) << form;
        EXPECT_EQ(found->content, expected) << form;
    };
    const std::string in_data = "3\n1000\n3\n2000\n2\n3000\n0\n";
    expect_read("1.0",
                Tar()
                    .pax({{"GNU.sparse.major", "1"},
                          {"GNU.sparse.minor", "0"},
                          {"GNU.sparse.name", "sparse"},
                          {"GNU.sparse.realsize", "3000"}})
                    .add("GNUSparseFile.1/sparse", '0', in_data + std::string(512 - in_data.size(), '\0') + "abcde")
                    .end());
    expect_read("0.1", Tar()
                           .pax({{"GNU.sparse.size", "3000"},
                                 {"GNU.sparse.numblocks", "3"},
                                 {"GNU.sparse.name", "sparse"},
                                 {"GNU.sparse.map", "1000,3,2000,2,3000,0"}})
                           .add("GNUSparseFile.1/sparse", '0', "abcde")
                           .end());
    expect_read("0.0", Tar()
                           .pax({{"GNU.sparse.size", "3000"},
                                 {"GNU.sparse.offset", "1000"},
                                 {"GNU.sparse.numbytes", "3"},
                                 {"GNU.sparse.offset", "2000"},
                                 {"GNU.sparse.numbytes", "2"}})
                           .add("sparse", '0', "abcde")
                           .end());
    std::string rest(167, '\0');
    test::put(rest, 386 - 345, octal(1000, 11));
    test::put(rest, 398 - 345, octal(3, 11));
    test::put(rest, 410 - 345, octal(2000, 11));
    test::put(rest, 422 - 345, octal(2, 11));
    test::put(rest, 483 - 345, octal(3000, 11));
    const test::TarFields gnu{.name = "sparse", .type = 'S', .size = octal(5, 11), .magic = "ustar  ", .rest = rest};
    expect_read("GNU", Tar().add(gnu).padded("abcde").end());
    // The same with its second extent in a block of its own.
    auto longer = gnu;
    std::string block(512, '\0');
    test::put(block, 0, longer.rest.substr(410 - 345, 24));
    std::fill_n(longer.rest.begin() + 410 - 345, 24, '\0');
    longer.rest[482 - 345] = 1;
    expect_read("GNU, with a block", Tar().add(longer).raw(block).padded("abcde").end());
}

TEST(TarReader, RefusesSparseMapsThatAreNone) {
    const auto with_map = [](const std::string& map, const std::string& content = "abcde") {
        return only(Tar().pax({{"GNU.sparse.size", "3000"}, {"GNU.sparse.map", map}}).add("n", '0', content).end());
    };
    EXPECT_TRUE(with_map("0,5"));
    test::expect_error(with_map("2,5,1,0"), {"in order"});
    test::expect_error(with_map("2996,5"), {"within the file"});
    test::expect_error(with_map("9223372036854775807,5"), {"within the file"});
    test::expect_error(with_map("0,4"), {"4 bytes for an entry of 5"});
    test::expect_error(with_map("0,5,7"), {"no size"});
    test::expect_error(with_map("0,-5"), {"expected a number"});
    const auto in_data = [](const std::string& map) {
        return only(Tar()
                        .pax({{"GNU.sparse.major", "1"}, {"GNU.sparse.realsize", "3000"}})
                        .add("n", '0', map + std::string(512 - map.size(), '\0'))
                        .end());
    };
    EXPECT_TRUE(in_data("0\n"));
    test::expect_error(in_data("262145\n"), {"262145 extents", "at most"});
    test::expect_error(in_data("9\n1\n"), {"sparse map"});
    test::expect_error(in_data(std::string(30, '1') + "\n"), {"beyond 64 bits"});
}

TEST(TarReader, RefusesWhatIsNone) {
    const auto field = [](auto change) {
        test::TarFields fields{.name = "n"};
        change(fields);
        return only(Tar().add(fields).end());
    };
    const std::string minus_one(12, '\xFF');
    test::expect_error(field([&](auto& f) { f.size = minus_one; }), {"tar: entry 'n' at byte 0", "size: -1"});
    test::expect_error(field([&](auto& f) { f.uid = minus_one.substr(0, 8); }), {"uid: -1"});
    test::expect_error(field([](auto& f) { f.uid = std::string("\x80\0\0\0\xFF\xFF\xFF\xFF", 8); }),
                       {"uid: 4294967295"});
    test::expect_error(field([](auto& f) { f.size = "\x80" + std::string(11, '\xFF'); }), {"size", "beyond 64 bits"});
    test::expect_error(field([](auto& f) { f.mode = "8"; }), {"mode", "octal"});
    test::expect_error(field([](auto& f) { f.name = ""; }), {"empty"});
    test::expect_error(field([](auto& f) { f.type = 'V'; }), {"type 'V'"});
    test::expect_error(field([](auto& f) { f.type = '2'; }), {"link to nowhere"});
    test::expect_error(field([](auto& f) { f.type = '3', f.major = "0010000"; }), {"major: 4096"});
    test::expect_error(field([](auto& f) { f.type = '4', f.magic = ""; }), {"without numbers"});
    const auto record = [](const std::string& key, const std::string& value) {
        return only(Tar().pax({{key, value}}).add("n", '0').end());
    };
    test::expect_error(record("path", std::string("a\0b", 3)), {"path", "NUL"});
    test::expect_error(record("linkpath", std::string("a\0b", 3)), {"linkpath", "NUL"});
    test::expect_error(record("path", std::string(4097, 'n')), {"4097 bytes, expected at most 4096"});
    test::expect_error(record("size", "-5"), {"size: '-5'"});
    test::expect_error(record("uid", "4294967295"), {"uid"});
    test::expect_error(record("size", "9223372036854775808"), {"2⁶³-1"});
    test::expect_error(record("mtime", "1.x"), {"mtime"});
    test::expect_error(record("SCHILY.xattr.user.x", std::string(65'537, 'x')), {"SCHILY.xattr.user.x", "65536"});
    test::expect_error(only(Tar().add("l", 'L', std::string("a\0b", 3)).add("n", '0').end()), {"NUL"});
    test::expect_error(only(Tar().add("l", 'L', std::string(5000, 'n')).add("n", '0').end()), {"at most 4097"});
    for (const auto* text : {"5 a=", "99 a=b\n", "6 ab\n\n", "x", "0 a=b\n", "6 =bc\n", "18446744073709551617 a=b\n"})
        test::expect_error(only(Tar().add("r", 'x', text).add("n", '0').end()), {"pax record"});
}

TEST(TarReader, RefusesATarThatEndsAnywhereElse) {
    const auto tar = Tar().pax({{"path", "long"}}).add("a", '0', std::string(700, 'a')).text();
    for (std::size_t size = 1; size < tar.size(); size += 37)
        test::expect_error(read(tar.substr(0, size)), {"tar: ", "ends inside"});
    test::expect_error(read(Tar().pax({{"path", "x"}}).end().text()), {"ends inside"});
    test::expect_error(read(Tar().raw(std::string(512, '\0')).add("a", '0').text()), {"half an end mark"});
    auto damaged = Tar().add("a", '0').end().text();
    damaged[0] = 'b';
    test::expect_error(read(damaged), {"byte 0", "checksum"});
}

TEST(TarReader, HandsOnTheErrorOfItsSource) {
    TarReader reader([]() -> Result<ByteSpan> { return refused("the network is gone"); });
    Entry entry;
    test::expect_error(reader.next(entry), {"the network is gone"}, Fault::kNo);
}

}  // namespace
}  // namespace hallmark::unpack
