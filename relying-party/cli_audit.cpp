// SPDX-License-Identifier: Apache-2.0
// hallmark-kbs audit: whether an audit log is whole, and what is in it.
#include <cstdint>
#include <memory>
#include <string>

#include "common/hex.hpp"
#include "common/json.hpp"
#include "relying-party/cli.hpp"
#include "relying-party/keys/audit_check.hpp"

namespace hallmark::cli {
namespace {

struct Options {
    std::string file;
    bool json = false;
};

std::string text_of(const keys::AuditSummary& summary) {
    const auto line = [](const char* label, const std::string& value) { return label + value + "\n"; };
    std::string text;
    text += line("lines           ", std::to_string(summary.lines));
    text += line("released        ", std::to_string(summary.released));
    text += line("refused         ", std::to_string(summary.refused));
    text += line("opened          ", std::to_string(summary.opened));
    text += line("torn by crashes ", std::to_string(summary.torn));
    if (summary.unfinished != 0) text += line("unfinished      ", std::to_string(summary.unfinished) + " bytes");
    if (summary.first_sequence != 0) {
        text += line("begins with     ", std::to_string(summary.first_sequence));
        text += line("goes on from    ", to_hex(summary.first_previous));
    }
    return text + line("last digest     ", to_hex(summary.last));
}

Json json_of(const keys::AuditSummary& summary) {
    return {{"lines", summary.lines},
            {"released", summary.released},
            {"refused", summary.refused},
            {"opened", summary.opened},
            {"torn", summary.torn},
            {"unfinished", summary.unfinished},
            {"first_sequence", summary.first_sequence},
            {"first_previous", to_hex(summary.first_previous)},
            {"last_sequence", summary.last_sequence},
            {"last", to_hex(summary.last)}};
}

Result<Answer> audit(const Options& options) {
    HALLMARK_TRY(const auto summary, keys::check_audit_log(options.file));
    return options.json ? to_text(json_of(summary)) : text_of(summary);
}

}  // namespace

void add_audit_options(CLI::App& app, Run& run) {
    const auto options = std::make_shared<Options>();
    app.add_option("FILE", options->file, "The log; the broker may have it open")->type_name("")->required();
    app.add_flag("--json", options->json, "Print the summary as JSON");
    app.callback([options, &run] { run = [options] { return audit(*options); }; });
}

}  // namespace hallmark::cli
