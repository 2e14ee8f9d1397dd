// SPDX-License-Identifier: Apache-2.0
// Reports of the real security processor, over the kernel's common interface.
// Source: Linux, Documentation/ABI/testing/configfs-tsm-report (since 6.7).
#pragma once

#include <memory>
#include <string>

#include "agent/evidence/attester.hpp"

namespace hallmark::guest {

class ConfigfsTsm final : public Attester {
public:
    /// `reports` is the folder /sys/kernel/config/tsm/report. A null pointer where no driver offers reports: the folder
    /// is missing, or the kernel answers ENXIO to a new folder in it. Every other failure is an error, so that a guest
    /// on real hardware never falls back to simulated evidence because something went wrong.
    static Result<std::unique_ptr<Attester>> find(std::string reports);

    [[nodiscard]] std::string name() const override { return "configfs-tsm:" + provider_; }
    Result<guest_port::Evidence> attest(const ReportData& report_data) override;

    /// One report through the files of an existing report folder. Public for tests, where a plain folder plays the
    /// part.
    static Result<guest_port::Evidence> report(const std::string& directory, guest_port::Kind kind,
                                               const ReportData& report_data);

private:
    ConfigfsTsm(std::string reports, std::string provider, guest_port::Kind kind)
        : reports_(std::move(reports)), provider_(std::move(provider)), kind_(kind) {}

    std::string reports_;
    std::string provider_;
    guest_port::Kind kind_;
};

}  // namespace hallmark::guest
