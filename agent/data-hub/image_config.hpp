// SPDX-License-Identifier: Apache-2.0
// The part of the configuration that is the image puller's, and how tables of configuration are read.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "agent/data-hub/config.hpp"
#include "common/result.hpp"
#include "common/toml.hpp"

namespace hallmark::hub {

Result<ImageConfig> parse_image_config(const Toml& table, std::vector<std::string>& unknown);

/// Adds the keys of a table that are not in the list: Confidential Containers ignores them, and so other versions'
/// files are read.
Status note_unknown(const Toml& table, std::initializer_list<std::string_view> known,
                    std::vector<std::string>& unknown);

/// Where the key is there, its value.
Status read_text(const Toml& table, std::string_view key, std::string& into);
Status read_boolean(const Toml& table, std::string_view key, bool& into);
Status read_texts(const Toml& table, std::string_view key, std::vector<std::string>& into);

}  // namespace hallmark::hub
