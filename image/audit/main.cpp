// SPDX-License-Identifier: Apache-2.0
// hallmark-audit: whether every file of a guest's root is built as it should be.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "common/json.hpp"
#include "image/audit/audit.hpp"

namespace hallmark::audit {
namespace {

constexpr const char* kProgram = "hallmark-audit";
constexpr const char* kFooter =
    "Rules: damaged, executable-stack, library-missing, loader-missing, no-full-relro, not-pie, search-path, set-id,\n"
    "text-relocations, unneeded, unreadable, writable-code.\n"
    "Exit status: 0 nothing found; 1 something found; 2 the request is wrong, or an exception is not needed.\n"
    "Example:\n"
    "  hallmark-audit build/root --exceptions image/audit-exceptions.json";

struct Options {
    std::string root;
    std::string exceptions;
    bool json = false;
};

/// One line, whatever came in with the name of a file.
std::string one_line(std::string text) {
    for (char& c : text)
        if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
    return text;
}

Json as_json(const Finding& finding) {
    return {{"file", finding.file}, {"rule", finding.rule}, {"found", finding.found}, {"remedy", finding.remedy}};
}

Json as_json(const Audit& audit) {
    Json findings = Json::array();
    Json excepted = Json::array();
    for (const auto& finding : audit.findings) findings.push_back(as_json(finding));
    for (const auto& one : audit.excepted) {
        excepted.push_back(as_json(one.finding));
        excepted.back()["why"] = one.why;
    }
    return {{"files", audit.files}, {"elf_files", audit.elf_files}, {"findings", findings}, {"excepted", excepted}};
}

void print(const Audit& audit, bool json) {
    if (json) {
        std::fputs(to_text(as_json(audit)).c_str(), stdout);
        return;
    }
    for (const auto& one : audit.findings) {
        const auto line = one.file + ": " + one.rule + ": " + one.found + "; " + one.remedy;
        std::printf("%s\n", one_line(line).c_str());
    }
    std::printf("%zu ELF files of %zu files: %zu findings, %zu excepted\n", audit.elf_files, audit.files,
                audit.findings.size(), audit.excepted.size());
}

Result<Audit> run(const Options& options) {
    HALLMARK_TRY(const Root root, Root::open(options.root));
    std::vector<Exception> exceptions;
    if (!options.exceptions.empty()) {
        HALLMARK_TRY(exceptions, read_exceptions(options.exceptions));
    }
    return audit(root, exceptions);
}

int fail(const std::string& message, int status) {
    std::fprintf(stderr, "%s: %s\n", kProgram, one_line(message).c_str());
    return status;
}

int audit_main(int argc, char** argv) {
    CLI::App app("Audits every file of a folder that is to become a guest's root", kProgram);
    app.set_version_flag("--version", "hallmark-audit " HALLMARK_VERSION);
    app.footer(kFooter);
    Options options;
    app.add_option("ROOT", options.root, "The folder")->type_name("")->required();
    app.add_option("--exceptions", options.exceptions,
                   "List of {\"file\", \"rule\", \"why\"}; one that nothing needs is an error")
        ->type_name("FILE");
    app.add_flag("--json", options.json, "Findings and exceptions as JSON");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);
        return fail(std::string(error.what()) + "; see hallmark-audit --help", 2);
    }
    const auto result = run(options);
    if (!result) return fail(result.error().message, result.error().exit_status());
    print(*result, options.json);
    if (std::fflush(stdout) != 0) return fail("standard output: can't be written", 2);
    return result->findings.empty() ? 0 : 1;
}

}  // namespace
}  // namespace hallmark::audit

int main(int argc, char** argv) { return hallmark::audit::audit_main(argc, argv); }
