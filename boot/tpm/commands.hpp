// SPDX-License-Identifier: Apache-2.0
// The one command that we give a TPM ourselves: TPM2_PCR_Read.
// Source: TCG "Trusted Platform Module Library", family 2.0, level 00, revision 01.59: part 1, section 18 (headers);
// part 2, sections 6.3, 6.5.2 and 10.9.7; part 3, section 22.4. All integers are big-endian.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/bytes.hpp"
#include "common/endian.hpp"
#include "common/formats/event_log.hpp"
#include "common/result.hpp"

namespace hallmark::boot::tpm {

using event_log::Algorithm;

struct Header {
    Be<std::uint16_t> tag;   // 00
    Be<std::uint32_t> size;  // 02: of the whole command or response
    Be<std::uint32_t> code;  // 06: command code, or response code
};
static_assert(sizeof(Header) == 10 && alignof(Header) == 1);
static_assert(offsetof(Header, size) == 2 && offsetof(Header, code) == 6);

/// No command or response is longer (TPM_PT_MAX_COMMAND_SIZE of swtpm is 4096).
constexpr std::size_t kLargestMessage = 4096;
constexpr unsigned kPcrs = 24;

/// TPM2_PCR_Read of one PCR of one bank: SHA-256 or SHA-384.
Bytes read_pcr(Algorithm bank, unsigned pcr);

/// The value in its response; refused where the TPM has no such bank or answers otherwise.
Result<Bytes> pcr_value(ByteSpan response, Algorithm bank);

}  // namespace hallmark::boot::tpm
