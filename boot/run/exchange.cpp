// SPDX-License-Identifier: Apache-2.0
#include "boot/run/exchange.hpp"

#include <algorithm>

#include "common/hex.hpp"

namespace hallmark::boot {
namespace {

using namespace std::chrono_literals;
using guest_port::Frame;
using guest_port::Type;

constexpr auto kSampleEvery = 300ms;
constexpr auto kMonitorAnswers = 10s;
constexpr std::size_t kLongestText = 300;

/// One printable line of what a guest says.
std::string line_of(const Bytes& payload) {
    std::string text(payload.begin(),
                     payload.begin() + static_cast<std::ptrdiff_t>(std::min(payload.size(), kLongestText)));
    for (char& c : text)
        if (c < 0x20 || c > 0x7e) c = '?';
    return text;
}

}  // namespace

std::string Exchange::console_says() const {
    const auto line = guest_->console().last_line({"panic", "hallmark-guest"});
    return line.empty() ? "; its console says nothing" : "; its console says: " + line;
}

Status Exchange::serve_processor() {
    for (;;) {
        HALLMARK_TRY(const auto request, guest_->tee().next());
        if (!request) return {};
        if (!processor_) continue;
        HALLMARK_TRY(const Frame answer, processor_(*request));
        HALLMARK_CHECK(guest_->tee().send(answer, deadline_));
    }
}

void Exchange::follow(const Follower& follower) {
    follower_ = follower;
    if (follower_.started) follower_.started();
}

Status Exchange::listen(Deadline deadline) {
    HALLMARK_CHECK(guest_->wait(deadline));
    if (!follower_.console) return {};
    const Console& console = guest_->console();
    const std::string_view text = console.text();
    const auto fresh = std::min<std::uint64_t>(console.size() - console_told_, text.size());
    console_told_ = console.size();
    follower_.console(text.substr(text.size() - static_cast<std::size_t>(fresh)));
    return {};
}

Result<bool> Exchange::take_of_pod(const Frame& frame) {
    if (frame.type == Type::kOutput) {
        const auto output = guest_port::parse_output(frame.payload);
        if (!output) return refused(output.error().message);
        if (follower_.output) follower_.output(*output);
        const auto room = std::min(kMostOutput - pod_.output.size(), output->bytes.size());
        pod_.output.append(reinterpret_cast<const char*>(output->bytes.data()), room);
        return true;
    }
    if (frame.type != Type::kPodEnded) return false;
    auto ends = guest_port::parse_ends(frame.payload);
    if (!ends) return refused(ends.error().message);
    pod_.ends = std::move(*ends);
    return true;
}

Result<std::optional<Frame>> Exchange::control_frame(std::uint32_t request) {
    for (;;) {
        HALLMARK_TRY(auto frame, guest_->control().next());
        if (!frame) return frame;
        HALLMARK_TRY(const bool of_pod, take_of_pod(*frame));
        if (!of_pod && frame->request == request) return frame;
    }
}

Status Exchange::check_alive(bool starting) {
    HALLMARK_TRY(const auto shutdown, guest_->shutdown());
    if (shutdown)
        return refused(
            (*shutdown == "guest-reset" ? "the guest panicked" : "the guest ended early (" + *shutdown + ")") +
            console_says());
    if (!starting) return {};
    if (guest_->firmware().says("No bootable option")) return refused("the firmware found nothing that it may boot");
    HALLMARK_TRY(const auto cpus, guest_->registers(std::min(deadline_, in(kMonitorAnswers))));
    HALLMARK_TRY(const bool stuck, stuck_.add(cpus.front(), guest_->console().size() + guest_->firmware().size(),
                                              guest_->processor_time()));
    if (!stuck) return {};
    HALLMARK_TRY(const auto pointer, cpus.front().general("IP"));
    return refused("the guest stopped in a silent loop at " + hex_number(pointer));
}

void Exchange::type() const {
    if (typing_) guest_->type(std::min(deadline_, in(kMonitorAnswers)));
}

template <class Take>
std::invoke_result_t<Take> Exchange::until(bool starting, Take take) {
    type();
    Deadline sample = in(kSampleEvery);
    for (;;) {
        HALLMARK_CHECK(listen(std::min(sample, deadline_)));
        HALLMARK_CHECK(serve_processor());
        HALLMARK_TRY(auto taken, take());
        if (taken) return taken;
        if (Clock::now() >= deadline_)
            return refused("the guest did not answer within the time limit" + console_says());
        if (Clock::now() < sample) continue;
        HALLMARK_CHECK(check_alive(starting));
        type();
        sample = in(kSampleEvery);
    }
}

Result<Frame> Exchange::await(std::uint32_t request, bool starting) {
    HALLMARK_TRY(auto frame, until(starting, [&] { return control_frame(request); }));
    return std::move(*frame);
}

Result<std::string> Exchange::ready() {
    HALLMARK_TRY(const Frame frame, await(0, /* starting= */ true));
    if (frame.type != Type::kReady) return refused("the guest is not ready: " + line_of(frame.payload));
    return line_of(frame.payload);
}

Result<guest_port::Evidence> Exchange::challenge(const guest_port::Challenge& challenge, guest_port::Kind expected) {
    const ByteSpan payload = as_bytes(challenge);
    const auto request = ++last_request_;
    HALLMARK_CHECK(
        guest_->control().send({Type::kChallenge, request, Bytes(payload.begin(), payload.end())}, deadline_));
    HALLMARK_TRY(const Frame frame, await(request, /* starting= */ false));
    if (frame.type != Type::kEvidence) return refused("the guest gives no evidence: " + line_of(frame.payload));
    auto evidence = guest_port::parse_evidence(frame.payload);
    if (!evidence) return refused(evidence.error().message);
    if (evidence->kind == expected) return evidence;
    return refused("the guest gives " + std::string(name_of(evidence->kind)) + ", expected " +
                   std::string(name_of(expected)));
}

Result<std::string> Exchange::scrub() {
    const auto request = ++last_request_;
    HALLMARK_CHECK(guest_->control().send({Type::kScrub, request, {}}, deadline_));
    HALLMARK_TRY(const Frame frame, await(request, /* starting= */ false));
    if (frame.type != Type::kReady) return refused(line_of(frame.payload));
    return line_of(frame.payload);
}

Result<std::vector<guest_port::SecretOutcome>> Exchange::secrets() {
    const auto request = ++last_request_;
    HALLMARK_CHECK(guest_->control().send({Type::kSecrets, request, {}}, deadline_));
    HALLMARK_TRY(const Frame frame, await(request, /* starting= */ false));
    if (frame.type != Type::kSecretOutcomes) return refused("the guest asks for no secret: " + line_of(frame.payload));
    auto outcomes = guest_port::parse_outcomes(frame.payload);
    if (!outcomes) return refused(outcomes.error().message);
    return outcomes;
}

Result<Pod> Exchange::pod() {
    const auto ended = [this]() -> Result<std::optional<Pod>> {
        // Nothing was asked, so all other frames are late answers.
        HALLMARK_CHECK(control_frame(last_request_ + 1));
        if (pod_.ends.empty()) return std::nullopt;
        return std::move(pod_);
    };
    HALLMARK_TRY(auto pod, until(/* starting= */ false, ended));
    return std::move(*pod);
}

Status Exchange::power_off() {
    HALLMARK_CHECK(guest_->control().send({Type::kPowerOff, ++last_request_, {}}, deadline_));
    while (Clock::now() < deadline_) {
        HALLMARK_TRY(const auto shutdown, guest_->shutdown());
        if (shutdown == "guest-shutdown") return {};
        if (shutdown)
            return refused("the guest did not power off but ended otherwise (" + *shutdown + ")" + console_says());
        HALLMARK_CHECK(listen(std::min(deadline_, in(kSampleEvery))));
    }
    return refused("the guest did not power off within the time limit" + console_says());
}

}  // namespace hallmark::boot
