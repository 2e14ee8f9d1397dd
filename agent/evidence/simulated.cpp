// SPDX-License-Identifier: Apache-2.0
#include "agent/evidence/simulated.hpp"

#include "agent/ports/text.hpp"

namespace hallmark::guest {

using guest_port::Evidence;
using guest_port::Frame;
using guest_port::Type;

// The first number differs from boot to boot, or an answer left in the port by an earlier one would look like ours.
Simulated::Simulated(FramedPort port, std::chrono::milliseconds limit)
    : port_(std::move(port)),
      limit_(limit),
      last_request_(static_cast<std::uint32_t>(Clock::now().time_since_epoch().count())) {}

Result<Evidence> Simulated::attest(const ReportData& report_data) {
    guest_port::AttestRequest request;
    request.report_data = report_data;
    HALLMARK_TRY(const Bytes answer, ask(Type::kAttestRequest, as_bytes(request), Type::kAttested));
    auto evidence = guest_port::parse_evidence(answer);
    if (!evidence) return std::unexpected(evidence.error().at(port_.name()));
    // Whatever the host wrote there: this is where it came from.
    evidence->source = guest_port::Source::kSimulated;
    return evidence;
}

Status Simulated::extend(const Sha384& digest) {
    guest_port::ExtendRequest request;
    request.register_index = guest_port::kGuestRegister;
    request.digest = digest;
    HALLMARK_TRY(const Bytes answer, ask(Type::kExtendRequest, as_bytes(request), Type::kExtended));
    if (answer.empty()) return {};
    return bad_input(port_.name() + ": " + std::to_string(answer.size()) + " bytes behind an extension, expected none");
}

Result<Bytes> Simulated::ask(Type type, ByteSpan payload, Type expected) {
    if (unreadable_) HALLMARK_CHECK(port_.discard());
    unreadable_ = false;

    const auto deadline = after(limit_);
    const std::uint32_t number = ++last_request_;
    HALLMARK_CHECK(
        port_.send({.type = type, .request = number, .payload = Bytes(payload.begin(), payload.end())}, deadline));
    HALLMARK_TRY(Frame answer, answer_to(number, deadline));

    if (answer.type == Type::kFailure) return refused(port_.name() + ": refused: " + one_line(answer.payload));
    if (answer.type != expected)
        return bad_input(port_.name() + ": answer of type " + std::to_string(static_cast<unsigned>(answer.type)) +
                         ", expected " + std::to_string(static_cast<unsigned>(expected)));
    return std::move(answer.payload);
}

Result<Frame> Simulated::answer_to(std::uint32_t request, Deadline deadline) {
    Frame frame;
    for (;;) {
        const auto received = port_.receive(frame, deadline);
        if (!received) {
            unreadable_ = true;
            return std::unexpected(received.error());
        }
        if (!*received) return refused(port_.name() + ": no answer in " + std::to_string(limit_.count()) + " ms");
        if (frame.request == request) return frame;
        // A late answer to a request that was given up. The deadline also bounds how many of them are read.
        if (remaining_ms(deadline) == 0)
            return refused(port_.name() + ": only answers to other requests in " + std::to_string(limit_.count()) +
                           " ms");
    }
}

Result<Simulated> SharedSimulated::open() const {
    HALLMARK_TRY(FramedPort port, FramedPort::open(path_, after(kPortIsFree)));
    // Whoever was killed while it read an answer has left the rest of it.
    HALLMARK_CHECK(port.discard());
    return Simulated(std::move(port));
}

Result<Evidence> SharedSimulated::attest(const ReportData& report_data) {
    HALLMARK_TRY(auto opened, open());
    auto evidence = opened.attest(report_data);
    // The host was still writing that rest.
    if (!evidence && opened.is_unreadable()) evidence = opened.attest(report_data);
    return evidence;
}

Status SharedSimulated::extend(const Sha384& digest) {
    HALLMARK_TRY(auto opened, open());
    return opened.extend(digest);
}

}  // namespace hallmark::guest
