// SPDX-License-Identifier: Apache-2.0
// What a registry's answers that are no success say, in one line.
// Source: OCI Distribution Specification 1.1.0, "Error Codes".
#pragma once

#include <string>

#include "agent/registry/registries_conf.hpp"
#include "common/http/client.hpp"
#include "common/result.hpp"

namespace hallmark::registry {

/// Of a status that was not expected, with what the registry says in its body, and a remedy where there is one.
Error unexpected_status(const http::Response& response, const Endpoint& endpoint, const std::string& path);

/// Of a registry that could not be reached, or hung up. Not a wrong request: what is asked may be there tomorrow.
Error no_answer(const http::Failure& failure, const std::string& place);

/// The registry's own errors: "MANIFEST_UNKNOWN: manifest unknown"; empty where there are none. Without control bytes,
/// and not long.
std::string quoted_errors(ByteSpan body);

/// Whether another attempt may get another answer.
bool may_pass(int status);
bool may_pass(const http::Failure& failure);

}  // namespace hallmark::registry
