// SPDX-License-Identifier: Apache-2.0
// What init asks the daemons that it started.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "agent/evidence/attester.hpp"
#include "agent/ttrpc/client.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::guest {

/// The attestation agent as evidence source: the platform's port and drivers are its own alone.
class AgentAttester : public Attester {
public:
    /// Asks the agent which TEE it found; `source` is what it has its evidence from.
    static Result<std::unique_ptr<Attester>> open(std::string socket, std::string source);

    [[nodiscard]] std::string name() const override { return source_; }
    Result<guest_port::Evidence> attest(const ReportData& report_data) override;

private:
    AgentAttester(ttrpc::Client client, std::string source) : client_(std::move(client)), source_(std::move(source)) {}

    ttrpc::Client client_;
    std::string source_;
    std::string tee_;
};

/// The agent's evidence, JSON as key brokers read it, as the control port carries it.
Result<guest_port::Evidence> evidence_of(const std::string& tee, std::string_view json);

/// Whether the data hub gives out this resource; what it gives is thrown away.
Status ask_hub(const std::string& socket, const std::string& resource);

/// Has the data hub pull an image and make a bundle of it; returns its manifest's digest. Waits as long as a
/// kata-agent.
Result<std::string> pull_image(const std::string& socket, const std::string& reference, const std::string& bundle);

/// Has the data hub open a sealed secret.
Result<Secret> unseal(const std::string& socket, const std::string& sealed);

}  // namespace hallmark::guest
