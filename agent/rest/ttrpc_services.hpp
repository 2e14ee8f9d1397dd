// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "agent/rest/services.hpp"
#include "agent/ttrpc/client.hpp"

namespace hallmark::rest {

/// The attestation agent and the data hub on their sockets.
class TtrpcServices final : public Services {
public:
    TtrpcServices(ttrpc::Client agent, ttrpc::Client hub) : agent_(std::move(agent)), hub_(std::move(hub)) {}

    Result<Secret> resource(const std::string& uri) override;
    Result<Secret> token(const std::string& type) override;
    Result<Secret> evidence(ByteSpan runtime_data) override;
    Result<Secret> additional_evidence(ByteSpan runtime_data) override;
    Result<Extended> extend(const std::string& domain, const std::string& operation,
                            const std::string& content) override;
    Result<std::string> tee_type() override;
    Result<std::vector<std::string>> additional_tees() override;

private:
    ttrpc::Client agent_;
    ttrpc::Client hub_;
};

}  // namespace hallmark::rest
