// SPDX-License-Identifier: Apache-2.0
#include "measure/cli_igvm.hpp"

#include <cstdio>
#include <memory>
#include <optional>

#include "common/hex.hpp"
#include "common/json.hpp"
#include "common/random_access.hpp"
#include "measure/cli.hpp"
#include "measure/igvm/snp.hpp"
#include "measure/igvm/tdx.hpp"
#include "measure/trace.hpp"

namespace hallmark::cli {
namespace {

/// What both platforms answer.
struct Answer {
    const char* name;  // of the digest
    Sha384 digest;
    Json parameters;
    std::vector<igvm::OtherReading> others;
    std::vector<std::string> notes;
};

Json to_json(const std::vector<igvm::OtherReading>& others) {
    Json list = Json::array();
    for (const auto& other : others)
        list.push_back({{"tool", other.tool},
                        {"digest", other.digest ? Json(to_hex(*other.digest)) : Json(nullptr)},
                        {"reasons", other.reasons}});
    return list;
}

Json to_json(const igvm::SnpIdBlock& block, const Sha384& digest) {
    return {{"launch_digest", to_hex(block.launch_digest)},
            {"matches", equal(block.launch_digest, digest)},
            {"family_id", to_hex(block.family_id)},
            {"image_id", to_hex(block.image_id)},
            {"version", block.version.get()},
            {"guest_svn", block.guest_svn.get()},
            {"author_key_enabled", block.author_key_enabled != 0}};
}

/// Without --json the digest stands alone on standard output; what else must be known goes beside it.
void warn(const Answer& answer) {
    for (const auto& note : answer.notes) std::fprintf(stderr, "hallmark-measure: note: %s\n", note.c_str());
    for (const auto& other : answer.others)
        for (const auto& reason : other.reasons)
            std::fprintf(stderr, "hallmark-measure: note: %s differs: %s\n", other.tool.c_str(), reason.c_str());
}

std::string render(const IgvmOptions& options, const igvm::File& file, const Answer& answer, const Trace& trace) {
    if (!options.json) {
        warn(answer);
        return (options.trace ? trace_text(trace) : "") + to_hex(answer.digest) + "\n";
    }
    Json json = {{answer.name, to_hex(answer.digest)}, {"parameters", answer.parameters}};
    json["parameters"]["file"] = file.what();
    json["parameters"]["format_version"] = file.version();
    json["differing_tools"] = to_json(answer.others);
    json["notes"] = answer.notes;
    if (options.trace) json["trace"] = trace_json(trace);
    return to_text(json);
}

Result<Answer> measure(const igvm::File& file, std::string_view platform, igvm::Unknown unknown, Trace* trace) {
    if (platform == "tdx") {
        HALLMARK_TRY(igvm::TdxMeasurement tdx, measure_tdx(file, unknown, trace));
        Json parameters = {{"platform", "tdx"}, {"pages", tdx.pages}, {"page_order", "single_pass"}};
        if (tdx.policy) parameters["policy"] = hex_number(*tdx.policy);
        return Answer{"mrtd", tdx.mrtd, std::move(parameters), std::move(tdx.others), std::move(tdx.notes)};
    }
    HALLMARK_TRY(igvm::SnpMeasurement snp, measure_snp(file, unknown, trace));
    Json parameters = {{"platform", "snp"}, {"pages", snp.pages}};
    if (snp.policy) parameters["policy"] = hex_number(*snp.policy);
    if (snp.id_block) parameters["id_block"] = to_json(*snp.id_block, snp.digest);
    return Answer{"launch_digest", snp.digest, std::move(parameters), std::move(snp.others), std::move(snp.notes)};
}

Result<std::string> answer(const IgvmOptions& options) {
    HALLMARK_TRY(const igvm::File file, open_igvm(options.file));
    HALLMARK_TRY(const std::string platform, choose_platform(options, file));
    Trace trace;
    HALLMARK_TRY(const Answer answer, measure(file, platform, options.unknown(), options.trace ? &trace : nullptr));
    return render(options, file, answer, trace);
}

}  // namespace

Result<igvm::File> open_igvm(const std::string& file) {
    if (file.empty()) return bad_input("FILE: empty, expected the name of a file");
    HALLMARK_TRY(RandomAccess source, RandomAccess::open(file));
    return igvm::File::parse(std::move(source), file);
}

Result<std::string> choose_platform(const IgvmOptions& options, const igvm::File& file) {
    if (!options.platform.empty()) return options.platform;
    const bool snp = file.find_platform(igvm::PlatformType::kSevSnp) != nullptr;
    const bool tdx = file.find_platform(igvm::PlatformType::kTdx) != nullptr;
    if (snp && tdx) return bad_input(file.what() + ": for SEV-SNP and TDX; say --platform snp or --platform tdx");
    if (!snp && !tdx) return bad_input(file.what() + ": for neither SEV-SNP nor TDX, expected a file for one of them");
    return std::string(snp ? "snp" : "tdx");
}

void add_igvm_flags(CLI::App& app, IgvmOptions& options) {
    app.add_option("FILE", options.file, "IGVM file")->type_name("")->required();
    app.add_option("--platform", options.platform, "snp or tdx; may be left out where the file is for one of them")
        ->type_name("NAME")
        ->check(CLI::IsMember({"snp", "tdx"}));
    app.add_flag("--pass-over-unknown", options.pass_over_unknown,
                 "Measure on past headers of unknown type, which may load something");
}

void add_igvm_options(CLI::App& app, Run& run) {
    const auto options = std::make_shared<IgvmOptions>();
    add_igvm_flags(app, *options);
    app.add_flag("--trace", options->trace, "Show every step: the running digest, what went in, and how");
    app.add_flag("--json", options->json, "Print the digest, what other tools make of the file, and notes, as JSON");
    app.callback([options, &run] { run = [options] { return answer(*options); }; });
}

}  // namespace hallmark::cli
