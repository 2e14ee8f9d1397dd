// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/tdx/guest_log.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

#include "common/formats/event_replay.hpp"
#include "common/hex.hpp"

namespace hallmark::verifier {
namespace {

constexpr const char* kWhat = "the guest's event log";
constexpr std::size_t kRtmr3 = 3;

enum class Rtmr3 { kAlways, kWhereLogged };

Status check(const event_log::EventLog& log, const std::array<tdx::Measurement, 4>& rtmrs, Rtmr3 rtmr3,
             const std::string& what) {
    const auto replayed = event_log::replay(log, event_log::Algorithm::kSha384, what);
    if (!replayed) return refused(replayed.error().message);
    for (const auto& [index, value] : *replayed)
        if (index == 0 || index > rtmrs.size())
            return refused(what + ": extends register " + std::to_string(index) +
                           ", expected 1 to 4, which are RTMR0 to RTMR3");
    for (std::size_t n = 0; n < rtmrs.size(); ++n) {
        const auto found = replayed->find(static_cast<std::uint32_t>(n + 1));
        if (found == replayed->end() && n == kRtmr3 && rtmr3 == Rtmr3::kWhereLogged) continue;
        const Bytes value = found == replayed->end() ? Bytes(sizeof(tdx::Measurement)) : found->second;
        if (equal(value, rtmrs.at(n))) continue;
        return refused(what + ": replays to RTMR" + std::to_string(n) + " " + to_hex(value) + ", the quote has " +
                       to_hex(rtmrs.at(n)));
    }
    return {};
}

}  // namespace

Status check_guest_log(ByteSpan log, const std::array<tdx::Measurement, 4>& rtmrs) {
    const auto parsed = event_log::parse_event_log(log, kWhat);
    if (!parsed) return refused(parsed.error().message);
    return check(*parsed, rtmrs, Rtmr3::kAlways, kWhat);
}

Status check_replay(const event_log::EventLog& log, const std::array<tdx::Measurement, 4>& rtmrs,
                    const std::string& what) {
    return check(log, rtmrs, Rtmr3::kWhereLogged, what);
}

}  // namespace hallmark::verifier
