// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/step.hpp"

#include <cstdlib>
#include <string>

#include "agent/daemon/say.hpp"

namespace hallmark::guest {

void step(Station station, std::string_view text) {
    const char* wanted = std::getenv(kStepsWanted);
    if (wanted == nullptr || std::string_view(wanted) != "1") return;
    say_line("hallmark-step " + std::to_string(static_cast<unsigned>(station)) + " ", text);
}

}  // namespace hallmark::guest
