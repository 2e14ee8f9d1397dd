// SPDX-License-Identifier: Apache-2.0
// A plugin of QEMU: counts the instructions of a guest with one vCPU into a file, which others map.
//
//   -plugin file=instructions.so,into=FILE
//
// By blocks of them as they begin: one that a fault ends early counts in whole. Source: QEMU, "QEMU TCG Plugins"
// (docs/devel/tcg-plugins.rst). What is used of the interface is declared here: Debian has no package of its header.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace {

struct Counts {
    std::uint64_t all;
    std::uint64_t kernel_began;  ///< how many there were before the first in the upper half; 0: none was
    std::uint64_t user_began;    ///< and before the first in user space
};
static_assert(sizeof(Counts) == 24);

constexpr std::uint64_t kUpperHalf = 1ULL << 63;
// Firmware and a kernel that starts run where they lie in memory, of which there is less; programs are
// position-independent and lie far above.
constexpr std::uint64_t kMostMemory = 1ULL << 32;
Counts* counts = nullptr;

}  // namespace

extern "C" {
#define VISIBLE __attribute__((visibility("default")))
struct qemu_plugin_tb;
struct qemu_info_t;
std::size_t qemu_plugin_tb_n_insns(const qemu_plugin_tb* block);
std::uint64_t qemu_plugin_tb_vaddr(const qemu_plugin_tb* block);
void qemu_plugin_register_vcpu_tb_trans_cb(std::uint64_t plugin, void (*call)(qemu_plugin_tb*, void*), void* data);
void qemu_plugin_register_vcpu_tb_exec_cb(qemu_plugin_tb* block, void (*call)(unsigned, void*), int flags, void* data);

VISIBLE extern int qemu_plugin_version;
int qemu_plugin_version = 7;  // of the interface; QEMU refuses another
VISIBLE int qemu_plugin_install(std::uint64_t plugin, const qemu_info_t* info, int count, char** words);
}

namespace {

std::uintptr_t number(void* instructions) { return reinterpret_cast<std::uintptr_t>(instructions); }

void in_kernel(unsigned, void* instructions) {
    if (counts->kernel_began == 0) counts->kernel_began = counts->all;
    counts->all += number(instructions);
}
void in_user_space(unsigned, void* instructions) {
    if (counts->user_began == 0) counts->user_began = counts->all;
    counts->all += number(instructions);
}
void before(unsigned, void* instructions) { counts->all += number(instructions); }

void translated(qemu_plugin_tb* block, void*) {
    const auto address = qemu_plugin_tb_vaddr(block);
    const auto instructions = static_cast<std::uintptr_t>(qemu_plugin_tb_n_insns(block));
    auto* const count = address >= kUpperHalf ? in_kernel : address >= kMostMemory ? in_user_space : before;
    qemu_plugin_register_vcpu_tb_exec_cb(block, count, 0, reinterpret_cast<void*>(instructions));
}

}  // namespace

int qemu_plugin_install(std::uint64_t plugin, const qemu_info_t*, int count, char** words) {
    constexpr const char kInto[] = "into=";
    if (count != 1 || std::strncmp(words[0], kInto, sizeof(kInto) - 1) != 0) return 1;
    const int file = ::open(words[0] + sizeof(kInto) - 1, O_RDWR | O_CLOEXEC);
    if (file < 0) return 1;
    void* mapped = ::mmap(nullptr, sizeof(Counts), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    ::close(file);
    if (mapped == MAP_FAILED) return 1;
    counts = static_cast<Counts*>(mapped);
    qemu_plugin_register_vcpu_tb_trans_cb(plugin, translated, nullptr);
    return 0;
}
