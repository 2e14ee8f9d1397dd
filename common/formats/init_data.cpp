// SPDX-License-Identifier: Apache-2.0
#include "common/formats/init_data.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "common/endian.hpp"
#include "common/gunzip.hpp"
#include "common/gzip.hpp"
#include "common/hex.hpp"
#include "common/reader.hpp"
#include "common/toml.hpp"
#include "common/tomlplusplus.hpp"

namespace hallmark::init_data {
namespace {

constexpr std::string_view kMagic = "initdata";
constexpr std::string_view kVersion = "0.1.0";
constexpr std::size_t kSector = 512;

/// What stands in front of the compressed document.
struct DiskHeader {
    std::array<std::uint8_t, 8> magic{};  // 00
    Le64 length;                          // 08: of the compressed document
};
static_assert(sizeof(DiskHeader) == 16 && offsetof(DiskHeader, length) == 8);

std::string place(const std::string& what, const toml::source_region& region) {
    return what + ": line " + std::to_string(region.begin.line) + ": ";
}

Result<std::string> text_of(const toml::table& table, std::string_view key, const std::string& what) {
    const auto* value = table.get_as<std::string>(key);
    if (value == nullptr) return bad_input(what + ": no text '" + std::string(key) + "', expected one");
    return value->get();
}

Result<std::map<std::string, std::string>> data_of(const toml::table& table, const std::string& what) {
    const auto* data = table.get_as<toml::table>("data");
    if (data == nullptr) return bad_input(what + ": no table [data], expected one");
    std::map<std::string, std::string> texts;
    for (const auto& [key, value] : *data) {
        const auto* text = value.as_string();
        if (text == nullptr)
            return bad_input(place(what, value.source()) + "data." + std::string(key.str()) +
                             " is no text, expected one; quote it with ''' or \"\"\"");
        texts.emplace(key.str(), text->get());
    }
    return texts;
}

}  // namespace

Result<Document> parse_document(std::string_view text, const std::string& what) {
    if (text.size() > kLargestDocument)
        return bad_input(what + ": " + std::to_string(text.size()) + " bytes, expected at most " +
                         std::to_string(kLargestDocument));
    HALLMARK_CHECK(check_toml_depth(text, what));
    const auto parsed = toml::parse(text);
    if (!parsed)
        return bad_input(place(what, parsed.error().source()) +
                         "no TOML: " + std::string(parsed.error().description()));
    const auto& table = parsed.table();
    Document document;
    HALLMARK_TRY(document.version, text_of(table, "version", what));
    if (document.version != kVersion)
        return bad_input(what + ": version found '" + document.version + "', expected " + std::string(kVersion));
    HALLMARK_TRY(const std::string algorithm, text_of(table, "algorithm", what));
    HALLMARK_TRY(document.algorithm, find_algorithm(algorithm, what));
    HALLMARK_TRY(document.data, data_of(table, what));
    for (const auto& [key, value] : table)
        if (key != "version" && key != "algorithm" && key != "data") document.unknown.emplace_back(key.str());
    return document;
}

bool is_disk(ByteSpan bytes) {
    return bytes.size() >= kMagic.size() && equal(bytes.first(kMagic.size()), as_bytes(kMagic));
}

Result<Bytes> read_disk(ByteSpan bytes, const std::string& what) {
    Reader reader(bytes, what);
    HALLMARK_TRY(const auto header, reader.structure<DiskHeader>());
    if (!equal(header.magic, as_bytes(kMagic)))
        return bad_input(what + ": offset 0x0: found " + to_hex(header.magic) + ", expected " +
                         to_hex(as_bytes(kMagic)) + " (initdata)");
    if (header.length > kLargestDocument)
        return bad_input(what + ": offset 0x8: length found " + hex_number(header.length) + ", expected at most " +
                         hex_number(kLargestDocument));
    HALLMARK_TRY(const ByteSpan compressed, reader.bytes(static_cast<std::size_t>(header.length.get())));
    return gunzip(compressed, kLargestDocument, what + ": offset 0x10");
}

Bytes make_disk(ByteSpan document) {
    const Bytes compressed = gzip_stored(document);
    DiskHeader header;
    std::ranges::copy(kMagic, header.magic.begin());
    header.length = compressed.size();
    Bytes disk;
    append(disk, as_bytes(header));
    append(disk, compressed);
    disk.resize((disk.size() + kSector - 1) / kSector * kSector);
    return disk;
}

}  // namespace hallmark::init_data
