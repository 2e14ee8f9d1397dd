// SPDX-License-Identifier: Apache-2.0
#include "common/formats/runtime_event.hpp"

#include "common/digest.hpp"
#include "common/hex.hpp"
#include "common/reader.hpp"

namespace hallmark::runtime_event {

event_log::Record record_of(std::uint32_t register_index, std::string_view text) {
    Header header;
    header.tag = kTag;
    header.text_size = static_cast<std::uint32_t>(text.size());
    event_log::Record record{.register_index = register_index, .type = event_log::EventType::kEventTag};
    append(record.data, as_bytes(header));
    append(record.data, as_bytes(text));
    record.digest = sha384(record.data);
    return record;
}

Result<std::string> text_in(ByteSpan data) {
    Reader reader(data, "runtime event");
    HALLMARK_TRY(const auto header, reader.structure<Header>());
    if (header.tag != kTag)
        return bad_input("runtime event: tag " + hex_number(header.tag, 8) + ", expected " + hex_number(kTag, 8));
    HALLMARK_TRY(const ByteSpan text, reader.bytes(header.text_size));
    HALLMARK_CHECK(reader.finished());
    return std::string(text.begin(), text.end());
}

}  // namespace hallmark::runtime_event
