// SPDX-License-Identifier: Apache-2.0
// explain igvm.
#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "measure/cli_explain.hpp"
#include "measure/cli_igvm.hpp"
#include "measure/explain/expected.hpp"
#include "measure/explain/igvm_space.hpp"

namespace hallmark::cli {
namespace {

constexpr std::string_view kHint =
    "It may be another build of the file (--firmware-dir), other fields of the CPUs' state than the file's, a region\n"
    "that the loader moved, or more than two changes at once.";

/// The launch digest or MRTD that was seen.
Result<Sha384> expected_digest(const std::string& text, std::string_view platform) {
    HALLMARK_TRY(const explain::Expected expected, explain::read_expected(text));
    Sha384 digest{};
    if (const auto* bare = std::get_if<explain::BareDigest>(&expected); bare && bare->bytes.size() == digest.size()) {
        std::ranges::copy(bare->bytes, digest.begin());
        return digest;
    }
    if (const auto* report = std::get_if<explain::LaunchMeasurement>(&expected); report && platform == "snp")
        return report->digest;
    if (const auto* domain = std::get_if<explain::DomainRegisters>(&expected); domain && platform == "tdx")
        return domain->mrtd;
    return bad_input("--expected: " + text + ": expected the 96 digits of a digest, or evidence of the platform " +
                     std::string(platform) + "; see --platform");
}

/// Other IGVM files for the same platform; what else a folder has is passed over.
Status add_others(const ExplainOptions& shared, const IgvmOptions& options, const std::string& platform,
                  std::vector<explain::IgvmLaunch>& launches) {
    HALLMARK_TRY(const auto others, other_firmwares(shared, options.file));
    for (const auto& name : others) {
        const auto file = open_igvm(name);
        if (!file) continue;
        if (auto launch = explain::measure_igvm(*file, platform, options.unknown()))
            launches.push_back(*std::move(launch));
    }
    return {};
}

Result<Answer> explain_igvm(const ExplainOptions& shared, const IgvmOptions& options) {
    HALLMARK_TRY(const igvm::File file, open_igvm(options.file));
    HALLMARK_TRY(const std::string platform, choose_platform(options, file));
    HALLMARK_TRY(const Sha384 expected, expected_digest(shared.expected, platform));
    HALLMARK_TRY(explain::IgvmLaunch own, explain::measure_igvm(file, platform, options.unknown()));
    std::vector<explain::IgvmLaunch> launches;
    launches.push_back(std::move(own));
    HALLMARK_CHECK(add_others(shared, options, platform, launches));
    const explain::IgvmSpace space(std::move(launches), expected);
    return explained(shared, platform == "snp" ? "launch digest" : "MRTD", space, space.value(), expected, kHint);
}

}  // namespace

void add_explain_igvm(CLI::App& app, const SharedExplainOptions& shared, Run& run) {
    const auto options = std::make_shared<IgvmOptions>();
    add_igvm_flags(app, *options);
    app.callback([options, shared, &run] { run = [options, shared] { return explain_igvm(*shared, *options); }; });
}

}  // namespace hallmark::cli
