// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
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
enum class Extended {
    kOk,            ///< evidence vouches for it from now on
    kNotSupported,  ///< this TEE has no register for it: it is in the log, and nothing vouches for that
    kNotEnabled,
};

/// What is logged and extended while the guest runs.
class RuntimeEvents {
public:
    virtual ~RuntimeEvents() = default;
    virtual Result<Extended> extend(const RuntimeEvent& event) = 0;
    /// Calls `take` with the entries so far (TCG_PCR_EVENT2 records one behind the other), while none can be added:
    /// what is quoted meanwhile belongs to them.
    virtual Status with_entries(const std::function<Status(ByteSpan entries)>& take) = 0;
    /// Whether evidence that was not asked for by a key broker has the log bound into its report data.
    [[nodiscard]] virtual bool binds_report_data() const { return false; }
};

/// There are none, and `why` is the answer to whoever wants to add one.
class NoRuntimeEvents final : public RuntimeEvents {
public:
    explicit NoRuntimeEvents(Extended why) : why_(why) {}
    Result<Extended> extend(const RuntimeEvent&) override { return why_; }
    Status with_entries(const std::function<Status(ByteSpan entries)>& take) override { return take({}); }

private:
    Extended why_;
};

}  // namespace hallmark::guest
