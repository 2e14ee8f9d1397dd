// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "agent/evidence/attester.hpp"
#include "agent/ports/framed_port.hpp"

namespace hallmark::guest {

/// Reports or quotes of the simulated security processor that hallmark-boot plays over a virtio-serial port. It has the
/// formats of the real one and none of its trust: no verifier accepts its signatures unless told to by name.
class Simulated final : public Attester {
public:
    explicit Simulated(FramedPort port, std::chrono::milliseconds limit = std::chrono::seconds(10));

    [[nodiscard]] std::string name() const override { return "simulated"; }
    Result<guest_port::Evidence> attest(const ReportData& report_data) override;
    Status extend(const Sha384& digest) override;

    /// Whether the last bytes that came were no frame: what is there is thrown away before the next request.
    [[nodiscard]] bool is_unreadable() const { return unreadable_; }

private:
    /// The payload of the processor's answer to a request, which must be of the type given.
    Result<Bytes> ask(guest_port::Type type, ByteSpan payload, guest_port::Type expected);
    Result<guest_port::Frame> answer_to(std::uint32_t request, Deadline deadline);

    FramedPort port_;
    std::chrono::milliseconds limit_;
    std::uint32_t last_request_;
    bool unreadable_ = false;
};

/// The same, with the port open only while it is asked: init and the attestation agent share the one port.
class SharedSimulated final : public Attester {
public:
    /// How long to wait for the port: whoever has it waits no longer for the host.
    static constexpr std::chrono::milliseconds kPortIsFree{10'000};

    explicit SharedSimulated(std::string path) : path_(std::move(path)) {}

    [[nodiscard]] std::string name() const override { return "simulated"; }
    Result<guest_port::Evidence> attest(const ReportData& report_data) override;
    Status extend(const Sha384& digest) override;

private:
    [[nodiscard]] Result<Simulated> open() const;

    std::string path_;
};

}  // namespace hallmark::guest
