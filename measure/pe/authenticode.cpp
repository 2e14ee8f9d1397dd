// SPDX-License-Identifier: Apache-2.0
#include "measure/pe/authenticode.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace hallmark::pe {
namespace {

/// The headers without the checksum and, where there is one, without the entry that names the certificates.
template <class Digest>
void add_headers(Hasher<Digest>& hasher, ByteSpan image, const PeFile& file) {
    const auto headers = image.first(file.headers_size);
    hasher.update(headers.first(file.checksum_offset));
    auto from = file.checksum_offset + sizeof(Le32);
    if (file.certificate_entry) {
        hasher.update(headers.subspan(from, *file.certificate_entry - from));
        from = *file.certificate_entry + sizeof(DataDirectory);
    }
    hasher.update(headers.subspan(from));
}

/// The sections' bytes by their place in the file; returns how many that were.
template <class Digest>
std::size_t add_sections(Hasher<Digest>& hasher, const PeFile& file) {
    std::vector<const Section*> order;
    for (const auto& section : file.sections)
        if (!section.raw.empty()) order.push_back(&section);
    // Of equal places the first of the table comes first.
    std::ranges::sort(order, {}, [](const Section* section) { return std::pair(section->raw_offset, section); });
    std::size_t size = 0;
    for (const auto* section : order) {
        hasher.update(section->raw);
        size += section->raw.size();
    }
    return size;
}

template <class Digest>
Result<Digest> parse_and_digest(ByteSpan image, const std::string& what) {
    HALLMARK_TRY(const PeFile file, parse_pe(image, what));
    return authenticode<Digest>(image, file, what);
}

}  // namespace

template <class Digest>
Result<Digest> authenticode(ByteSpan image, const PeFile& file, const std::string& what) {
    Hasher<Digest> hasher;
    add_headers(hasher, image, file);
    // Parsing made sure that this doesn't exceed the file.
    const auto hashed = file.headers_size + add_sections(hasher, file);
    // What stands behind the sections is hashed too, except that the signature is taken off its end. The place is
    // counted, not looked up: so the specification has it, and firmware does it.
    const auto rest = image.size() - hashed;
    if (file.certificate_size > rest)
        return bad_input(what + ": certificate table of " + std::to_string(file.certificate_size) +
                         " bytes, expected at most the " + std::to_string(rest) +
                         " that stand behind headers and sections; the file may be cut short");
    hasher.update(image.subspan(hashed, rest - file.certificate_size));
    return hasher.finish();
}

template Result<Sha256> authenticode<Sha256>(ByteSpan, const PeFile&, const std::string&);
template Result<Sha384> authenticode<Sha384>(ByteSpan, const PeFile&, const std::string&);

Result<Sha256> authenticode_sha256(ByteSpan image, const std::string& what) {
    return parse_and_digest<Sha256>(image, what);
}

Result<Sha384> authenticode_sha384(ByteSpan image, const std::string& what) {
    return parse_and_digest<Sha384>(image, what);
}

}  // namespace hallmark::pe
