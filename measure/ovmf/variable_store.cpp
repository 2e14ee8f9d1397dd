// SPDX-License-Identifier: Apache-2.0
#include "measure/ovmf/variable_store.hpp"

#include <algorithm>
#include <array>

#include "common/endian.hpp"
#include "common/hex.hpp"
#include "common/reader.hpp"

namespace hallmark::ovmf {
namespace {

constexpr Guid kNvStorage = guid("fff12b8d-7696-4c8b-a985-2747075b4f50");
constexpr Guid kAuthenticatedStore = guid("aaf32c78-947b-439a-a180-2e144ec37792");
constexpr std::uint32_t kVolumeSignature = 0x4856465f;  // "_FVH"
constexpr std::uint16_t kVariableStart = 0x55aa;
constexpr std::uint8_t kAdded = 0x3f;         // VAR_ADDED
constexpr std::uint8_t kBeingDeleted = 0x3e;  // VAR_ADDED & VAR_IN_DELETED_TRANSITION: counts unless replaced
constexpr std::uint8_t kFormatted = 0x5a;
constexpr std::uint8_t kHealthy = 0xfe;
constexpr std::size_t kMostVariables = 1024;  // each is compared with all others

/// EFI_FIRMWARE_VOLUME_HEADER without its block map.
struct VolumeHeader {
    std::array<std::uint8_t, 16> zero_vector{};  // 00
    Guid file_system;                            // 10
    Le64 length;                                 // 20
    Le32 signature;                              // 28
    Le32 attributes;                             // 2c
    Le16 header_length;                          // 30
    Le16 checksum;                               // 32
    Le16 extended_offset;                        // 34
    std::uint8_t reserved_36 = 0;                // 36
    std::uint8_t revision = 0;                   // 37
};
static_assert(sizeof(VolumeHeader) == 56 && offsetof(VolumeHeader, file_system) == 0x10);
static_assert(offsetof(VolumeHeader, length) == 0x20 && offsetof(VolumeHeader, signature) == 0x28);
static_assert(offsetof(VolumeHeader, header_length) == 0x30 && offsetof(VolumeHeader, revision) == 0x37);

/// VARIABLE_STORE_HEADER
struct StoreHeader {
    Guid format_guid;         // 00
    Le32 size;                // 10
    std::uint8_t format = 0;  // 14
    std::uint8_t state = 0;   // 15
    Le16 reserved_16;         // 16
    Le32 reserved_18;         // 18
};
static_assert(sizeof(StoreHeader) == 28 && offsetof(StoreHeader, size) == 16 && offsetof(StoreHeader, format) == 20);
static_assert(offsetof(StoreHeader, state) == 21 && offsetof(StoreHeader, reserved_16) == 22);

/// AUTHENTICATED_VARIABLE_HEADER
struct VariableHeader {
    Le16 start;                           // 00
    std::uint8_t state = 0;               // 02
    std::uint8_t reserved_03 = 0;         // 03
    Le32 attributes;                      // 04
    Le64 monotonic_count;                 // 08
    std::array<std::uint8_t, 16> time{};  // 10
    Le32 public_key_index;                // 20
    Le32 name_size;                       // 24, in bytes
    Le32 data_size;                       // 28
    Guid vendor;                          // 2c
};
static_assert(sizeof(VariableHeader) == 60 && offsetof(VariableHeader, state) == 2);
static_assert(offsetof(VariableHeader, attributes) == 4 && offsetof(VariableHeader, monotonic_count) == 8);
static_assert(offsetof(VariableHeader, time) == 16 && offsetof(VariableHeader, public_key_index) == 32);
static_assert(offsetof(VariableHeader, name_size) == 36 && offsetof(VariableHeader, data_size) == 40);
static_assert(offsetof(VariableHeader, vendor) == 44);

/// The variables' own bytes: behind both headers, up to the store's end.
Result<ByteSpan> find_variables(ByteSpan volume, const std::string& what, std::size_t& offset) {
    Reader reader(volume, what);
    HALLMARK_TRY(const VolumeHeader header, reader.structure<VolumeHeader>());
    if (header.signature != kVolumeSignature || header.file_system != kNvStorage)
        return bad_input(what + ": no volume of variables (signature " + hex_number(header.signature) +
                         ", file system " + header.file_system.text() + "), expected _FVH and " + kNvStorage.text());
    if (header.header_length < sizeof header || header.header_length > volume.size())
        return bad_input(what + ": offset 0x30: header of " + std::to_string(header.header_length.get()) + " bytes");
    reader = Reader(volume.subspan(header.header_length), what, header.header_length);
    HALLMARK_TRY(const StoreHeader store, reader.structure<StoreHeader>());
    const auto place = what + ": offset " + hex_number(header.header_length) + ": variable store ";
    if (store.format_guid != kAuthenticatedStore)
        return bad_input(place + store.format_guid.text() + ", expected " + kAuthenticatedStore.text());
    if (store.format != kFormatted || store.state != kHealthy)
        return bad_input(place + "of state " + hex_number(store.state) + ", expected a formatted and healthy one");
    if (store.size < sizeof store)
        return bad_input(place + "of " + std::to_string(store.size.get()) + " bytes, expected at least 28");
    offset = reader.offset();
    return reader.bytes(store.size - sizeof store);
}

std::string ascii_of(ByteSpan name) {
    std::string text;
    for (std::size_t i = 0; i + 1 < name.size() && name[i] != 0; i += 2)
        text.push_back(name[i + 1] == 0 ? static_cast<char>(name[i]) : '?');
    return text;
}

void put(std::vector<StoredVariable>& variables, const StoredVariable& variable, bool replaces) {
    const auto found = std::ranges::find_if(variables, [&](const StoredVariable& other) {
        return other.vendor == variable.vendor && other.name == variable.name;
    });
    if (found == variables.end())
        variables.push_back(variable);
    else if (replaces)
        *found = variable;
}

}  // namespace

Result<std::vector<StoredVariable>> parse_variable_store(ByteSpan volume, const std::string& what) {
    std::size_t base = 0;
    HALLMARK_TRY(const ByteSpan bytes, find_variables(volume, what, base));
    Reader reader(bytes, what, base);
    std::vector<StoredVariable> variables;
    while (reader.remaining() >= sizeof(VariableHeader)) {
        HALLMARK_TRY(const VariableHeader header, reader.structure<VariableHeader>());
        if (header.start != kVariableStart) break;  // 0xffff: the free space behind the last one
        HALLMARK_TRY(const ByteSpan name, reader.bytes(header.name_size));
        HALLMARK_TRY(const ByteSpan data, reader.bytes(header.data_size));
        if (header.state == kAdded || header.state == kBeingDeleted)
            put(variables, {header.vendor, ascii_of(name), data}, header.state == kAdded);
        if (variables.size() > kMostVariables)
            return bad_input(what + ": more than " + std::to_string(kMostVariables) + " variables");
        const auto filling = (4 - (reader.offset() - base) % 4) % 4;
        if (filling > reader.remaining()) break;
        HALLMARK_TRY([[maybe_unused]] const ByteSpan filled, reader.bytes(filling));
    }
    return variables;
}

const StoredVariable* find_variable(const std::vector<StoredVariable>& variables, const Guid& vendor,
                                    std::string_view name) {
    const auto found = std::ranges::find_if(
        variables, [&](const StoredVariable& one) { return one.vendor == vendor && one.name == name; });
    return found == variables.end() ? nullptr : &*found;
}

}  // namespace hallmark::ovmf
