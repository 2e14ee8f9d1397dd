// SPDX-License-Identifier: Apache-2.0
#include "agent/confinement/filter.hpp"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstddef>
#include <string>

#include "common/descriptor.hpp"

namespace hallmark::confinement {
namespace {

static_assert(std::endian::native == std::endian::little, "the lower half of an argument comes first");

constexpr std::uint32_t kFirstOfX32 = 0x4000'0000;
constexpr std::uint8_t kRuleLength = 5;  // of a rule with a condition, behind its first instruction

constexpr sock_filter step(unsigned code, std::uint32_t operand) {
    return {.code = static_cast<std::uint16_t>(code), .jt = 0, .jf = 0, .k = operand};
}
constexpr sock_filter load(std::size_t offset) {
    return step(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}
constexpr sock_filter jump(unsigned test, std::uint32_t operand, std::uint8_t if_true, std::uint8_t if_false) {
    return {.code = static_cast<std::uint16_t>(BPF_JMP | test | BPF_K), .jt = if_true, .jf = if_false, .k = operand};
}
constexpr sock_filter end(std::uint32_t answer) { return step(BPF_RET | BPF_K, answer); }

constexpr std::uint32_t answer_of(Answer answer) {
    switch (answer) {
        case Answer::kAllow:
            return SECCOMP_RET_ALLOW;
        case Answer::kRefuse:
            return SECCOMP_RET_ERRNO | EACCES;
        case Answer::kUnknown:
            return SECCOMP_RET_ERRNO | ENOSYS;
    }
    return SECCOMP_RET_KILL_PROCESS;
}

/// With the call's number loaded, before and behind it.
void add(std::vector<sock_filter>& program, const Rule& rule) {
    const auto call = static_cast<std::uint32_t>(rule.call);
    if (rule.mask == 0) {
        program.insert(program.end(), {jump(BPF_JEQ, call, 0, 1), end(answer_of(rule.answer))});
        return;
    }
    program.insert(program.end(), {jump(BPF_JEQ, call, 0, kRuleLength),
                                   load(offsetof(seccomp_data, args) + rule.argument * sizeof(std::uint64_t)),
                                   step(BPF_ALU | BPF_AND | BPF_K, rule.mask), jump(BPF_JEQ, rule.value, 0, 1),
                                   end(answer_of(rule.answer)), load(offsetof(seccomp_data, nr))});
}

Status put(std::vector<sock_filter> program) {
    const sock_fprog filter{.len = static_cast<unsigned short>(program.size()), .filter = program.data()};
    const auto done = ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter);
    if (done == 0) return {};
    if (done > 0) return refused("seccomp: thread " + std::to_string(done) + " has other rules");
    return std::unexpected(system_error("seccomp", Fault::kNo));
}

}  // namespace

std::vector<sock_filter> program_of(std::initializer_list<Rules> lists, Otherwise otherwise) {
    std::vector<sock_filter> program{load(offsetof(seccomp_data, arch)), jump(BPF_JEQ, AUDIT_ARCH_X86_64, 1, 0),
                                     end(SECCOMP_RET_KILL_PROCESS),      load(offsetof(seccomp_data, nr)),
                                     jump(BPF_JGE, kFirstOfX32, 0, 1),   end(SECCOMP_RET_KILL_PROCESS)};
    for (const Rules& rules : lists)
        for (const Rule& rule : rules) add(program, rule);
    program.push_back(end(otherwise == Otherwise::kAllow ? SECCOMP_RET_ALLOW : SECCOMP_RET_KILL_PROCESS));
    return program;
}

Status allow_only(std::initializer_list<Rules> lists) { return put(program_of(lists)); }

Status allow_but(std::initializer_list<Rules> lists) { return put(program_of(lists, Otherwise::kAllow)); }

}  // namespace hallmark::confinement
