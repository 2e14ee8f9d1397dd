// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "agent/init/daemons.hpp"
#include "agent/init/signals.hpp"
#include "agent/ports/deadline.hpp"
#include "common/result.hpp"

namespace hallmark::guest {

/// How patient a supervisor is.
struct Patience {
    std::chrono::milliseconds ready{30'000};    ///< until a daemon listens; 6 s in Kata, which nobody emulates
    std::chrono::milliseconds first_wait{200};  ///< before it is started again; twice as long each further time
    std::chrono::milliseconds steady{60'000};   ///< one that ran so long begins anew with its attempts
    unsigned restarts = 5;                      ///< in a row
};

/// Starts daemons and starts them again when they end.
class Supervisor {
public:
    explicit Supervisor(Patience patience = {}) : patience_(patience) {}

    /// Starts it and waits until it listens. Refused where it doesn't in time, or ends before; it is not started again
    /// then: a daemon that refuses its very first start has a reason.
    Status start(Daemon daemon);

    /// Takes note of a child that ended, and returns why the guest must end, if it must.
    std::optional<std::string> note(const Ended& ended);

    /// When restart() is due; nothing where all run.
    [[nodiscard]] std::optional<Deadline> due() const;
    /// Starts what is due; the error is a reason to end the guest.
    Status restart();

private:
    struct Kept {
        Daemon daemon;
        pid_t child = -1;  // -1: it does not run
        Clock::time_point started{};
        unsigned restarts = 0;
        std::optional<Deadline> due{};
    };
    Status launch(Kept& kept);

    Patience patience_;
    std::vector<Kept> kept_;
};

}  // namespace hallmark::guest
