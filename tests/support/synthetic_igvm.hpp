// SPDX-License-Identifier: Apache-2.0
// IGVM files for tests, in memory. The integration tests have a writer of their own.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "common/bytes.hpp"
#include "measure/igvm/format.hpp"

namespace hallmark::test {

/// The CRC-32 of gzip, bit by bit.
inline std::uint32_t slow_crc32(ByteSpan bytes) {
    std::uint32_t crc = 0xffffffff;
    for (const auto byte : bytes) {
        crc ^= byte;
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc % 2 != 0 ? 0xedb88320U : 0U);
    }
    return ~crc;
}

/// Writes size and checksum into the fixed header of a file of version 1 whose headers follow it.
inline void seal_igvm(Bytes& file) {
    igvm::FixedHeader fixed;
    if (file.size() < sizeof fixed) return;
    std::memcpy(static_cast<void*>(&fixed), file.data(), sizeof fixed);
    fixed.total_file_size = static_cast<std::uint32_t>(file.size());
    fixed.checksum = 0U;
    std::memcpy(file.data(), &fixed, sizeof fixed);
    const auto end = std::uint64_t{sizeof fixed} + fixed.variable_header_size;
    if (end > file.size()) return;
    fixed.checksum = slow_crc32(ByteSpan(file).first(static_cast<std::size_t>(end)));
    std::memcpy(file.data(), &fixed, sizeof fixed);
}

class IgvmWriter {
public:
    template <class T>
    IgvmWriter& add(igvm::HeaderType type, const T& structure) {
        const igvm::VariableHeader header{static_cast<std::uint32_t>(type), static_cast<std::uint32_t>(sizeof(T))};
        append(headers_, as_bytes(header));
        append(headers_, as_bytes(structure));
        headers_.resize((headers_.size() + 7) / 8 * 8);
        return *this;
    }
    IgvmWriter& platform(std::uint32_t mask, igvm::PlatformType type) {
        return add(
            igvm::HeaderType::kSupportedPlatform,
            igvm::SupportedPlatform{
                .compatibility_mask = mask, .type = type, .version = std::uint16_t{1}, .shared_gpa_boundary = {}});
    }
    IgvmWriter& page(std::uint64_t gpa, std::uint32_t mask, std::uint32_t flags = 0, std::uint16_t type = 0) {
        return add(igvm::HeaderType::kPageData, igvm::PageData{.gpa = gpa,
                                                               .compatibility_mask = mask,
                                                               .file_offset = {},
                                                               .flags = flags,
                                                               .data_type = type,
                                                               .reserved_16 = {}});
    }
    /// The file, with `data` behind its headers.
    [[nodiscard]] Bytes bytes(ByteSpan data = {}) const {
        igvm::FixedHeader fixed;
        fixed.magic = igvm::kMagic;
        fixed.format_version = 1U;
        fixed.variable_header_offset = static_cast<std::uint32_t>(sizeof fixed);
        fixed.variable_header_size = static_cast<std::uint32_t>(headers_.size());
        Bytes file;
        append(file, as_bytes(fixed));
        append(file, headers_);
        append(file, data);
        seal_igvm(file);
        return file;
    }

private:
    Bytes headers_;
};

}  // namespace hallmark::test
