// SPDX-License-Identifier: Apache-2.0
// An audit log from the command line, for tests that look at it from outside, kill it in the middle, or put it away.
//
//   audit-log-driver FILE churn        adds lines for ever; the number of each on standard output once it is durable.
//                                      SIGHUP: goes on in a new file where the old was renamed
//   audit-log-driver FILE add WHY      adds one line
//   audit-log-driver FILE check        says what is in it, or what is wrong with it
#include <csignal>
#include <cstdio>
#include <string>
#include <utility>

#include "common/hex.hpp"
#include "relying-party/keys/audit_check.hpp"
#include "relying-party/keys/audit_log.hpp"

namespace hallmark::keys {
namespace {

volatile std::sig_atomic_t renamed = 0;

AuditEvent event_of(std::string why) {
    return {.outcome = AuditOutcome::kReleased,
            .who = "session 5891b5b522d5df08",
            .peer = "192.0.2.1:40000",
            .what = "default/key/one",
            .verdict = "affirming",
            .why = std::move(why),
            .tee = "snp",
            .simulated = false};
}

Status churn(AuditLog& log) {
    for (unsigned long long number = 0;; ++number) {
        if (renamed != 0) {
            renamed = 0;
            HALLMARK_CHECK(log.reopen());
        }
        HALLMARK_CHECK(log.append(event_of(std::to_string(number))));
        std::printf("%llu\n", number);
        std::fflush(stdout);
    }
}

Status check(const std::string& file) {
    HALLMARK_TRY(const AuditSummary found, check_audit_log(file));
    std::printf("lines %llu released %llu refused %llu opened %llu torn %llu unfinished %llu\n",
                static_cast<unsigned long long>(found.lines), static_cast<unsigned long long>(found.released),
                static_cast<unsigned long long>(found.refused), static_cast<unsigned long long>(found.opened),
                static_cast<unsigned long long>(found.torn), static_cast<unsigned long long>(found.unfinished));
    std::printf("first %s last %s\n", to_hex(found.first_previous).c_str(), to_hex(found.last).c_str());
    return {};
}

Status run(const std::string& file, const std::string& command, const std::string& argument) {
    if (command == "check") return check(file);
    HALLMARK_TRY(const auto log, AuditLog::open(file));
    if (command == "add") return log->append(event_of(argument));
    return churn(*log);
}

}  // namespace
}  // namespace hallmark::keys

int main(int count, char** values) {
    if (count < 3) {
        std::fputs("audit-log-driver: expected FILE COMMAND\n", stderr);
        return 2;
    }
    static_cast<void>(std::signal(SIGHUP, [](int) { hallmark::keys::renamed = 1; }));
    const auto status = hallmark::keys::run(values[1], values[2], count > 3 ? values[3] : "");
    if (status) return 0;
    std::fprintf(stderr, "audit-log-driver: %s\n", status.error().message.c_str());
    return status.error().exit_status();
}
