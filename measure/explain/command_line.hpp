// SPDX-License-Identifier: Apache-2.0
// The slips by which a kernel gets another command line than the one that was meant: quotes that a shell took or left,
// blanks and line ends of files and scripts, and "initrd=initrd", which some firmware adds and some people write.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hallmark::explain {

/// What a command line may have become by one slip or two, each text once, nearest first; without the line itself.
std::vector<std::string> slipped(std::string_view line);

/// A text in single quotes, with all escaped that is no plain character: the slips differ in blanks and line ends.
std::string in_quotes(std::string_view text);

}  // namespace hallmark::explain
