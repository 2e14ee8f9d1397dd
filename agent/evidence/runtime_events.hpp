// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::guest {

/// One event that software in the guest wants to be part of its evidence.
struct RuntimeEvent {
    std::string_view domain;
    std::string_view operation;
    std::string_view content;
    std::optional<std::uint64_t> register_index;  ///< PCR; none: the one that is configured
};

/// How extending ended, as ExtendRuntimeMeasurement answers it.
enum class Extended { kOk, kNotSupported, kNotEnabled };

/// What is logged and extended while the guest runs.
class RuntimeEvents {
public:
    virtual ~RuntimeEvents() = default;
    virtual Result<Extended> extend(const RuntimeEvent& event) = 0;
    /// The entries so far, as TCG_PCR_EVENT2 records one behind the other.
    virtual Result<Bytes> log() = 0;
};

/// There are none, and `why` is the answer to whoever wants to add one.
class NoRuntimeEvents final : public RuntimeEvents {
public:
    explicit NoRuntimeEvents(Extended why) : why_(why) {}
    Result<Extended> extend(const RuntimeEvent&) override { return why_; }
    Result<Bytes> log() override { return Bytes{}; }

private:
    Extended why_;
};

}  // namespace hallmark::guest
