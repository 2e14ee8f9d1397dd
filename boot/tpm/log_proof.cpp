// SPDX-License-Identifier: Apache-2.0
#include "boot/tpm/log_proof.hpp"

#include <array>
#include <string>

#include "common/formats/event_replay.hpp"
#include "common/hex.hpp"

namespace hallmark::boot::tpm {
namespace {

constexpr unsigned kBootPcrs = 16;  // those behind can be reset while the system runs
constexpr std::array kBanks = {Algorithm::kSha256, Algorithm::kSha384};
constexpr const char* kWhat = "event log in guest memory";

}  // namespace

Status check_log(const event_log::EventLog& log, SoftwareTpm& tpm, Deadline deadline) {
    for (const auto bank : kBanks) {
        const auto replayed = event_log::replay(log, bank, kWhat);
        if (!replayed) return refused(replayed.error().message);
        for (unsigned pcr = 0; pcr < kBootPcrs; ++pcr) {
            HALLMARK_TRY(const Bytes value, tpm.pcr(bank, pcr, deadline));
            const auto found = replayed->find(pcr);
            const Bytes expected = found == replayed->end() ? Bytes(value.size()) : found->second;
            if (value == expected) continue;
            return refused(std::string(kWhat) + ": replays to " + to_hex(expected) + " in PCR " + std::to_string(pcr) +
                           " (" + std::string(event_log::algorithm_name(bank).value_or("")) + "), the TPM has " +
                           to_hex(value) + ": the log is not what was measured");
        }
    }
    return {};
}

}  // namespace hallmark::boot::tpm
