// SPDX-License-Identifier: Apache-2.0
// hallmark-measure as it is called, on a 4 MiB firmware, a 12 MiB kernel and a 60 MiB initrd.
//
//   launches time PROGRAM     one SNP digest, against OpenSSL hashing the same files once
//   launches memory PROGRAM   its peak resident memory, against 16 MiB
//   launches matrix PROGRAM   20 CPU models, 1 to 512 CPUs, 2 sets of features, against one digest
//   launches hash             what OpenSSL does, in the working directory: its own program would read a configuration
#include <openssl/evp.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/file.hpp"
#include "common/hex.hpp"
#include "common/json.hpp"
#include "tests/support/synthetic_firmware.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark {
namespace {

constexpr std::size_t kMiB = 1024 * 1024;
constexpr int kRounds = 15;
constexpr double kDigestBar = 1.1;
constexpr double kMatrixBar = 3.0;
constexpr long kMemoryLimitKib = 16 * 1024;

using Command = std::vector<std::string>;

void require(bool ok, const char* what) {
    if (ok) return;
    std::fprintf(stderr, "launches: %s\n", what);
    std::exit(2);
}

void write_inputs(const std::filesystem::path& folder) {
    require(write_file(folder / "firmware", test::firmware({.size = 4 * kMiB})).has_value(), "firmware: not written");
    require(write_file(folder / "kernel", Bytes(12 * kMiB, 0x5a)).has_value(), "kernel: not written");
    require(write_file(folder / "initrd", Bytes(60 * kMiB, 0xa5)).has_value(), "initrd: not written");
}

template <class Hash>
void hash_file(const char* path, const Hash* algorithm) {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    require(context != nullptr && EVP_DigestInit_ex(context, algorithm, nullptr) == 1, "OpenSSL");
    const auto read = read_blocks(path, [&](ByteSpan block) { EVP_DigestUpdate(context, block.data(), block.size()); });
    require(read.has_value(), path);
    unsigned char digest[EVP_MAX_MD_SIZE];
    require(EVP_DigestFinal_ex(context, digest, nullptr) == 1, "OpenSSL");
    EVP_MD_CTX_free(context);
}

void hash_once() {
    hash_file("firmware", EVP_sha384());
    hash_file("kernel", EVP_sha256());
    hash_file("initrd", EVP_sha256());
}

/// Runs a program with its output thrown away: what it took.
rusage run(const Command& command, const std::filesystem::path& folder) {
    std::vector<char*> arguments;
    for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const auto child = ::fork();
    require(child >= 0, "fork failed");
    if (child == 0) {
        if (::chdir(folder.c_str()) != 0 || std::freopen("/dev/null", "w", stdout) == nullptr) ::_exit(127);
        ::execv(arguments[0], arguments.data());
        ::_exit(127);
    }
    int status = 0;
    rusage used{};
    require(::wait4(child, &status, 0, &used) == child && status == 0, command[0].c_str());
    return used;
}

/// Processor time: what other processes take meanwhile is not ours.
double seconds(const rusage& used) {
    const auto of = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    return of(used.ru_utime) + of(used.ru_stime);
}

/// The best of many, in turns: another load on the machine hits both alike and is left out.
double ratio(const Command& ours, const Command& theirs, const std::filesystem::path& folder) {
    double least_ours = 1e9;
    double least_theirs = 1e9;
    for (int round = 0; round < kRounds; ++round) {
        least_theirs = std::min(least_theirs, seconds(run(theirs, folder)));
        least_ours = std::min(least_ours, seconds(run(ours, folder)));
    }
    return least_ours / least_theirs;
}

Command digest_command(const std::string& program) {
    return {program,  "snp",      "--ovmf",  "firmware",    "--kernel", "kernel",  "--initrd",
            "initrd", "--append", "panic=1", "--vcpu-type", "EPYC-v4",  "--vcpus", "4"};
}

Command matrix_command(const std::string& program) {
    std::string signatures;
    for (std::uint32_t i = 0; i < 20; ++i) signatures += (i == 0 ? "" : ",") + hex_number(0xa00f10 + i);
    return {program,    "matrix",  "--ovmf",     "firmware", "--kernel", "kernel", "--initrd",         "initrd",
            "--append", "panic=1", "--vcpu-sig", signatures, "--vcpus",  "1-512",  "--guest-features", "0x1,0x21"};
}

void print_row(std::string_view name, std::string_view compared_with, double found, double bar) {
    const Json row = {
        {"name", name}, {"compared_with", compared_with}, {"ratio", found}, {"bar", bar}, {"holds", found <= bar}};
    std::fputs(to_text(row).c_str(), stdout);
}

}  // namespace

int launches_main(int argc, char** argv) {
    const std::string_view what = argc > 1 ? argv[1] : "";
    if (what == "hash") {
        hash_once();
        return 0;
    }
    require(argc == 3, "expected time, memory or matrix, and the program");
    const auto program = std::filesystem::absolute(argv[2]).string();
    const auto self = std::filesystem::read_symlink("/proc/self/exe").string();
    const test::TemporaryFolder folder;
    // In a process of its own: the memory that the files take here would count as the measured program's.
    if (::fork() == 0) {
        write_inputs(folder.path());
        ::_exit(0);
    }
    int status = 0;
    require(::wait(&status) > 0 && status == 0, "the inputs could not be written");
    const auto digest = digest_command(program);
    if (what == "time") {
        print_row("snp-digest", "OpenSSL hashing the same files once", ratio(digest, {self, "hash"}, folder.path()),
                  kDigestBar);
    } else if (what == "memory") {
        const auto used = run(digest, folder.path()).ru_maxrss;
        print_row("snp-digest-memory", "16 MiB", static_cast<double>(used) / kMemoryLimitKib, 1.0);
    } else {
        require(what == "matrix", "expected time, memory or matrix");
        print_row("snp-matrix", "one digest", ratio(matrix_command(program), digest, folder.path()), kMatrixBar);
    }
    return 0;
}

}  // namespace hallmark

int main(int argc, char** argv) { return hallmark::launches_main(argc, argv); }
