// SPDX-License-Identifier: Apache-2.0
// What administrators may do, each request with a signed token: resources, policies, reference values.
// Source: Confidential Containers, Trustee's kbs/docs/kbs.yaml and its kbs-client.
#pragma once

#include <optional>
#include <string_view>

#include "relying-party/broker/http_message.hpp"
#include "relying-party/broker/refusal.hpp"
#include "relying-party/broker/services.hpp"

namespace hallmark::broker {

/// The answer, where method and plugin name a request for administrators; `rest` is the path behind the plugin.
std::optional<Outcome<Response>> administer(const Services& services, const Request& request, std::string_view plugin,
                                            std::string_view rest);

}  // namespace hallmark::broker
