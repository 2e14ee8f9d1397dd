// SPDX-License-Identifier: Apache-2.0
// How tables of the daemons' configuration are read: unknown keys are noted and change nothing, because Confidential
// Containers ignores them, and so files of other versions are read.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "common/toml.hpp"

namespace hallmark::guest {

/// A document of TOML or, where it begins with a brace, of JSON.
Result<Toml> read_document(std::string_view text, const std::string& what, std::size_t largest);

/// Adds where the keys of a table stand that are not in the list.
Status note_unknown(const Toml& table, std::initializer_list<std::string_view> known,
                    std::vector<std::string>& unknown);

/// Where the key is there, its value.
Status read_text(const Toml& table, std::string_view key, std::string& into);
Status read_boolean(const Toml& table, std::string_view key, bool& into);
Status read_texts(const Toml& table, std::string_view key, std::vector<std::string>& into);

}  // namespace hallmark::guest
