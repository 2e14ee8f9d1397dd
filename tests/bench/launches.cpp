// SPDX-License-Identifier: Apache-2.0
// hallmark-measure as it is called, on a 4 MiB firmware, a 12 MiB kernel and a 60 MiB initrd.
//
//   launches time PROGRAM     one SNP digest, against OpenSSL hashing the same files once
//   launches memory PROGRAM   its peak resident memory, against 16 MiB
//   launches matrix PROGRAM   20 CPU models, 1 to 512 CPUs, 2 sets of features, against one digest
//   launches explain PROGRAM  the search for a digest that nothing explains, against the hashes that it needs
//   launches hash             what OpenSSL does, in the working directory: its own program would read a configuration
//   launches chains N M       N hashes of a page's entry, each over the one before, and M of a CPU's state
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
#include "measure/snp/page_info.hpp"
#include "measure/snp/vmsa.hpp"
#include "tests/support/synthetic_firmware.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark {
namespace {

constexpr std::size_t kMiB = 1024 * 1024;
constexpr int kRounds = 15;
constexpr double kDigestBar = 1.1;
constexpr double kMatrixBar = 3.0;
constexpr double kExplainBar = 4.0;
constexpr std::size_t kLeastCandidates = 100'000;
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
    require(write_file(folder / "small-firmware", test::firmware()).has_value(), "firmware: not written");
    require(write_file(folder / "small-kernel", Bytes(kMiB / 16, 0x5a)).has_value(), "kernel: not written");
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

/// The barest loop: one context, started anew for each hash.
void hash_chains(std::size_t entries, std::size_t states) {
    EVP_MD* algorithm = EVP_MD_fetch(nullptr, "SHA2-384", nullptr);
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    require(algorithm != nullptr && context != nullptr, "OpenSSL");
    snp::PageInfo entry;
    const snp::Vmsa state;
    bool ok = true;
    const auto hash = [&](ByteSpan bytes, Sha384& into) {
        ok = ok && EVP_DigestInit_ex2(context, algorithm, nullptr) == 1 &&
             EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1 &&
             EVP_DigestFinal_ex(context, into.data(), nullptr) == 1;
    };
    for (std::size_t i = 0; i < states; ++i) hash(as_bytes(state), entry.contents);
    for (std::size_t i = 0; i < entries; ++i) hash(as_bytes(entry), entry.digest_current);
    require(ok, "OpenSSL");
    EVP_MD_CTX_free(context);
    EVP_MD_free(algorithm);
}

void hash_once() {
    hash_file("firmware", EVP_sha384());
    hash_file("kernel", EVP_sha256());
    hash_file("initrd", EVP_sha256());
}

/// Runs a program with its output in a file, by default thrown away: what it took.
rusage run(const Command& command, const std::filesystem::path& folder, const char* output = "/dev/null") {
    std::vector<char*> arguments;
    for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const auto child = ::fork();
    require(child >= 0, "fork failed");
    if (child == 0) {
        if (::chdir(folder.c_str()) != 0 || std::freopen(output, "w", stdout) == nullptr) ::_exit(127);
        ::execv(arguments[0], arguments.data());
        ::_exit(127);
    }
    int status = 0;
    rusage used{};
    // 1 is an answer too.
    require(::wait4(child, &status, 0, &used) == child && WIFEXITED(status) && WEXITSTATUS(status) <= 1,
            command[0].c_str());
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

/// A launch with a kernel, and a digest that none has.
Command explain_command(const std::string& program) {
    return {program,   "explain",        "snp",      "--expected",   std::string(96, '0'),
            "--ovmf",  "small-firmware", "--kernel", "small-kernel", "--vcpu-type",
            "EPYC-v4", "--vcpus",        "2",        "--append",     "console=hvc0 a=\"b c\" quiet",
            "--json"};
}

/// The hashes that this search needs at least, from what it says that it tried: with each change one chain of all CPUs,
/// for each pair one of as many as were asked for; of each state of CPUs two pages. Guest memory is not even counted.
Command chains_command(const std::string& self, const Json& answer) {
    constexpr std::size_t kAsked = 2;
    constexpr std::string_view kStates = "--vcpu-type --guest-features --vmm-type --vmsa";
    std::size_t longest = 0;
    std::size_t alone = 0;
    std::size_t changes = 0;
    std::size_t pairs = 0;
    std::size_t state_changes = 0;
    std::size_t state_pairs = 0;
    for (const auto& dimension : answer["tried"]) {
        const auto& option = dimension["option"].get_ref<const std::string&>();
        const auto paired = dimension["paired"].get<std::size_t>();
        if (option == "--vcpus") {
            longest = paired + 1;
            continue;
        }
        alone += dimension["values"].get<std::size_t>() - paired;
        pairs += changes * paired;
        changes += paired;
        if (kStates.find(option) == std::string_view::npos) continue;
        state_pairs += state_changes * paired;
        state_changes += paired;
    }
    const auto entries = longest * (1 + changes) + kAsked * (pairs + alone);
    const auto states = 2 * (1 + state_changes + state_pairs + alone);
    return {self, "chains", std::to_string(entries), std::to_string(states)};
}

double explain_ratio(const std::string& program, const std::string& self, const std::filesystem::path& folder) {
    run(explain_command(program), folder, "answer");
    const auto answer = read_json(folder / "answer", kMiB);
    require(answer.has_value() && (*answer)["explanations"].empty(), "explain gave another answer than none");
    require((*answer)["candidates"].get<std::size_t>() >= kLeastCandidates, "explain tried less than 100000 requests");
    return ratio(explain_command(program), chains_command(self, *answer), folder);
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
    if (what == "chains" && argc == 4) {
        const auto entries = parse_number(argv[2]);
        const auto states = parse_number(argv[3]);
        require(entries && states, "expected numbers");
        hash_chains(*entries, *states);
        return 0;
    }
    require(argc == 3, "expected time, memory, matrix or explain, and the program");
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
    } else if (what == "explain") {
        print_row("explain", "the hashes of 100000 launches, barely", explain_ratio(program, self, folder.path()),
                  kExplainBar);
    } else {
        require(what == "matrix", "expected time, memory, matrix or explain");
        print_row("snp-matrix", "one digest", ratio(matrix_command(program), digest, folder.path()), kMatrixBar);
    }
    return 0;
}

}  // namespace hallmark

int main(int argc, char** argv) { return hallmark::launches_main(argc, argv); }
