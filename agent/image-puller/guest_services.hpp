// SPDX-License-Identifier: Apache-2.0
// What a pull asks of the guest's daemons: secrets and layer keys of the data hub, and of the attestation agent to
// record what was pulled.
#pragma once

#include <string>
#include <utility>

#include "agent/oci/digest.hpp"
#include "agent/ttrpc/client.hpp"
#include "common/bytes.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::image_puller {

/// For several threads.
class HubClient {
public:
    explicit HubClient(std::string socket) : client_(std::move(socket)) {}

    /// What kbs:///REPOSITORY/TYPE/TAG names.
    [[nodiscard]] Result<Secret> resource(const std::string& uri) const;
    /// The answer of the key provider to a request to unwrap a layer's key.
    [[nodiscard]] Result<Secret> unwrap_key(ByteSpan request) const;

private:
    ttrpc::Client client_;
};

/// Has the attestation agent log and measure that an image was pulled, before anything of it can run. An agent that
/// keeps no runtime events is no error: it says so.
/// Source: Confidential Containers, guest-components 8246e5e, image pull event (domain, operation, content).
Status record_pull(const std::string& agent_socket, const std::string& image, const oci::Digest& digest);

}  // namespace hallmark::image_puller
