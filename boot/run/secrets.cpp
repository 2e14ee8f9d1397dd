// SPDX-License-Identifier: Apache-2.0
#include "boot/run/secrets.hpp"

#include <string>

namespace hallmark::boot {

Status ask_for_secrets(const Request& request, Exchange& exchange, Outcome& outcome, Journal& journal) {
    if (!request.init_data) return {};
    HALLMARK_TRY(outcome.secrets, exchange.secrets());
    std::string told;
    for (const auto& secret : outcome.secrets)
        told += (told.empty() ? "" : ", ") + secret.resource + (secret.granted ? " granted" : " refused");
    journal.step("secrets", told.empty() ? "init-data names none" : told);
    return {};
}

void conclude(Outcome& outcome) {
    std::string refusals;
    for (const auto& secret : outcome.secrets)
        if (!secret.granted)
            refusals +=
                (refusals.empty() ? "the guest is refused " : "; and ") + secret.resource + ": " + secret.reason;
    for (const auto& secret : outcome.secrets)
        if (secret.granted)
            outcome.reason += "; the guest is given " + secret.resource + (outcome.proven ? "" : " nevertheless");
    if (refusals.empty()) return;
    outcome.reason = outcome.proven ? refusals : refusals + "; seen here: " + outcome.reason;
    outcome.proven = false;
}

}  // namespace hallmark::boot
