// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "common/bytes.hpp"

namespace hallmark {

/// Bytes as the text that they are, whose life is theirs. Nothing is checked: it may be no UTF-8, and have NULs.
inline std::string_view text_of(ByteSpan bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

}  // namespace hallmark
