// SPDX-License-Identifier: Apache-2.0
// A filter of system calls as a list of rules: seccomp(2) in classic BPF.
// Source: Linux, Documentation/userspace-api/seccomp_filter.rst.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

#include "common/result.hpp"

namespace hallmark::confinement {

enum class Answer : std::uint8_t {
    kAllow,
    kRefuse,   ///< EACCES: what libraries try, and can do without
    kUnknown,  ///< ENOSYS, as of an older kernel: libraries then take the call that came before it
};

/// What a system call gets, or one of its calls whose argument fits.
struct Rule {
    int call;  ///< SYS_… of x86-64
    Answer answer = Answer::kAllow;
    unsigned argument = 0;    ///< 0 to 5
    std::uint32_t mask = 0;   ///< of the argument's lower half; 0: whatever the argument
    std::uint32_t value = 0;  ///< what the argument has under the mask
};

using Rules = std::span<const Rule>;

/// What a system call gets that no rule fits.
enum class Otherwise : std::uint8_t { kKill, kAllow };

/// The first rule that fits answers. Every call of another architecture and of the x32 ABI kills the process: they
/// have numbers of their own, which no rule names.
std::vector<sock_filter> program_of(std::initializer_list<Rules> lists, Otherwise otherwise = Otherwise::kKill);

/// Puts the rules on every thread of this process and those to come, on top of the rules that are there already; what
/// no rule fits kills. After give_up_privileges(): the kernel asks for no new privileges.
Status allow_only(std::initializer_list<Rules> lists);

/// The same, but what no rule fits is allowed: for who starts programs of others, whose calls nobody can list.
Status allow_but(std::initializer_list<Rules> lists);

}  // namespace hallmark::confinement
