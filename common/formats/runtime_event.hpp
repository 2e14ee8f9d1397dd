// SPDX-License-Identifier: Apache-2.0
// An entry of the attestation agent's event log (AAEL): what software in a running guest had measured, as a record of
// the guest's log.
// Source: Confidential Containers, guest-components, "Attestation Agent Event Log" (AAEL), revision 8246e5e; TCG PC
// Client Platform Firmware Profile 1.06, section 10.4.2.1 (TCG_PCClientTaggedEvent).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/bytes.hpp"
#include "common/endian.hpp"
#include "common/formats/event_log_writer.hpp"
#include "common/result.hpp"

namespace hallmark::runtime_event {

/// What the data of every entry begins with; its text follows.
struct Header {
    Le32 tag;        // 0
    Le32 text_size;  // 4, in bytes
};
static_assert(sizeof(Header) == 8 && alignof(Header) == 1 && offsetof(Header, text_size) == 4);

constexpr std::uint32_t kTag = 0x4141454c;  ///< "LEAA" in the log's bytes

/// The record of a text: its data is tagged, its digest is that of the whole data.
[[nodiscard]] event_log::Record record_of(std::uint32_t register_index, std::string_view text);

/// The text in a record's data, which must be tagged as above.
Result<std::string> text_in(ByteSpan data);

}  // namespace hallmark::runtime_event
