// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/tdx/event_details.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "common/base64.hpp"
#include "common/endian.hpp"
#include "common/guid.hpp"
#include "common/hex.hpp"
#include "common/reader.hpp"

namespace hallmark::verifier {
namespace {

using event_log::EventType;

constexpr std::size_t kLongestText = 4096;      // of a string
constexpr std::size_t kLongestVariable = 1024;  // databases of certificates are longer, and nobody compares them here
constexpr std::size_t kMostNodes = 32;          // of a device path

/// UEFI_VARIABLE_DATA up to the name.
struct VariableHeader {
    Guid vendor;       // 00
    Le64 name_length;  // 10, in characters
    Le64 data_length;  // 18
};
static_assert(sizeof(VariableHeader) == 32 && offsetof(VariableHeader, name_length) == 16);
static_assert(offsetof(VariableHeader, data_length) == 24);

/// UEFI_IMAGE_LOAD_EVENT up to the device path.
struct ImageLoadHeader {
    Le64 location;           // 00
    Le64 length;             // 08
    Le64 link_time_address;  // 10
    Le64 path_length;        // 18
};
static_assert(sizeof(ImageLoadHeader) == 32 && offsetof(ImageLoadHeader, length) == 8);
static_assert(offsetof(ImageLoadHeader, link_time_address) == 16 && offsetof(ImageLoadHeader, path_length) == 24);

/// EFI_DEVICE_PATH_PROTOCOL
struct PathNode {
    std::uint8_t type = 0;      // 0
    std::uint8_t sub_type = 0;  // 1
    Le16 length;                // 2, of the whole node
};
static_assert(sizeof(PathNode) == 4 && offsetof(PathNode, sub_type) == 1 && offsetof(PathNode, length) == 2);

constexpr std::uint8_t kMediaPath = 0x04;
constexpr std::uint8_t kVendorMedia = 0x03;
constexpr std::uint8_t kFilePath = 0x04;
constexpr std::uint8_t kEndOfPath = 0x7f;

/// TCG_PCClientTaggedEvent
struct TaggedHeader {
    Le32 id;    // 0
    Le32 size;  // 4
};
static_assert(sizeof(TaggedHeader) == 8 && offsetof(TaggedHeader, size) == 4);

/// ASCII without control characters, which are left out; nothing where it is no ASCII or too long.
Json text_of(ByteSpan bytes) {
    if (bytes.size() > kLongestText) return {};
    std::string text;
    for (const auto byte : bytes) {
        if (byte >= 0x7f) return {};
        if (byte >= 0x20) text += static_cast<char>(byte);
    }
    return text;
}

/// UTF-16 in its bytes up to a NUL; what is no printable ASCII becomes a question mark.
std::string text_of_utf16(ByteSpan bytes) {
    std::string text;
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
        if (bytes[i] == 0 && bytes[i + 1] == 0) break;
        const bool printable = bytes[i + 1] == 0 && bytes[i] >= 0x20 && bytes[i] < 0x7f;
        text += printable ? static_cast<char>(bytes[i]) : '?';
    }
    return text;
}

/// Upper case, as UEFI writes a GUID in a device path.
std::string upper(std::string text) {
    for (char& c : text)
        if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
    return text;
}

std::string node_text(const PathNode& node, ByteSpan data) {
    if (node.type == kMediaPath && node.sub_type == kFilePath) return "File(" + text_of_utf16(data) + ")";
    if (node.type == kMediaPath && node.sub_type == kVendorMedia && data.size() >= sizeof(Guid)) {
        Guid vendor;
        std::memcpy(vendor.bytes.data(), data.data(), sizeof vendor);
        return "VenMedia(" + upper(vendor.text()) + "," + to_hex(data.subspan(sizeof vendor)) + ")";
    }
    return "Path(" + std::to_string(node.type) + "," + std::to_string(node.sub_type) + "," + to_hex(data) + ")";
}

/// The texts of a device path's nodes.
Result<Json> device_paths(ByteSpan path) {
    Json texts = Json::array();
    Reader reader(path, "device path");
    while (reader.remaining() > 0) {
        HALLMARK_TRY(const auto node, reader.structure<PathNode>());
        if (node.length < sizeof node || texts.size() == kMostNodes) return bad_input("device path");
        HALLMARK_TRY(const ByteSpan data, reader.bytes(node.length - sizeof node));
        if (node.type == kEndOfPath) break;
        texts.push_back(node_text(node, data));
    }
    return texts;
}

Result<Json> image_details(ByteSpan data) {
    Reader reader(data, "image load event");
    HALLMARK_TRY(const auto header, reader.structure<ImageLoadHeader>());
    if (header.path_length > kLongestText) return bad_input("image load event");
    HALLMARK_TRY(const ByteSpan path, reader.bytes(static_cast<std::size_t>(header.path_length)));
    Json details = Json::object();
    if (path.empty()) return details;
    HALLMARK_TRY(details["device_paths"], device_paths(path));
    return details;
}

/// A GUID's bytes as they stand, in the groups of its text: Trustee writes the names of variables so.
std::string grouped(const Guid& guid) {
    std::string text = to_hex(guid.bytes);
    for (const std::size_t at : {8U, 13U, 18U, 23U}) text.insert(at, 1, '-');
    return text;
}

Result<Json> variable_details(ByteSpan data) {
    Reader reader(data, "variable");
    HALLMARK_TRY(const auto header, reader.structure<VariableHeader>());
    if (header.name_length > kLongestText) return bad_input("variable");
    HALLMARK_TRY(const ByteSpan name, reader.bytes(2 * static_cast<std::size_t>(header.name_length)));
    Json details = Json::object();
    details["unicode_name"] = text_of_utf16(name);
    details["unicode_name_length"] = header.name_length.get();
    if (header.data_length <= kLongestVariable) {
        HALLMARK_TRY(const ByteSpan value, reader.bytes(static_cast<std::size_t>(header.data_length)));
        details["variable_data"] = to_base64(value);
    }
    details["variable_data_length"] = header.data_length.get();
    details["variable_name"] = grouped(header.vendor);
    return details;
}

Result<Json> string_details(ByteSpan bytes) {
    Json details = Json::object();
    Json text = text_of(bytes);
    if (!text.is_null()) details["string"] = std::move(text);
    return details;
}

/// One byte of length, then that many of text.
Result<Json> counted_details(ByteSpan data) {
    Reader reader(data, "description");
    HALLMARK_TRY(const ByteSpan size, reader.bytes(1));
    HALLMARK_TRY(const ByteSpan text, reader.bytes(size[0]));
    return string_details(text);
}

Result<Json> tagged_details(ByteSpan data) {
    Reader reader(data, "tagged event");
    HALLMARK_TRY(const auto header, reader.structure<TaggedHeader>());
    HALLMARK_TRY(const ByteSpan text, reader.bytes(header.size));
    return string_details(text);
}

/// A manufacturer's own; where it is no text, an empty one. td-shim has 0x10 between name and value.
Result<Json> platform_details(ByteSpan data) {
    Bytes bytes(data.begin(), data.end());
    for (auto& byte : bytes)
        if (byte == 0x10) byte = ' ';
    Json text = text_of(bytes);
    return Json{{"string", text.is_null() ? Json("") : std::move(text)}};
}

Result<Json> details_of(const event_log::Event& event) {
    switch (event.type) {
        case EventType::kEfiBootServicesApplication:
            return image_details(event.data);
        case EventType::kEfiVariableDriverConfig:
        case EventType::kEfiVariableBoot:
        case EventType::kEfiVariableBoot2:
        case EventType::kEfiVariableAuthority:
            return variable_details(event.data);
        case EventType::kEfiHandoffTables2:
        case EventType::kEfiPlatformFirmwareBlob2:
            return counted_details(event.data);
        case EventType::kEventTag:
            return tagged_details(event.data);
        case EventType::kPlatformConfigFlags:
            return platform_details(event.data);
        case EventType::kPostCode:
        case EventType::kAction:
        case EventType::kCompactHash:
        case EventType::kIpl:
        case EventType::kOmitBootDeviceEvents:
        case EventType::kEfiAction:
            return string_details(event.data);
        default:
            return Json::object();
    }
}

}  // namespace

Json event_details(const event_log::Event& event) { return details_of(event).value_or(Json::object()); }

}  // namespace hallmark::verifier
