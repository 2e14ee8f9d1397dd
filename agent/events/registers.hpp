// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/digest.hpp"
#include "common/result.hpp"

namespace hallmark::events {

/// The measurement registers that software in the guest can extend: value = SHA-384(value ‖ digest). Numbered as in
/// event logs of confidential guests: n + 1 is RTMRn.
class Registers {
public:
    virtual ~Registers() = default;
    virtual Result<Sha384> value(std::uint32_t register_index) = 0;
    virtual Status extend(std::uint32_t register_index, const Sha384& digest) = 0;
};

/// What a register holds after it was extended.
[[nodiscard]] Sha384 extended(const Sha384& value, const Sha384& digest);

/// Those of TDX, as Linux shows them since 6.16: RTMR2 and RTMR3 can be extended.
/// Source: Linux, Documentation/ABI/testing/sysfs-devices-virtual-misc-tdx_guest.
class SysfsRegisters final : public Registers {
public:
    /// `folder` is /sys/devices/virtual/misc/tdx_guest/measurements. A null pointer where it is missing: a kernel
    /// before 6.16, or no TDX.
    static Result<std::unique_ptr<Registers>> find(std::string folder);

    Result<Sha384> value(std::uint32_t register_index) override;
    Status extend(std::uint32_t register_index, const Sha384& digest) override;

private:
    explicit SysfsRegisters(std::string folder) : folder_(std::move(folder)) {}
    [[nodiscard]] Result<std::string> file_of(std::uint32_t register_index) const;

    std::string folder_;
};

}  // namespace hallmark::events
