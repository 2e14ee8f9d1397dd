// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "common/bytes.hpp"

namespace hallmark::inspect {

/// The bytes of a report from a file that has them, or hexadecimal text of them with any blanks between; nothing where
/// it is neither.
std::optional<Bytes> report_bytes(ByteSpan file);

}  // namespace hallmark::inspect
