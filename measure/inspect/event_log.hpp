// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/formats/event_log.hpp"

namespace hallmark::inspect {

/// What an event's data say in words, where that is more than bytes; else nothing.
std::string in_words(const event_log::Event& event);

}  // namespace hallmark::inspect
