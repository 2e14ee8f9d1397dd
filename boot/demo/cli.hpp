// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace hallmark::boot::demo {

/// hallmark-boot demo; the first argument is "demo". Returns the exit status.
int demo_main(int argc, char** argv);

}  // namespace hallmark::boot::demo
