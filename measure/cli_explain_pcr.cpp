// SPDX-License-Identifier: Apache-2.0
// explain pcr: the PCRs of which every event is predicted, or a TPM's event log.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/formats/event_log.hpp"
#include "common/hex.hpp"
#include "common/json.hpp"
#include "measure/cli_explain.hpp"
#include "measure/cli_pcr.hpp"
#include "measure/explain/answer.hpp"
#include "measure/explain/expected.hpp"
#include "measure/explain/log_comparison.hpp"
#include "measure/explain/pcr_space.hpp"
#include "measure/tpm/registers.hpp"

namespace hallmark::cli {
namespace {

using explain::PcrSpace;
using tpm::Algorithm;

/// What is asked, with all files that it needs.
struct Question {
    NamedFiles files;
    tpm::KernelBoot kernel_boot;           ///< what is booted,
    std::optional<tpm::UkiBoot> uki_boot;  ///< unless this is
    tpm::LoadedKernel kernel;
    explain::KernelBootTexts texts;
    Text phases;
    tpm::Selection selection;
    tpm::Prediction prediction;

    [[nodiscard]] std::unique_ptr<PcrSpace> space(std::uint32_t pcr, explain::PcrFits fits) const {
        if (uki_boot) return std::make_unique<explain::UkiPcrSpace>(*uki_boot, phases, pcr, std::move(fits));
        return std::make_unique<explain::KernelPcrSpace>(kernel_boot, kernel, texts, pcr, std::move(fits));
    }
    /// Those of which every event is predicted, as far as they are asked for.
    [[nodiscard]] std::vector<std::uint32_t> pcrs() const {
        std::vector<std::uint32_t> pcrs;
        for (const auto pcr : prediction.complete)
            if (selection.has(pcr)) pcrs.push_back(pcr);
        return pcrs;
    }
};

Status read_question(const PcrOptions& options, Question& question) {
    HALLMARK_CHECK(check_pcr_options(options));
    HALLMARK_TRY(question.selection, selection(options));
    question.phases = options.phases;
    question.texts = {options.initrd, options.append, options.edk2};
    if (options.uki) {
        HALLMARK_TRY(question.uki_boot, uki_boot(options, question.files));
    } else {
        HALLMARK_TRY(question.kernel_boot, kernel_boot(options, question.files));
        HALLMARK_TRY(question.kernel, tpm::load_kernel(question.kernel_boot.kernel));
    }
    HALLMARK_TRY(question.prediction, question.space(0, {})->predict({}));
    if (question.pcrs().empty())
        return bad_input("--pcr: none of these has all of its events predicted, expected others; see pcr");
    return {};
}

/// The value of a PCR in the bank whose digests have this size.
std::optional<Bytes> value_of(const tpm::Prediction& prediction, std::uint32_t pcr, std::size_t size) {
    const auto bank = size == sizeof(Sha256) ? Algorithm::kSha256 : Algorithm::kSha384;
    const auto values = tpm::registers(prediction, bank, nullptr, {pcr});
    if (!values || !values->contains(pcr)) return std::nullopt;
    return values->at(pcr);
}

std::string name_for(std::uint32_t pcr) { return "pcr" + std::to_string(pcr); }

Answer explain_digest(const ExplainOptions& shared, const Question& question, const Bytes& expected) {
    bool is_equal = false;
    std::string found;
    std::string tried;
    Json registers = Json::object();
    for (const auto pcr : question.pcrs()) {
        const auto space = question.space(pcr, [&](const tpm::Prediction& prediction) {
            return value_of(prediction, pcr, expected.size()) == expected;
        });
        const auto outcome = explain::search(*space);
        is_equal = is_equal || outcome.equal;
        const bool fits = outcome.equal || !outcome.explanations.empty();
        (fits ? found : tried) += explain::as_lines(name_for(pcr), *space, outcome);
        registers[name_for(pcr)] = explain::as_json(*space, outcome);
    }
    const int status = is_equal ? 0 : 1;
    if (shared.json)
        return {to_text({{"equal", is_equal}, {"expected", to_hex(expected)}, {"registers", std::move(registers)}}),
                status};
    return {found.empty() ? tried : found, status};
}

std::vector<explain::PredictedEvent> as_predicted(const tpm::Prediction& prediction, std::uint32_t pcr,
                                                  Algorithm bank) {
    std::vector<explain::PredictedEvent> predicted;
    for (const auto& event : prediction.events) {
        if (event.pcr != pcr) continue;
        const auto digest = event.digests.of(bank);
        predicted.push_back({event.type, event.name, event.covers, Bytes(digest.begin(), digest.end())});
    }
    return predicted;
}

Result<Answer> explain_log(const ExplainOptions& shared, const Question& question, const explain::LogFile& file) {
    HALLMARK_TRY(const auto log, event_log::parse_event_log(file.bytes, file.name));
    auto algorithm = Algorithm::kSha384;
    if (!log.bank(algorithm)) algorithm = Algorithm::kSha256;
    const auto bank = log.bank(algorithm);
    if (!bank) return bad_input(file.name + ": no bank sha256 or sha384, in which events are predicted");
    std::vector<explain::LoggedRegister> registers;
    for (const auto pcr : question.pcrs())
        registers.push_back({name_for(pcr), as_predicted(question.prediction, pcr, algorithm),
                             explain::logged_events(log, pcr, *bank), [&question, pcr, algorithm](const auto& fits) {
                                 return question.space(pcr, [fits, pcr, algorithm](const tpm::Prediction& prediction) {
                                     return fits(as_predicted(prediction, pcr, algorithm));
                                 });
                             }});
    auto answer = explain::compare(registers);
    return Answer{shared.json ? to_text(answer.json) : std::move(answer.text), answer.equal ? 0 : 1};
}

Result<Answer> explain_pcr(const ExplainOptions& shared, const PcrOptions& options) {
    if (shared.firmware_folder)
        return bad_input("--firmware-dir: no PCR is predicted from a firmware's content; leave it out");
    HALLMARK_TRY(const explain::Expected expected, explain::read_expected(shared.expected));
    const auto* digest = std::get_if<explain::BareDigest>(&expected);
    const auto* log = std::get_if<explain::LogFile>(&expected);
    if (digest == nullptr && log == nullptr)
        return bad_input("--expected: " + shared.expected + ": has no PCRs, expected a digest or an event log");
    Question question;
    HALLMARK_CHECK(read_question(options, question));
    if (log != nullptr) return explain_log(shared, question, *log);
    return explain_digest(shared, question, digest->bytes);
}

}  // namespace

void add_explain_pcr(CLI::App& app, const SharedExplainOptions& shared, Run& run) {
    const auto options = std::make_shared<PcrOptions>();
    add_pcr_flags(app, *options);
    app.callback([options, shared, &run] { run = [options, shared] { return explain_pcr(*shared, *options); }; });
}

}  // namespace hallmark::cli
