// SPDX-License-Identifier: Apache-2.0
// What the explanations of AMD launches share.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/result.hpp"
#include "measure/cli_explain.hpp"
#include "measure/cli_snp.hpp"
#include "measure/explain/launch_axes.hpp"

namespace hallmark::cli {

/// What else may be, where nothing explains a digest.
inline constexpr std::string_view kLaunchHint =
    "It may be another build of the firmware (--firmware-dir), a kernel, initrd or command line of other content, "
    "other\n"
    "fields of the CPUs' state (--vmsa), more than two changes at once, or another kind of launch: an SVSM beside the\n"
    "firmware (--svsm), an IGVM file (explain igvm).";

/// The digest that --expected names, of the size of this kind of launch.
Result<Bytes> expected_launch_digest(const std::string& text, std::size_t size);

/// `snp --svsm`, for a request that has its CPUs.
Result<Answer> explain_svsm(const ExplainOptions& shared, const SnpOptions& options, explain::LaunchRequest request,
                            const Sha384& expected);

}  // namespace hallmark::cli
