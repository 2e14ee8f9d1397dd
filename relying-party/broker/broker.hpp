// SPDX-License-Identifier: Apache-2.0
// The key broker service: one request in, one answer out. Knows the protocol, no sockets.
// Source: Confidential Containers, Trustee's kbs/docs/kbs_attestation_protocol.md and kbs/docs/kbs.yaml.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "relying-party/broker/http_message.hpp"
#include "relying-party/broker/refusal.hpp"
#include "relying-party/broker/services.hpp"
#include "relying-party/broker/sessions.hpp"

namespace hallmark::broker {

class Broker {
public:
    explicit Broker(Services services, SessionLimits limits = {}) : services_(std::move(services)), sessions_(limits) {}

    /// May be called by several threads at once; evidence is verified outside of any lock.
    Response handle(const Request& request);

    [[nodiscard]] const Sessions& sessions() const { return sessions_; }

private:
    Outcome<Response> route(const Request& request);
    Outcome<Response> route_plugin(const Request& request, std::string_view plugin, std::string_view rest);

    Outcome<Response> auth(const Request& request);
    Outcome<Response> attest(const Request& request);
    Outcome<std::string> attest_taken(const Request& request, const Sessions::Taken& taken);
    Outcome<Response> get_resource(const Request& request, std::string_view path);

    Services services_;
    Sessions sessions_;
};

}  // namespace hallmark::broker
