// SPDX-License-Identifier: Apache-2.0
#include "measure/snp/kernel_hashes.hpp"

#include <algorithm>
#include <cassert>

namespace hallmark::snp {
namespace {

constexpr Guid kHeader = guid("9438d606-4f22-4cc9-b479-a793d411fd21");
constexpr Guid kCommandLine = guid("97d02dd8-bd20-4c94-aa78-e7714d36ab2a");
constexpr Guid kInitrd = guid("44baf731-3a2f-4bd7-9af1-41e29169781d");
constexpr Guid kKernel = guid("4de79437-abd2-427f-b835-d5b172d2045b");

HashTableEntry entry(const Guid& guid, const Sha256& hash) {
    return {guid, static_cast<std::uint16_t>(sizeof(HashTableEntry)), hash};
}

}  // namespace

Sha256 hash_command_line(std::string_view text) {
    static constexpr std::uint8_t kNul = 0;
    Hasher<Sha256> hasher;
    hasher.update(as_bytes(text));
    hasher.update({&kNul, 1});
    return hasher.finish();
}

Sha256 hash_no_initrd() { return sha256({}); }

HashTable hash_table(const KernelHashes& hashes) {
    HashTable table;
    table.guid = kHeader;
    table.length = static_cast<std::uint16_t>(offsetof(HashTable, padding));
    table.command_line = entry(kCommandLine, hashes.command_line);
    table.initrd = entry(kInitrd, hashes.initrd);
    table.kernel = entry(kKernel, hashes.kernel);
    return table;
}

std::array<std::uint8_t, 4096> hash_page(const KernelHashes& hashes, std::uint64_t table_gpa) {
    std::array<std::uint8_t, 4096> page{};
    const auto table = hash_table(hashes);
    const auto offset = static_cast<std::size_t>(table_gpa % page.size());
    assert(offset + sizeof table <= page.size());
    std::ranges::copy(as_bytes(table), page.begin() + static_cast<std::ptrdiff_t>(offset));
    return page;
}

}  // namespace hallmark::snp
