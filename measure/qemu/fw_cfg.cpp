// SPDX-License-Identifier: Apache-2.0
#include "measure/qemu/fw_cfg.hpp"

#include <algorithm>
#include <array>

#include "common/endian.hpp"
#include "common/reader.hpp"

namespace hallmark::qemu {
namespace {

using Be16 = Be<std::uint16_t>;
using Be64 = Be<std::uint64_t>;

constexpr std::uint16_t kDirectory = 0x19;
constexpr std::uint32_t kMostFiles = 1024;
constexpr std::uint16_t kDmaHigh = 0x514;
constexpr std::uint16_t kDmaLow = 0x518;
constexpr std::uint32_t kRead = 1U << 1;
constexpr std::uint32_t kSelect = 1U << 3;
/// Where in the guest's memory the request is put, with the answer behind it. Nothing else is there: no code runs.
constexpr std::uint64_t kRequestAt = 0x1000000;

/// FWCfgDmaAccess
struct DmaAccess {
    Be32 control;
    Be32 length;
    Be64 address;
};
static_assert(sizeof(DmaAccess) == 16 && offsetof(DmaAccess, length) == 4 && offsetof(DmaAccess, address) == 8);

/// FWCfgFile
struct Entry {
    Be32 size;                    // 00
    Be16 select;                  // 04
    Be16 reserved_06;             // 06
    std::array<char, 56> name{};  // 08, NUL behind it
};
static_assert(sizeof(Entry) == kEntrySize && alignof(Entry) == 1);
static_assert(offsetof(Entry, select) == 4 && offsetof(Entry, reserved_06) == 6 && offsetof(Entry, name) == 8);

/// One item by DMA: the port takes the request's address, high half first, in big-endian order.
Result<Bytes> read_item(Qtest& qtest, std::uint16_t item, std::uint32_t size) {
    DmaAccess access;
    access.control = (std::uint32_t{item} << 16) | kSelect | kRead;
    access.length = size;
    access.address = kRequestAt + sizeof access;
    HALLMARK_CHECK(qtest.write(kRequestAt, as_bytes(access)));
    HALLMARK_CHECK(qtest.out(kDmaHigh, 0));
    HALLMARK_CHECK(qtest.out(kDmaLow, __builtin_bswap32(static_cast<std::uint32_t>(kRequestAt))));
    HALLMARK_TRY(const Bytes control, qtest.read(kRequestAt, sizeof(Be32)));
    if (!all_zero(control)) return bad_input("fw_cfg: a transfer failed, expected a machine with fw_cfg and memory");
    return qtest.read(kRequestAt + sizeof access, size);
}

}  // namespace

Result<std::vector<FwCfgFile>> parse_directory(ByteSpan entries) {
    std::vector<FwCfgFile> files;
    Reader reader(entries, "fw_cfg directory");
    while (reader.remaining() != 0) {
        HALLMARK_TRY(const Entry entry, reader.structure<Entry>());
        const auto end = std::ranges::find(entry.name, '\0');
        files.push_back({std::string(entry.name.begin(), end), entry.select, entry.size});
    }
    return files;
}

Result<std::uint32_t> entry_count(ByteSpan count) {
    HALLMARK_TRY(const Be32 value, Reader(count, "fw_cfg directory").structure<Be32>());
    if (value > kMostFiles)
        return bad_input("fw_cfg directory: " + std::to_string(value.get()) + " files, expected at most " +
                         std::to_string(kMostFiles));
    return value.get();
}

Result<std::vector<FwCfgFile>> read_directory(Qtest& qtest) {
    HALLMARK_TRY(const Bytes first, read_item(qtest, kDirectory, sizeof(Be32)));
    HALLMARK_TRY(const std::uint32_t count, entry_count(first));
    const auto size = static_cast<std::uint32_t>(sizeof(Be32) + count * sizeof(Entry));
    HALLMARK_TRY(const Bytes all, read_item(qtest, kDirectory, size));
    return parse_directory(ByteSpan(all).subspan(sizeof(Be32)));
}

Result<Bytes> read_fw_cfg(Qtest& qtest, const std::vector<FwCfgFile>& directory, const std::string& name) {
    const auto found = std::ranges::find(directory, name, &FwCfgFile::name);
    if (found == directory.end()) return bad_input("fw_cfg: no file " + name + ", expected one; is ACPI off?");
    if (found->size > kLargestFile)
        return bad_input("fw_cfg: file " + name + " of " + std::to_string(found->size) + " bytes, expected at most " +
                         std::to_string(kLargestFile));
    if (found->size == 0) return Bytes{};
    return read_item(qtest, found->item, found->size);
}

}  // namespace hallmark::qemu
