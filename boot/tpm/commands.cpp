// SPDX-License-Identifier: Apache-2.0
#include "boot/tpm/commands.hpp"

#include <array>
#include <cstring>
#include <string>

#include "common/digest.hpp"
#include "common/hex.hpp"

namespace hallmark::boot::tpm {
namespace {

constexpr std::uint16_t kNoSessions = 0x8001;
constexpr std::uint32_t kPcrRead = 0x17e;

/// One bank and one bit for each of 24 PCRs.
struct Selection {
    Be<std::uint32_t> count = 1U;            // 00
    Be<std::uint16_t> bank;                  // 04
    std::uint8_t size = 3;                   // 06: of the bits, in bytes
    std::array<std::uint8_t, 3> selected{};  // 07
};
static_assert(sizeof(Selection) == 10 && offsetof(Selection, bank) == 4 && offsetof(Selection, selected) == 7);

struct PcrReadCommand {
    Header header;        // 00
    Selection selection;  // 0a
};
static_assert(sizeof(PcrReadCommand) == 20);

/// As far as it is there whenever a value is.
struct PcrReadResponse {
    Header header;                     // 00
    Be<std::uint32_t> update_counter;  // 0a
    Selection selection;               // 0e
    Be<std::uint32_t> values;          // 18: how many follow
    Be<std::uint16_t> value_size;      // 1c
};
static_assert(sizeof(PcrReadResponse) == 0x1e && offsetof(PcrReadResponse, values) == 0x18);

std::size_t size_of(Algorithm bank) { return bank == Algorithm::kSha384 ? sizeof(Sha384) : sizeof(Sha256); }

}  // namespace

Bytes read_pcr(Algorithm bank, unsigned pcr) {
    PcrReadCommand command;
    command.header.tag = kNoSessions;
    command.header.size = static_cast<std::uint32_t>(sizeof command);
    command.header.code = kPcrRead;
    command.selection.bank = static_cast<std::uint16_t>(bank);
    command.selection.selected.at(pcr / 8) = static_cast<std::uint8_t>(1U << (pcr % 8));
    const ByteSpan bytes = as_bytes(command);
    return {bytes.begin(), bytes.end()};
}

Result<Bytes> pcr_value(ByteSpan response, Algorithm bank) {
    Header header;
    if (response.size() < sizeof header)
        return refused("TPM: an answer of " + std::to_string(response.size()) + " bytes");
    std::memcpy(&header, response.data(), sizeof header);
    if (header.code != 0) return refused("TPM: response code " + hex_number(header.code) + " to a reading of a PCR");
    PcrReadResponse answer;
    // Without that bank the selection comes back empty, and no value follows.
    if (response.size() != sizeof answer + size_of(bank))
        return refused("TPM: has no PCR in the bank that was asked for");
    std::memcpy(&answer, response.data(), sizeof answer);
    if (answer.values != 1 || answer.value_size != size_of(bank))
        return refused("TPM: answers with " + std::to_string(answer.values) + " values, expected one");
    const ByteSpan value = response.subspan(sizeof answer);
    return Bytes(value.begin(), value.end());
}

}  // namespace hallmark::boot::tpm
