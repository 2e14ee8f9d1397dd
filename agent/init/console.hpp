// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace hallmark::guest {

/// Points output at the console and input at nothing: what is typed on a console that the host holds is not for us.
/// Without any console the guest is silent and works nevertheless.
void open_console();

/// One line on the console. Gives up after a moment on a host that takes no bytes: a log never holds the guest up.
void say(std::string_view line);

}  // namespace hallmark::guest
