// SPDX-License-Identifier: Apache-2.0
#include "image/audit/audit.hpp"

#include <fnmatch.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <map>

#include "common/file.hpp"
#include "common/json.hpp"

namespace hallmark::audit {
namespace {

/// A kata-agent with its debugging symbols has less.
constexpr std::size_t kLargestFile = 512 * 1024 * 1024;

/// The loader's own search path in Debian's glibc; there is no /etc/ld.so.cache in the root.
constexpr std::array<std::string_view, 2> kLibraryFolders = {"/usr/lib/x86_64-linux-gnu/", "/usr/lib/"};

constexpr std::array<std::string_view, 12> kRules = {
    "damaged",     "executable-stack", "library-missing",  "loader-missing", "no-full-relro", "not-pie",
    "search-path", "set-id",           "text-relocations", "unneeded",       "unreadable",    "writable-code"};

/// An ELF file in a folder of one of these names is a program; any other is there for a program that needs it.
constexpr std::array<std::string_view, 3> kProgramFolders = {"bin", "sbin", "libexec"};

/// The part of a message behind "file: ".
std::string without_place(const std::string& message, const std::string& place) {
    const auto start = place + ": ";
    return message.starts_with(start) ? message.substr(start.size()) : message;
}

class Judge {
public:
    Judge(const Root& root, const std::string& name) : root_(root), name_(name) {}

    void add(std::string rule, std::string found, std::string remedy) {
        findings_.push_back({name_, std::move(rule), std::move(found), std::move(remedy)});
    }

    void needed(const ElfFile& file) {
        if (file.loader && !root_.has(*file.loader))
            add("loader-missing", "starts through " + *file.loader + ", which is not in the root",
                "add the package that has it (libc6) to image/packages.toml");
        for (const auto& library : file.libraries) {
            const auto in = [&](std::string_view folder) { return root_.has(std::string(folder) + library); };
            // A name with a slash is a path to the loader, and never looked for.
            const bool plain = library.find('/') == std::string::npos;
            if (!plain || !std::ranges::any_of(kLibraryFolders, in))
                add("library-missing", "needs " + library + ", which is not in the root",
                    "add its package to image/packages.toml, or prune less");
        }
        for (const auto& path : file.search_paths)
            add("search-path", "looks for libraries in '" + path + "' first (RPATH or RUNPATH)",
                "link it without -rpath, or strip it with chrpath");
    }

    void hardening(const ElfFile& file) {
        if (file.fixed_address)
            add("not-pie", "is always loaded at the same address", "compile with -fPIE and link with -pie");
        if (!file.read_only_relocations)
            add("no-full-relro", "its relocated tables stay writable (no GNU_RELRO)", "link with -Wl,-z,relro,-z,now");
        else if (file.dynamic && !file.binds_now)
            add("no-full-relro", "its table of functions stays writable (no BIND_NOW)", "link with -Wl,-z,now");
        if (!file.stack_without_code)
            add("executable-stack", "asks for an executable stack (GNU_STACK missing or executable)",
                "link with -Wl,-z,noexecstack, and mark assembly with .note.GNU-stack");
        if (file.text_relocations)
            add("text-relocations", "its code is written to when it is loaded (TEXTREL)",
                "compile all of it with -fPIC");
        if (file.writable_code)
            add("writable-code", "has a segment that may be written and executed", "link without -z execstack or -N");
    }

    std::vector<Finding> findings() && { return std::move(findings_); }

private:
    const Root& root_;
    const std::string& name_;
    std::vector<Finding> findings_;
};

std::optional<Finding> set_id(const std::string& name, const std::filesystem::path& path) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0)
        return Finding{name, "unreadable", "can't be examined", "check the folder's permissions"};
    if ((status.st_mode & (S_ISUID | S_ISGID)) == 0) return std::nullopt;
    return Finding{name, "set-id", "gives its caller the rights of its owner (set-user-id or set-group-id)",
                   "prune it in image/root.toml"};
}

/// The ELF files of a root, and which of them a program needs.
class Needs {
public:
    explicit Needs(const Root& root) : root_(root) {}

    void add(const std::string& name, const ElfFile& file) {
        if (const auto identity = root_.find(name)) files_.insert_or_assign(*identity, Known{name, file, false});
    }

    /// Libraries that no program needs, nor a library that one needs. Without a program nothing can be said.
    std::vector<Finding> unneeded() && {
        bool programs = false;
        for (auto& [identity, known] : files_)
            if (is_program(known.name)) {
                programs = true;
                reach(identity);
            }
        std::vector<Finding> findings;
        for (const auto& [identity, known] : files_)
            if (programs && !known.reached)
                findings.push_back({known.name, "unneeded", "no program needs it, nor a library that one needs",
                                    "prune it in image/root.toml"});
        std::ranges::sort(findings, {}, &Finding::file);
        return findings;
    }

private:
    struct Known {
        std::string name;
        ElfFile file;
        bool reached = false;
    };

    static bool is_program(const std::string& name) {
        const auto folder = std::filesystem::path(name).parent_path().filename();
        return std::ranges::find(kProgramFolders, folder.string()) != kProgramFolders.end();
    }

    void reach(const Root::Identity& start) {
        std::vector<Root::Identity> waiting = {start};
        while (!waiting.empty()) {
            const auto known = files_.find(waiting.back());
            waiting.pop_back();
            if (known == files_.end() || known->second.reached) continue;
            known->second.reached = true;
            const ElfFile& file = known->second.file;
            if (file.loader)
                if (const auto loader = root_.find(*file.loader)) waiting.push_back(*loader);
            for (const auto& library : file.libraries)
                if (const auto found = find_library(library)) waiting.push_back(*found);
        }
    }

    std::optional<Root::Identity> find_library(const std::string& library) const {
        for (const auto& folder : kLibraryFolders)
            if (auto found = root_.find(std::string(folder) + library)) return found;
        return std::nullopt;
    }

    const Root& root_;
    std::map<Root::Identity, Known> files_;
};

void look_at(const Root& root, const std::string& name, Audit& into, Needs& needs) {
    const auto path = root.on_host(name);
    ++into.files;
    if (auto finding = set_id(name, path)) into.findings.push_back(std::move(*finding));
    auto bytes = read_file(path, kLargestFile);
    if (!bytes) {
        into.findings.push_back({name, "unreadable", without_place(bytes.error().message, path.string()), "prune it"});
        return;
    }
    if (!is_elf(*bytes)) return;
    ++into.elf_files;
    const auto file = read_elf(*bytes, name);
    if (!file) {
        const auto message = without_place(file.error().message, name);
        const auto cut = message.rfind("; ");
        into.findings.push_back({name, "damaged", message.substr(0, cut), message.substr(cut + 2)});
        return;
    }
    needs.add(name, *file);
    for (auto& finding : judge(root, name, *file)) into.findings.push_back(std::move(finding));
}

bool covers(const Exception& exception, const Finding& finding) {
    return exception.rule == finding.rule &&
           ::fnmatch(exception.file.c_str(), finding.file.c_str(), FNM_PATHNAME | FNM_NOESCAPE) == 0;
}

}  // namespace

std::vector<Finding> judge(const Root& root, const std::string& name, const ElfFile& file) {
    Judge judge(root, name);
    judge.needed(file);
    judge.hardening(file);
    return std::move(judge).findings();
}

Result<std::vector<Exception>> read_exceptions(const std::filesystem::path& path) {
    HALLMARK_TRY(const Json json, read_json(path, 1024 * 1024));
    if (!json.is_array()) return bad_input(path.string() + ": expected a list of exceptions");
    std::vector<Exception> exceptions;
    for (const auto& element : json) {
        const auto where = path.string() + ": [" + std::to_string(exceptions.size()) + "]";
        HALLMARK_TRY(const JsonObject object, JsonObject::of(element, where));
        HALLMARK_CHECK(object.only({"file", "rule", "why"}));
        Exception exception;
        HALLMARK_TRY(exception.file, object.string("file"));
        HALLMARK_TRY(exception.rule, object.string("rule"));
        HALLMARK_TRY(exception.why, object.string("why"));
        if (exception.file.empty() || exception.why.empty())
            return bad_input(where + ": an empty file or why, expected a file and the reason why it is allowed");
        if (std::ranges::find(kRules, exception.rule) == kRules.end())
            return bad_input(object.path_of("rule") + ": '" + exception.rule +
                             "' is no rule; see hallmark-audit --help");
        exceptions.push_back(std::move(exception));
    }
    return exceptions;
}

Result<Audit> audit(const Root& root, const std::vector<Exception>& exceptions) {
    HALLMARK_TRY(const auto names, root.files());
    Audit all;
    Needs needs(root);
    for (const auto& name : names) look_at(root, name, all, needs);
    for (auto& finding : std::move(needs).unneeded()) all.findings.push_back(std::move(finding));
    Audit result;
    result.files = all.files;
    result.elf_files = all.elf_files;
    std::vector<bool> used(exceptions.size());
    for (auto& finding : all.findings) {
        const auto found = std::ranges::find_if(exceptions, [&](const auto& one) { return covers(one, finding); });
        if (found == exceptions.end()) {
            result.findings.push_back(std::move(finding));
            continue;
        }
        used[static_cast<std::size_t>(found - exceptions.begin())] = true;
        result.excepted.push_back({std::move(finding), found->why});
    }
    const auto unused = std::ranges::find(used, false);
    if (unused == used.end()) return result;
    const auto& exception = exceptions[static_cast<std::size_t>(unused - used.begin())];
    return bad_input("exception for " + exception.file + " (" + exception.rule +
                     "): no finding needs it; remove or correct it");
}

}  // namespace hallmark::audit
