// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

#include "common/secret.hpp"

namespace hallmark::ttrpc {

/// google.rpc.Code, those that are used here. Others may arrive from a peer.
enum class Code : std::int32_t {
    kOk = 0,
    kInvalidArgument = 3,
    kDeadlineExceeded = 4,
    kNotFound = 5,
    kPermissionDenied = 7,
    kResourceExhausted = 8,
    kUnimplemented = 12,
    kInternal = 13,
    kUnavailable = 14,
};

/// Why a call has no answer; both reach the caller as they are.
struct Failure {
    Code code = Code::kInternal;
    std::string message;
};

/// The serialised message that answers a call, wiped when it is no longer needed; or why there is none.
using Answer = std::expected<Secret, Failure>;

inline std::unexpected<Failure> failure(Code code, std::string message) {
    return std::unexpected(Failure{code, std::move(message)});
}

}  // namespace hallmark::ttrpc
