// SPDX-License-Identifier: Apache-2.0
// explain tdx: register by register, or event by event where a log was seen.
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/formats/event_log.hpp"
#include "common/formats/event_replay.hpp"
#include "common/hex.hpp"
#include "common/json.hpp"
#include "measure/cli_explain.hpp"
#include "measure/cli_tdx.hpp"
#include "measure/explain/answer.hpp"
#include "measure/explain/expected.hpp"
#include "measure/explain/log_comparison.hpp"
#include "measure/explain/log_difference.hpp"
#include "measure/explain/tdx_space.hpp"
#include "measure/ovmf/traits.hpp"

namespace hallmark::cli {
namespace {

using explain::BootSpace;
using tdx::Register;

constexpr std::array kBootRegisters = {Register::kRtmr0, Register::kRtmr1, Register::kRtmr2, Register::kRtmr3};

constexpr std::string_view kHint =
    "What isn't explained may come of a kernel, initrd or firmware of other content (--firmware-dir), of other ACPI\n"
    "tables (--acpi), of variables or devices that the request doesn't have, or of more than two changes at once.\n";

/// What is asked, with all files that it needs.
struct Question {
    tdx::Request request;
    Text memory;
    std::vector<tdx::FirmwareImage> firmwares;  ///< the request's own first
    tdx::BootFiles files;

    [[nodiscard]] bool boots() const { return request.kernel || request.uki; }
    [[nodiscard]] std::unique_ptr<BootSpace> space(Register where, BootSpace::Fits fits) const {
        return std::make_unique<BootSpace>(request, memory, firmwares, files, where, std::move(fits));
    }
};

Result<Question> read_question(const ExplainOptions& shared, const TdxOptions& options) {
    Question question;
    HALLMARK_TRY(question.request, request_of(options));
    question.memory = options.memory;
    HALLMARK_TRY(tdx::FirmwareImage own, tdx::read_firmware_image(question.request.firmware));
    question.firmwares.push_back(std::move(own));
    HALLMARK_TRY(question.files, tdx::read_boot_files(question.request));
    HALLMARK_TRY(const auto others, other_firmwares(shared, question.request.firmware));
    for (const auto& name : others)
        if (auto other = tdx::read_firmware_image(name)) question.firmwares.push_back(*std::move(other));
    if (!question.boots()) return question;
    for (auto& firmware : question.firmwares) firmware.traits = ovmf::firmware_traits(firmware.image);
    // The errors of a request that has no prediction are its own.
    tdx::Assumptions assumptions;
    if (auto events = tdx::predict_events(question.request, question.firmwares.front(), question.files, assumptions);
        !events)
        return std::unexpected(std::move(events).error());
    return question;
}

/// What was found of one register, for both forms of the answer.
struct Part {
    bool equal = false;
    bool predicted = true;  ///< whether the request has a value at all
    std::string text;
    Json json;
};

std::vector<tdx::Event> own_events(const Question& question, Register where) {
    return question.space(where, {})->events_of({}).value_or(std::vector<tdx::Event>{});
}

Part explain_mrtd(const Question& question, const Sha384& expected) {
    const explain::MrtdSpace space(question.firmwares, expected);
    const auto outcome = explain::search(space);
    return {outcome.equal, true, explain::as_lines("mrtd", space, outcome), explain::as_json(space, outcome)};
}

Part explain_register(const Question& question, Register where, const Sha384& expected) {
    const auto space =
        question.space(where, [&](const auto& events) { return tdx::replay(events, where) == expected; });
    const auto outcome = explain::search(*space);
    const std::string name(tdx::name_of(where));
    Part part{outcome.equal, true, explain::as_lines(name, *space, outcome), explain::as_json(*space, outcome)};
    if (all_zero(expected)) part.text += "  it is zero: nothing was extended into it\n";
    for (const auto& event : own_events(question, where)) {
        if (event.digest) continue;
        part.predicted = false;
        part.json["not_predicted"] = event.name + ": " + event.reason;
        if (outcome.explanations.empty())
            part.text = name + " is not predicted: " + event.name + " " + event.reason + "\n";
        break;
    }
    return part;
}

/// A register of a guest that boots, or MRTD.
using Seen = std::vector<std::pair<std::optional<Register>, Sha384>>;

std::string name_for(const std::optional<Register>& where) {
    return where ? std::string(tdx::name_of(*where)) : "mrtd";
}

Part explain_one(const Question& question, const std::optional<Register>& where, const Sha384& expected) {
    return where ? explain_register(question, *where, expected) : explain_mrtd(question, expected);
}

/// Every register of a quote.
Answer explain_registers(const ExplainOptions& shared, const Question& question, const explain::DomainRegisters& seen) {
    Seen all = {{std::nullopt, seen.mrtd}};
    for (const auto where : kBootRegisters)
        if (question.boots()) all.emplace_back(where, seen.rtmr.at(static_cast<std::size_t>(where)));
    bool is_equal = true;
    bool is_explained = true;
    std::string text;
    Json registers = Json::object();
    for (const auto& [where, expected] : all) {
        auto part = explain_one(question, where, expected);
        if (part.predicted && !part.equal) is_equal = false;
        if (!part.equal && part.json["explanations"].empty()) is_explained = false;
        text += part.text;
        part.json["expected"] = to_hex(expected);
        registers[name_for(where)] = std::move(part.json);
    }
    if (!is_explained) text += kHint;
    if (shared.json) text = to_text({{"equal", is_equal}, {"registers", std::move(registers)}});
    return {std::move(text), is_equal ? 0 : 1};
}

/// A digest of which nobody says what it is of: whichever register it fits.
Answer explain_digest(const ExplainOptions& shared, const Question& question, const Sha384& expected) {
    std::vector<std::optional<Register>> all = {std::nullopt};
    for (const auto where : kBootRegisters)
        if (question.boots()) all.emplace_back(where);
    bool is_equal = false;
    std::string found;
    std::string tried;
    Json registers = Json::object();
    for (const auto& where : all) {
        auto part = explain_one(question, where, expected);
        is_equal = is_equal || part.equal;
        (part.equal || !part.json["explanations"].empty() ? found : tried) += part.text;
        registers[name_for(where)] = std::move(part.json);
    }
    if (shared.json)
        return {to_text({{"equal", is_equal}, {"expected", to_hex(expected)}, {"registers", std::move(registers)}}),
                is_equal ? 0 : 1};
    return {found.empty() ? tried + std::string(kHint) : found, is_equal ? 0 : 1};
}

std::vector<explain::PredictedEvent> as_predicted(const std::vector<tdx::Event>& events) {
    std::vector<explain::PredictedEvent> predicted;
    for (const auto& event : events) {
        std::optional<Bytes> digest;
        if (event.digest) digest.emplace(event.digest->begin(), event.digest->end());
        predicted.push_back({event.type, event.name, event.what, std::move(digest)});
    }
    return predicted;
}

/// Whether the registers of a quote are those that the log gives: a log proves nothing by itself.
struct Replay {
    bool equal = true;
    std::string text;
    Json json = Json::object();
};
Result<Replay> replay(const event_log::EventLog& log, const explain::LogFile& file, const std::string& quote) {
    HALLMARK_TRY(const explain::Expected named, explain::read_expected(quote));
    const auto* seen = std::get_if<explain::DomainRegisters>(&named);
    if (seen == nullptr) return bad_input("--quote: " + quote + ": expected a TDX quote or TDREPORT");
    HALLMARK_TRY(const auto values, event_log::replay(log, event_log::Algorithm::kSha384, file.name));
    Replay replay;
    for (std::uint32_t i = 0; i < seen->rtmr.size(); ++i) {
        const auto value = values.find(i + 1);
        // A register that the log doesn't have was never extended.
        const bool same = value == values.end() ? all_zero(seen->rtmr.at(i)) : equal(value->second, seen->rtmr.at(i));
        const auto name = name_for(static_cast<Register>(i));
        replay.json[name] = same;
        replay.equal = replay.equal && same;
        if (!same) replay.text += "the log doesn't replay to " + name + " of the quote: do not believe what it says\n";
    }
    if (replay.equal) replay.text = "the log replays to every register of the quote\n";
    return replay;
}

Result<Answer> explain_log(const ExplainOptions& shared, const Question& question, const explain::LogFile& file,
                           const Text& quote) {
    if (!question.boots()) return bad_input("--expected: an event log is of a boot; give --kernel or --uki");
    HALLMARK_TRY(const auto log, event_log::parse_event_log(file.bytes, file.name));
    const auto bank = log.bank(event_log::Algorithm::kSha384);
    if (!bank)
        return bad_input(file.name + ": no bank sha384, which the registers of a trust domain have; see explain pcr");
    std::vector<explain::LoggedRegister> registers;
    for (const auto where : kBootRegisters) {
        // What the guest itself extends is known only if it was named.
        if (where == Register::kRtmr3 && !question.request.runtime_events) continue;
        registers.push_back(
            {name_for(where), as_predicted(own_events(question, where)),
             explain::logged_events(log, static_cast<std::uint32_t>(where) + 1, *bank), [&, where](const auto& fits) {
                 return question.space(where, [fits](const auto& events) { return fits(as_predicted(events)); });
             }});
    }
    auto answer = explain::compare(registers);
    if (quote) {
        HALLMARK_TRY(Replay replayed, replay(log, file, *quote));
        answer.equal = answer.equal && replayed.equal;
        answer.json["equal"] = answer.equal;
        answer.json["replays"] = std::move(replayed.json);
        answer.text += replayed.text;
    }
    return Answer{shared.json ? to_text(answer.json) : std::move(answer.text), answer.equal ? 0 : 1};
}

Result<Answer> explain_tdx(const ExplainOptions& shared, const TdxOptions& options, const Text& quote) {
    HALLMARK_TRY(const explain::Expected expected, explain::read_expected(shared.expected));
    if (std::holds_alternative<explain::LaunchMeasurement>(expected))
        return bad_input("--expected: " + shared.expected + ": a report of SEV-SNP; see explain snp");
    const auto* log = std::get_if<explain::LogFile>(&expected);
    if (quote && log == nullptr) return bad_input("--quote: goes with an event log; give that as --expected");
    HALLMARK_TRY(const Question question, read_question(shared, options));
    if (const auto* registers = std::get_if<explain::DomainRegisters>(&expected))
        return explain_registers(shared, question, *registers);
    if (log != nullptr) return explain_log(shared, question, *log, quote);
    const auto& bytes = std::get<explain::BareDigest>(expected).bytes;
    Sha384 digest{};
    if (bytes.size() != digest.size())
        return bad_input("--expected: a digest of 64 digits, expected the 96 of MRTD or an RTMR");
    std::ranges::copy(bytes, digest.begin());
    return explain_digest(shared, question, digest);
}

}  // namespace

void add_explain_tdx(CLI::App& app, const SharedExplainOptions& shared, Run& run) {
    const auto options = std::make_shared<TdxOptions>();
    const auto quote = std::make_shared<Text>();
    add_tdx_flags(app, *options);
    add_text(app, "--quote", *quote, "FILE", "Quote or TDREPORT of the guest whose event log is --expected");
    app.callback([options, quote, shared, &run] {
        run = [options, quote, shared] { return explain_tdx(*shared, *options, *quote); };
    });
}

}  // namespace hallmark::cli
