// SPDX-License-Identifier: Apache-2.0
// The little of YAML that files of containers-registries.d(5) are written in.
// Source: YAML 1.2.2, chapters 6 (comments, indentation), 7.3 (plain and quoted scalars) and 8.2.2 (block mappings).
#pragma once

#include <string_view>

#include "common/json.hpp"
#include "common/result.hpp"

namespace hallmark::image_policy {

inline constexpr std::size_t kLargestYaml = std::size_t{256} * 1024;  ///< bytes
inline constexpr std::size_t kMostYamlLines = 4096;                   ///< with content
inline constexpr std::size_t kDeepestYaml = 8;

/// Block mappings of mappings and scalars; every scalar becomes a string, nothing at all becomes null. Lists, flow
/// collections, block scalars, scalars of several lines, anchors, tags, escapes in quotes, tabs before content and
/// repeated keys are errors that name the line.
Result<Json> parse_yaml_subset(std::string_view text, std::string_view what);

}  // namespace hallmark::image_policy
