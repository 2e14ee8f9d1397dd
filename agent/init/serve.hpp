// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "agent/evidence/attester.hpp"
#include "agent/init/secret_checks.hpp"
#include "agent/init/signals.hpp"
#include "agent/init/supervisor.hpp"
#include "agent/network/network.hpp"
#include "agent/pod/pod.hpp"
#include "agent/ports/framed_port.hpp"
#include "common/result.hpp"

namespace hallmark::guest {

/// A guest that is up.
struct Running {
    Signals signals;
    FramedPort port;
    Supervisor supervisor{};
    std::optional<Network> network{};
    std::unique_ptr<Attester> attester{};  ///< null where there is no evidence source
    std::optional<SecretChecks> checks{};  ///< none where init-data names no secret
    std::optional<pod::Pod> pod{};         ///< none where init-data has none
};

/// Answers the control port, keeps daemons, pod and lease going until there is a reason to power off, and
/// returns it.
Result<std::string> serve(Running& guest);

}  // namespace hallmark::guest
