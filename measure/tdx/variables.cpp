// SPDX-License-Identifier: Apache-2.0
#include "measure/tdx/variables.hpp"

#include "common/endian.hpp"

namespace hallmark::tdx {
namespace {

struct VariableHeader {
    Guid vendor;       // 00
    Le64 name_length;  // 10, in characters
    Le64 data_length;  // 18, in bytes
};
static_assert(sizeof(VariableHeader) == 32 && offsetof(VariableHeader, name_length) == 16);
static_assert(offsetof(VariableHeader, data_length) == 24);

struct LoadOptionHeader {
    Le32 attributes;   // 0
    Le16 path_length;  // 4, in bytes
};
static_assert(sizeof(LoadOptionHeader) == 6 && offsetof(LoadOptionHeader, path_length) == 4);

/// MEDIA_FW_VOL_DEVICE_PATH and MEDIA_FW_VOL_FILEPATH_DEVICE_PATH
struct FirmwareNode {
    std::uint8_t type = 0x04;         // 0: media
    std::uint8_t subtype = 0;         // 1
    Le16 length = std::uint16_t{20};  // 2
    Guid name;                        // 4
};
static_assert(sizeof(FirmwareNode) == 20 && offsetof(FirmwareNode, subtype) == 1 &&
              offsetof(FirmwareNode, length) == 2);
static_assert(offsetof(FirmwareNode, name) == 4);

constexpr std::uint8_t kFirmwareFile = 0x06;
constexpr std::uint8_t kFirmwareVolume = 0x07;
constexpr std::array<std::uint8_t, 4> kEndOfPath = {0x7f, 0xff, 0x04, 0x00};

}  // namespace

Bytes utf16(std::string_view text) {
    Bytes bytes;
    bytes.reserve(2 * text.size());
    for (const auto c : text) {
        bytes.push_back(static_cast<std::uint8_t>(c));
        bytes.push_back(0);
    }
    return bytes;
}

Bytes variable_data(const Guid& vendor, std::string_view name, ByteSpan data) {
    VariableHeader header;
    header.vendor = vendor;
    header.name_length = name.size();
    header.data_length = data.size();
    Bytes bytes;
    append(bytes, as_bytes(header));
    append(bytes, utf16(name));
    append(bytes, data);
    return bytes;
}

Bytes load_option(const FirmwareApplication& application) {
    FirmwareNode volume;
    volume.subtype = kFirmwareVolume;
    volume.name = application.volume;
    FirmwareNode file;
    file.subtype = kFirmwareFile;
    file.name = application.file;
    LoadOptionHeader header;
    header.attributes = application.attributes;
    header.path_length = std::uint16_t{sizeof volume + sizeof file + kEndOfPath.size()};
    Bytes bytes;
    append(bytes, as_bytes(header));
    append(bytes, utf16(application.description));
    append(bytes, Bytes(2));
    append(bytes, as_bytes(volume));
    append(bytes, as_bytes(file));
    append(bytes, kEndOfPath);
    return bytes;
}

Bytes boot_order(std::uint16_t count) {
    Bytes bytes;
    for (std::uint16_t i = 0; i < count; ++i) {
        bytes.push_back(static_cast<std::uint8_t>(i));
        bytes.push_back(static_cast<std::uint8_t>(i >> 8));
    }
    return bytes;
}

}  // namespace hallmark::tdx
