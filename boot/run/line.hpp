// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace hallmark::boot {

/// A text that came in with a file name or from a guest, fit for one line on a terminal: a line break becomes a space,
/// every other byte that is not printable ASCII becomes \xNN (UTF-8 has control characters too, U+0080 to U+009F).
std::string one_line(std::string_view text);

}  // namespace hallmark::boot
