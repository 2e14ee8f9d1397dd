// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/bytes.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::rest {

/// What an event came to: the numbers of the attestation agent's RuntimeMeasurementResult.
enum class Extended : std::int32_t { kDone = 0, kNotSupported = 1, kNotEnabled = 2 };

/// What the other two daemons do for a container. Called by several threads at once; errors are theirs.
class Services {
public:
    Services() = default;
    Services(const Services&) = delete;
    Services& operator=(const Services&) = delete;
    virtual ~Services() = default;

    virtual Result<Secret> resource(const std::string& uri) = 0;
    virtual Result<Secret> token(const std::string& type) = 0;
    virtual Result<Secret> evidence(ByteSpan runtime_data) = 0;
    virtual Result<Secret> additional_evidence(ByteSpan runtime_data) = 0;
    virtual Result<Extended> extend(const std::string& domain, const std::string& operation,
                                    const std::string& content) = 0;
    virtual Result<std::string> tee_type() = 0;
    virtual Result<std::vector<std::string>> additional_tees() = 0;
};

}  // namespace hallmark::rest
