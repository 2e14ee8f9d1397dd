// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "agent/evidence/attester.hpp"
#include "common/formats/guest_port.hpp"

namespace hallmark::guest {

/// What a message on the control port leads to.
struct Reply {
    guest_port::Frame answer;
    bool power_off = false;  ///< once the answer is sent, or could not be
};

/// "hallmark-guest 0.1.0 evidence=simulated", the first message on the control port.
guest_port::Frame ready(const Attester* attester);

/// Reads the whole root from the disk and returns its size in bytes; see read_root_disk().
using RootReader = Result<std::uint64_t> (*)();

/// Answers one message; `attester` is null where the guest has no evidence source.
Reply reply_to(const guest_port::Frame& message, Attester* attester, RootReader read_root);

}  // namespace hallmark::guest
