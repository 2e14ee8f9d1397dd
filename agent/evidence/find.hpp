// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "agent/evidence/attester.hpp"
#include "agent/ports/discovery.hpp"

namespace hallmark::guest {

/// The evidence source of this guest: the kernel's where a driver of real hardware offers one, else the simulated
/// one's port, else a null pointer. Waits until the deadline only for the port.
Result<std::unique_ptr<Attester>> find_evidence(const Roots& roots, Deadline deadline);

}  // namespace hallmark::guest
