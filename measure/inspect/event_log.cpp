// SPDX-License-Identifier: Apache-2.0
#include "measure/inspect/event_log.hpp"

#include <algorithm>

#include "common/formats/event_log.hpp"
#include "common/formats/event_replay.hpp"
#include "common/guid.hpp"
#include "common/hex.hpp"
#include "common/reader.hpp"
#include "measure/inspect/format.hpp"

namespace hallmark::inspect {
namespace {

using event_log::Event;
using event_log::EventLog;
using event_log::EventType;

/// UEFI_VARIABLE_DATA up to the name (TCG PC Client Platform Firmware Profile 1.06, section 10.2.6).
struct VariableHeader {
    Guid vendor;
    Le64 name_length;  ///< in UTF-16 characters
    Le64 data_size;    ///< in bytes
};
static_assert(sizeof(VariableHeader) == 32 && offsetof(VariableHeader, data_size) == 24);

/// TCG_PCClientTaggedEvent up to its data.
struct TagHeader {
    Le32 id;
    Le32 size;
};
static_assert(sizeof(TagHeader) == 8 && offsetof(TagHeader, size) == 4);

/// The ASCII characters of UTF-16, the others as '?'.
std::string from_utf16(ByteSpan bytes) {
    std::string text;
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2)
        text += bytes[i + 1] == 0 && bytes[i] >= 0x20 && bytes[i] < 0x7f ? static_cast<char>(bytes[i]) : '?';
    return text;
}

/// Text where all of it is printable, but for NULs at the end.
std::string plain_text(ByteSpan bytes) {
    while (!bytes.empty() && bytes.back() == 0) bytes = bytes.first(bytes.size() - 1);
    if (!std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte >= 0x20 && byte < 0x7f; })) return {};
    return {bytes.begin(), bytes.end()};
}

std::string variable_name(ByteSpan data) {
    Reader reader(data, "");
    const auto header = reader.structure<VariableHeader>();
    if (!header || header->name_length > reader.remaining() / 2) return {};
    const auto name = reader.bytes(2 * static_cast<std::size_t>(header->name_length.get()));
    return name ? from_utf16(*name) : std::string();
}

std::string tag_text(ByteSpan data) {
    Reader reader(data, "");
    const auto header = reader.structure<TagHeader>();
    if (!header) return {};
    const auto rest = reader.bytes(std::min<std::size_t>(header->size, reader.remaining()));
    return hex_number(header->id, 8) + " " + (rest ? plain_text(*rest) : std::string());
}

std::string bank_name(event_log::Algorithm algorithm) {
    const auto name = event_log::algorithm_name(algorithm);
    return name ? std::string(*name) : hex_number(static_cast<std::uint16_t>(algorithm), 4);
}

Json describe_event(const Event& event, const EventLog& log) {
    Json json = {{"offset", hex_number(event.offset)},
                 {"register", event.register_index},
                 {"type", event_type_name(event.type)}};
    if (const auto words = in_words(event); !words.empty()) json["text"] = words;
    for (std::size_t i = 0; i < log.banks.size(); ++i)
        if (!event.digests[i].empty()) json["digests"][bank_name(log.banks[i].algorithm)] = to_hex(event.digests[i]);
    json["data"] = to_hex(event.data);
    return json;
}

Result<Json> describe(ByteSpan bytes, const std::string& what) {
    HALLMARK_TRY(const EventLog log, event_log::parse_event_log(bytes, what));
    Json json = {{"size", log.size}, {"vendor_info", to_hex(log.vendor_info)}, {"banks", Json::array()}};
    json["events"] = Json::array();
    for (const auto& event : log.events) json["events"].push_back(describe_event(event, log));
    json["registers"] = Json::object();
    for (const auto& bank : log.banks) {
        const auto name = bank_name(bank.algorithm);
        json["banks"].push_back(name);
        // A bank of another algorithm, or one that some event lacks, is shown without.
        const auto registers = event_log::replay(log, bank.algorithm, what);
        if (!registers) continue;
        for (const auto& [index, value] : *registers) json["registers"][name][std::to_string(index)] = to_hex(value);
    }
    return json;
}

}  // namespace

std::string in_words(const Event& event) {
    switch (event.type) {
        case EventType::kEfiVariableDriverConfig:
        case EventType::kEfiVariableBoot:
        case EventType::kEfiVariableBoot2:
        case EventType::kEfiVariableAuthority:
            return variable_name(event.data);
        case EventType::kEventTag:
            return tag_text(event.data);
        case EventType::kIpl:
            if (const auto text = plain_text(event.data); !text.empty()) return text;
            return from_utf16(event.data.size() >= 2 ? event.data.first(event.data.size() - 2) : event.data);
        default:
            return plain_text(event.data);
    }
}

const Format kEventLog{.name = "event-log",
                       .title = "event log of measured boot, of a TPM or a confidential guest (CCEL)",
                       .recognise = event_log::is_event_log,
                       .describe = describe};

}  // namespace hallmark::inspect
