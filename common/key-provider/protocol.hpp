// SPDX-License-Identifier: Apache-2.0
// The key provider protocol of ocicrypt as its commands speak it: one JSON request on standard input, one JSON answer
// on standard output. Byte strings come as base64 (Go) or as arrays of integers (Rust); answers have arrays, which both
// read. Source: containers/ocicrypt c3436fd, docs/keyprovider.md; confidential-containers/guest-components 8246e5e,
// ocicrypt-rs.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "common/bytes.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::key_provider {

/// What a layer's options and our parameters need is a kilobyte.
constexpr std::size_t kMostRequestBytes = 256 * 1024;

struct WrapRequest {
    Secret options;          ///< of the layer's encryption, its key among them
    std::string parameters;  ///< what stands behind "provider:NAME:" on the command line
};

struct UnwrapRequest {
    std::string annotation;
};

using Request = std::variant<WrapRequest, UnwrapRequest>;

/// Reads a request to the provider of that name.
Result<Request> parse_request(std::string_view text, std::string_view provider);

Secret wrap_answer(std::string_view annotation);
Secret unwrap_answer(const Secret& options);

/// What an asker writes, and what it reads of the answer: the options.
std::string unwrap_request(ByteSpan annotation);
Result<Secret> parse_unwrap_answer(std::string_view text);

}  // namespace hallmark::key_provider
