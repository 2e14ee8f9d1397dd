// SPDX-License-Identifier: Apache-2.0
// The neighbourhood of the build and the boot of a trust domain.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/digest.hpp"
#include "measure/explain/dimension.hpp"
#include "measure/explain/search.hpp"
#include "measure/tdx/event.hpp"
#include "measure/tdx/layout.hpp"
#include "measure/tdx/mrtd.hpp"
#include "measure/tdx/prediction.hpp"

namespace hallmark::explain {

/// MRTD: what is built, and in which order.
class MrtdSpace : public Space {
public:
    /// `firmwares`: the one of the request first. They outlive this.
    MrtdSpace(std::span<const tdx::FirmwareImage> firmwares, const Sha384& expected);

    [[nodiscard]] const std::vector<Dimension>& dimensions() const override { return dimensions_; }
    [[nodiscard]] std::vector<Hit> measure(std::span<const Candidate> candidates) const override;

private:
    enum Index : std::size_t { kPageOrder, kSections, kFirmware };

    [[nodiscard]] Sha384 mrtd_of(const Candidate& candidate) const;

    std::span<const tdx::FirmwareImage> firmwares_;
    Axis<tdx::PageOrder> order_;
    Axis<bool> by_address_;
    Axis<std::size_t> firmware_;
    std::vector<Dimension> dimensions_;
    Sha384 expected_;
};

/// One RTMR, or an event of it: what is booted, by what, in how much memory.
class BootSpace : public Space {
public:
    /// Whether these events of the register, in their order, are those that were seen.
    using Fits = std::function<bool(const std::vector<tdx::Event>&)>;

    /// `memory`: as it was typed. `firmwares`: the one of the request first. They and the files outlive this.
    BootSpace(const tdx::Request& request, std::optional<std::string> memory,
              std::span<const tdx::FirmwareImage> firmwares, const tdx::BootFiles& files, tdx::Register where,
              Fits fits);

    [[nodiscard]] const std::vector<Dimension>& dimensions() const override { return dimensions_; }
    [[nodiscard]] std::vector<Hit> measure(std::span<const Candidate> candidates) const override;
    /// The events of a candidate; nothing where it can't be.
    [[nodiscard]] std::optional<std::vector<tdx::Event>> events_of(const Candidate& candidate) const;

private:
    enum Index : std::size_t { kMemory, kEdk2, kQemu, kInitrd, kAppend, kFirmware };

    tdx::Request request_;
    std::span<const tdx::FirmwareImage> firmwares_;
    const tdx::BootFiles& files_;
    tdx::Register where_;
    Fits fits_;
    Axis<std::optional<std::uint64_t>> memory_;
    Axis<std::optional<std::string>> edk2_;
    Axis<std::optional<tdx::QemuRelease>> qemu_;
    Axis<bool> initrd_;
    Axis<std::optional<std::string>> append_;
    Axis<std::size_t> firmware_;
    std::vector<Dimension> dimensions_;
};

}  // namespace hallmark::explain
