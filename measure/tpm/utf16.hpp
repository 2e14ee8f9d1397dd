// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::tpm {

/// A command line as UEFI hands it over: little-endian UTF-16 with a final NUL. What isn't ASCII is an error: firmware
/// and stub don't agree on it.
Result<Bytes> utf16_command_line(std::string_view text, const std::string& what);

}  // namespace hallmark::tpm
