// SPDX-License-Identifier: Apache-2.0
// explain snp --svsm.
#include <utility>
#include <vector>

#include "common/file.hpp"
#include "measure/cli_explain_launch.hpp"
#include "measure/explain/svsm_space.hpp"

namespace hallmark::cli {
namespace {

/// The images of a launch, the request's own first.
struct Images {
    std::vector<explain::BesideSvsm> firmwares;
    std::vector<explain::MeasuredSvsm> svsms;
};

/// A folder of firmwares has SVSMs too, and may have other files, which are passed over.
Status add_others(const ExplainOptions& shared, const SnpOptions& options, explain::LaunchRequest& request,
                  Images& images) {
    HALLMARK_TRY(const auto others, other_firmwares(shared, options.firmware.name()));
    for (const auto& name : others) {
        const auto image = read_file(name, ovmf::kLargestFirmware);
        if (!image || !ovmf::check_firmware_size(image->size(), name)) continue;
        if (auto svsm = explain::measure_svsm(*image, name, options.firmware.unknown())) {
            request.svsms.push_back(name);
            images.svsms.push_back(*std::move(svsm));
            continue;
        }
        auto firmware = explain::measure_beside_svsm(*image, name, options.firmware.unknown());
        if (!firmware.layout) continue;
        request.firmwares.push_back(name);
        images.firmwares.push_back(std::move(firmware));
    }
    return {};
}

}  // namespace

Result<Answer> explain_svsm(const ExplainOptions& shared, const SnpOptions& options, explain::LaunchRequest request,
                            const Sha384& expected) {
    const auto& svsm_file = *options.svsm;
    HALLMARK_TRY(const SvsmInputs inputs, read_svsm_inputs(options, svsm_file));
    request.variables = inputs.variables;
    request.firmwares = {options.firmware.name()};
    request.svsms = {svsm_file};
    Images images;
    images.firmwares.push_back(
        explain::measure_beside_svsm(inputs.firmware, options.firmware.name(), options.firmware.unknown()));
    HALLMARK_TRY(explain::MeasuredSvsm own, explain::measure_svsm(inputs.image, svsm_file, options.firmware.unknown()));
    images.svsms.push_back(std::move(own));
    HALLMARK_CHECK(add_others(shared, options, request, images));
    const explain::SvsmSpace space(request, std::move(images.firmwares), std::move(images.svsms), expected);
    return explained(shared, "launch digest", space, space.value(), expected, kLaunchHint);
}

}  // namespace hallmark::cli
