// SPDX-License-Identifier: Apache-2.0
// What an ELF file says about how it is loaded. Sources: System V ABI (gABI 4.1, chapters 4 and 5), and for GNU's own
// segments and flags <elf.h>. Read with libelf, which checks that what it hands out lies within the file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::audit {

struct ElfFile {
    bool fixed_address = false;             ///< ET_EXEC: a program that is always loaded at the same place
    std::optional<std::string> loader;      ///< PT_INTERP
    std::vector<std::string> libraries;     ///< DT_NEEDED
    std::vector<std::string> search_paths;  ///< DT_RPATH and DT_RUNPATH
    bool dynamic = false;                   ///< has PT_DYNAMIC
    bool read_only_relocations = false;     ///< PT_GNU_RELRO
    bool binds_now = false;                 ///< DF_BIND_NOW, DF_1_NOW or DT_BIND_NOW
    bool stack_without_code = false;        ///< PT_GNU_STACK, not executable
    bool text_relocations = false;          ///< DT_TEXTREL or DF_TEXTREL
    bool writable_code = false;             ///< a PT_LOAD that may be written and executed
};

/// Whether the bytes begin as an ELF file does.
bool is_elf(ByteSpan start);

/// Reads a program or library for x86-64. The error (exit status 1: the file is what is judged) says what is damaged;
/// `what` names the file. `bytes` are not changed: libelf asks for a pointer that is not const.
Result<ElfFile> read_elf(Bytes& bytes, const std::string& what);

}  // namespace hallmark::audit
