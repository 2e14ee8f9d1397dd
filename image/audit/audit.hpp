// SPDX-License-Identifier: Apache-2.0
// The rules that every file of a guest's root has to keep, and the exceptions from them, each with its reason.
#pragma once

#include <string>
#include <vector>

#include "common/result.hpp"
#include "image/audit/elf_file.hpp"
#include "image/audit/root.hpp"

namespace hallmark::audit {

struct Finding {
    std::string file;    ///< as the guest names it
    std::string rule;    ///< "not-pie", as exceptions name it
    std::string found;   ///< one line
    std::string remedy;  ///< one line
};

/// Allows one rule to be broken by the files that a pattern matches (`*` does not match '/').
struct Exception {
    std::string file;
    std::string rule;
    std::string why;
};

struct Excepted {
    Finding finding;
    std::string why;
};

struct Audit {
    std::size_t files = 0;      ///< regular files
    std::size_t elf_files = 0;  ///< those of them that are ELF
    std::vector<Finding> findings;
    std::vector<Excepted> excepted;
};

/// What an ELF file of this root does wrong.
std::vector<Finding> judge(const Root& root, const std::string& name, const ElfFile& file);

/// A list of {"file", "rule", "why"}: no key may be missing, unknown or empty, and the rule must be one of ours.
Result<std::vector<Exception>> read_exceptions(const std::filesystem::path& path);

/// Audits every file. An exception that no finding needs is an error: it would hide the next one.
Result<Audit> audit(const Root& root, const std::vector<Exception>& exceptions);

}  // namespace hallmark::audit
