// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/luks2_header.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "agent/storage/luks2_format.hpp"
#include "common/digest.hpp"
#include "common/reader.hpp"

namespace hallmark::storage::luks2 {
namespace {

constexpr std::string_view kChecksum = "sha256";

/// One copy, and the metadata behind it with the zero bytes that fill it up.
struct Copy {
    BinaryHeader header{};
    ByteSpan metadata;
};

template <std::size_t kSize>
std::string_view text_of(const std::array<char, kSize>& field) {
    const std::string_view all(field.data(), kSize);
    return all.substr(0, all.find('\0'));
}

bool is_zero(ByteSpan bytes) {
    return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

Status check_checksum(const Copy& copy, const std::string& what) {
    BinaryHeader header = copy.header;
    header.checksum = {};
    Hasher<Sha256> hasher;
    hasher.update({reinterpret_cast<const std::uint8_t*>(&header), sizeof header});
    hasher.update(copy.metadata);
    const Sha256 expected = hasher.finish();
    const ByteSpan found(copy.header.checksum);
    if (std::ranges::equal(found.first(expected.size()), expected) && is_zero(found.subspan(expected.size())))
        return {};
    return refused(what + ": its checksum is not that of its bytes, so it is damaged or was changed");
}

Result<Copy> read_copy(Reader& reader, std::string_view magic, const std::string& what) {
    const std::uint64_t offset = reader.offset();
    Copy copy;
    HALLMARK_TRY(copy.header, reader.structure<BinaryHeader>());
    const BinaryHeader& header = copy.header;
    if (std::string_view(header.magic.data(), header.magic.size()) != magic)
        return refused(what + ": no LUKS2 header, expected one");
    if (header.version != kVersion)
        return refused(what + ": version " + std::to_string(header.version) + ", expected " + std::to_string(kVersion));
    if (header.header_size != kHeaderSize)
        return refused(what + ": size " + std::to_string(header.header_size) + ", expected " +
                       std::to_string(kHeaderSize));
    if (header.header_offset != offset)
        return refused(what + ": offset " + std::to_string(header.header_offset) + ", expected " +
                       std::to_string(offset));
    if (text_of(header.checksum_algorithm) != kChecksum)
        return refused(what + ": checksum '" + std::string(text_of(header.checksum_algorithm)) + "', expected '" +
                       std::string(kChecksum) + "'");
    HALLMARK_TRY(copy.metadata, reader.bytes(kHeaderSize - sizeof(BinaryHeader)));
    HALLMARK_CHECK(check_checksum(copy, what));
    return copy;
}

Status check_same(const Copy& first, const Copy& second) {
    const BinaryHeader& one = first.header;
    const BinaryHeader& other = second.header;
    if (one.sequence != other.sequence)
        return refused("LUKS2 header: sequence number " + std::to_string(one.sequence) + ", in its second copy " +
                       std::to_string(other.sequence) + "; expected the same");
    if (one.uuid != other.uuid || one.label != other.label || one.subsystem != other.subsystem)
        return refused("LUKS2 header: its second copy has another UUID, label or subsystem, expected the same");
    if (!std::ranges::equal(first.metadata, second.metadata))
        return refused("LUKS2 header: its second copy has other metadata, expected the same");
    return {};
}

}  // namespace

Result<Header> parse_header(ByteSpan device) {
    Reader reader(device, "LUKS2 header");
    HALLMARK_TRY(const Copy first, read_copy(reader, kFirstMagic, "LUKS2 header"));
    HALLMARK_TRY(const Copy second, read_copy(reader, kSecondMagic, "LUKS2 header, second copy"));
    HALLMARK_CHECK(check_same(first, second));
    const auto end = std::ranges::find(first.metadata, std::uint8_t{0});
    const auto size = static_cast<std::size_t>(end - first.metadata.begin());
    if (end == first.metadata.end() || !is_zero(first.metadata.subspan(size)))
        return refused("LUKS2 header: its metadata goes on behind a zero byte or has none, expected text, then zeros");
    const std::string_view text(reinterpret_cast<const char*>(first.metadata.data()), size);
    auto metadata = parse_json(text, "LUKS2 header");
    if (!metadata) return refused(std::move(metadata).error().message);
    return Header{.sequence = first.header.sequence, .metadata = std::move(*metadata)};
}

}  // namespace hallmark::storage::luks2
