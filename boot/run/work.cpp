// SPDX-License-Identifier: Apache-2.0
#include "boot/run/work.hpp"

#include <string>

namespace hallmark::boot {

namespace {

Status ask_for_secrets(Exchange& exchange, Outcome& outcome, Journal& journal) {
    HALLMARK_TRY(outcome.secrets, exchange.secrets());
    std::string told;
    for (const auto& secret : outcome.secrets)
        told += (told.empty() ? "" : ", ") + secret.resource + (secret.granted ? " granted" : " refused");
    journal.step("secrets", told.empty() ? "init-data names none" : told);
    return {};
}

Status await_pod(Exchange& exchange, Outcome& outcome, Journal& journal) {
    HALLMARK_TRY(outcome.pod, exchange.pod());
    std::string told;
    for (const auto& end : outcome.pod->ends)
        told += (told.empty() ? "" : ", ") + end.name + " ended with status " + std::to_string(end.exit_status);
    journal.step("pod", told);
    return {};
}

}  // namespace

Status await_work(const Request& request, Exchange& exchange, Outcome& outcome, Journal& journal) {
    if (request.init_data) HALLMARK_CHECK(ask_for_secrets(exchange, outcome, journal));
    if (request.pod) HALLMARK_CHECK(await_pod(exchange, outcome, journal));
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
    if (outcome.pod) {
        const std::string failed = failures(*outcome.pod);
        refusals += (refusals.empty() || failed.empty() ? "" : "; and ") + failed;
    }
    if (refusals.empty()) return;
    outcome.reason = outcome.proven ? refusals : refusals + "; seen here: " + outcome.reason;
    outcome.proven = false;
}

}  // namespace hallmark::boot
