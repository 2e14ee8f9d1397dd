// SPDX-License-Identifier: Apache-2.0
// What init-data tells init itself: its key "hallmark.toml", which only Hallmark's guest knows. docs/init-data.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/init-data/pod_settings.hpp"
#include "agent/network/settings.hpp"
#include "common/result.hpp"

namespace hallmark::guest {

struct Settings {
    std::optional<NetworkSettings> network{};  ///< none: no network
    std::vector<std::string> secrets{};        ///< URIs of what is asked for once all is up; at most kMostSecrets
    std::optional<PodSettings> pod{};          ///< none: no container
};

/// Every key is known and every value is in its range, or it is an error with its line.
Result<Settings> parse_settings(std::string_view text);

}  // namespace hallmark::guest
