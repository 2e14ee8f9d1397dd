// SPDX-License-Identifier: Apache-2.0
#include "agent/init/serve.hpp"

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "agent/init/console.hpp"
#include "agent/init/control.hpp"
#include "agent/init/root_disk.hpp"

namespace hallmark::guest {
namespace {

using guest_port::Type;

constexpr std::chrono::milliseconds kHostReads{10'000};
constexpr int kReconnectMs = 100;

/// What the host asked for and is not known yet: the number of its request for the secrets' outcomes.
using Waiting = std::optional<std::uint32_t>;

/// Sleeps until there is something to do. poll(2) wouldn't wait on a port without a host, so that is looked at anew
/// from time to time.
void wait_for_work(const Running& guest, const Waiting& waiting) {
    const bool connected = guest.port.connected();
    const auto port_events = static_cast<short>(guest.port.pending() ? POLLIN | POLLOUT : POLLIN);
    std::vector<pollfd> files = {
        {.fd = guest.signals.fd(), .events = POLLIN, .revents = 0},
        {.fd = connected ? guest.port.fd() : -1, .events = port_events, .revents = 0},
        {.fd = waiting && guest.checks ? guest.checks->fd() : -1, .events = POLLIN, .revents = 0},
    };
    if (guest.pod) guest.pod->add_files(files);
    int limit = connected ? -1 : kReconnectMs;
    for (const auto& due : {guest.supervisor.due(), guest.network ? guest.network->renewal() : std::nullopt,
                            guest.pod ? guest.pod->due() : std::nullopt})
        if (due) limit = limit < 0 ? remaining_ms(*due) : std::min(limit, remaining_ms(*due));
    ::poll(files.data(), files.size(), limit);
}

/// What is to be done without anybody asking. Returns a reason to power off.
Result<std::optional<std::string>> keep_up(Running& guest) {
    std::vector<Ended> ended;
    if (auto reason = guest.signals.handle(ended)) return reason;
    for (const Ended& child : ended) {
        if (guest.pod) guest.pod->note(child);
        if (auto reason = guest.supervisor.note(child)) return reason;
    }
    HALLMARK_CHECK(guest.supervisor.restart());
    if (guest.pod) guest.pod->keep_up();
    if (!guest.network || !guest.network->renewal() || *guest.network->renewal() > Clock::now()) return std::nullopt;
    if (const auto renewed = guest.network->renew(); !renewed) say("network: " + renewed.error().message);
    return std::nullopt;
}

Status answer_secrets(Running& guest, Waiting& waiting) {
    if (!waiting || (guest.checks && !guest.checks->finished())) return {};
    const std::vector<guest_port::SecretOutcome> none;
    const auto& outcomes = guest.checks ? guest.checks->outcomes() : none;
    HALLMARK_CHECK(guest.port.send(
        {.type = Type::kSecretOutcomes, .request = *waiting, .payload = guest_port::encode_outcomes(outcomes)},
        after(kHostReads)));
    waiting.reset();
    return {};
}

/// As much of what the pod has to tell as the host takes now: nobody here waits for it.
Status tell_of_pod(Running& guest) {
    HALLMARK_CHECK(guest.port.flush());
    while (guest.pod && !guest.port.pending()) {
        const auto frame = guest.pod->next_frame();
        if (!frame) return {};
        HALLMARK_CHECK(guest.port.push(*frame));
    }
    return {};
}

/// Answers one message and returns a reason to power off.
Result<std::optional<std::string>> answer(Running& guest, const guest_port::Frame& message) {
    const Reply reply = reply_to(message, guest.attester.get(), read_root_disk);
    if (reply.answer.type == Type::kFailure) say(std::string(reply.answer.payload.begin(), reply.answer.payload.end()));
    // Some other process may have met what init read before the host changed it.
    if (reply.answer.type == Type::kEvidence) HALLMARK_CHECK(ask_verity());
    HALLMARK_CHECK(guest.port.send(reply.answer, after(kHostReads)));
    if (!reply.power_off) return std::nullopt;
    return message.type == Type::kScrub ? "the root failed its scrub" : "asked to stop on the control port";
}

}  // namespace

Result<std::string> serve(Running& guest) {
    bool announced = false;
    Waiting waiting;
    for (;;) {
        HALLMARK_TRY(auto reason, keep_up(guest));
        if (reason) return std::move(*reason);
        if (!announced && guest.port.connected()) {
            HALLMARK_CHECK(guest.port.send(ready(guest.attester.get()), after(kHostReads)));
            announced = true;
        }
        HALLMARK_CHECK(answer_secrets(guest, waiting));
        if (announced && guest.port.connected()) HALLMARK_CHECK(tell_of_pod(guest));
        guest_port::Frame message;
        HALLMARK_TRY(const bool received, guest.port.receive(message, Clock::now()));
        if (!received) {
            wait_for_work(guest, waiting);
            continue;
        }
        if (message.type == Type::kSecrets) {
            waiting = message.request;
            continue;
        }
        HALLMARK_TRY(reason, answer(guest, message));
        if (reason) return std::move(*reason);
    }
}

}  // namespace hallmark::guest
