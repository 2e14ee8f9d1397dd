// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/json.hpp"
#include "common/toml.hpp"

namespace hallmark {

/// A TOML value as JSON, for whoever passes it on or reads both forms as one.
Json json_of(const Toml& toml);

}  // namespace hallmark
