// SPDX-License-Identifier: Apache-2.0
// Tries inputs that are known: every seed of a target, each cut short and with single bytes changed, then every file of
// the folders named. Needs no fuzzing engine, so that the sanitized build of any compiler can do it.
//
//   NAME-replay [FOLDER…]        prints how many were tried; a defect ends it with the input's name
//   NAME-replay --seeds FOLDER   writes the seeds as files, for libFuzzer to start from
//   NAME-replay --largest        prints the size cap in bytes
#include <unistd.h>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>

#include "common/file.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

// What is tried at the moment, for the handler: nothing there may allocate.
char current[512] = "nothing yet\n";

extern "C" void tell(int) {
    static constexpr char kBegin[] = "replay: ended by ";
    (void)!::write(STDERR_FILENO, kBegin, sizeof kBegin - 1);
    (void)!::write(STDERR_FILENO, current, std::strlen(current));
}

std::size_t tried = 0;

void attempt(ByteSpan input, const std::string& name) {
    if (input.size() > kTarget.largest) return;
    std::snprintf(current, sizeof current, "%s\n", name.c_str());
    // A copy of exactly its size: the sanitizer sees a read behind its end.
    const Bytes copy(input.begin(), input.end());
    kTarget.attempt(copy);
    ++tried;
}

/// Positions to change, evenly spread where there are too many.
constexpr std::size_t kPositions = 512;

void attempt_variants(const Bytes& seed, const std::string& name) {
    attempt(seed, name);
    const std::size_t step = seed.size() / kPositions + 1;
    for (std::size_t at = 0; at < seed.size(); at += step) {
        attempt(ByteSpan(seed).first(at), name + " cut to " + std::to_string(at) + " bytes");
        for (const unsigned change : {0x01U, 0x80U, 0xffU}) {
            Bytes changed = seed;
            changed[at] = static_cast<std::uint8_t>(changed[at] ^ change);
            attempt(changed, name + " with byte " + std::to_string(at) + " changed by " + std::to_string(change));
        }
    }
}

int fail(const std::string& message) {
    std::fprintf(stderr, "replay: %s\n", message.c_str());
    return 2;
}

int write_seeds(const std::filesystem::path& folder) {
    std::size_t number = 0;
    for (const auto& seed : kTarget.seeds())
        if (const auto written = write_file(folder / ("seed-" + std::to_string(number++)), seed); !written)
            return fail(written.error().message);
    return 0;
}

int replay_folder(const std::filesystem::path& folder) {
    std::error_code error;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        const auto content = read_file(entry->path(), kTarget.largest);
        if (!content) return fail(content.error().message);
        attempt(*content, entry->path().string());
    }
    return error ? fail(folder.string() + ": " + error.message()) : 0;
}

int replay_main(const std::vector<std::string>& arguments) {
    if (arguments.size() == 2 && arguments[0] == "--seeds") return write_seeds(arguments[1]);
    if (arguments.size() == 1 && arguments[0] == "--largest") {
        std::printf("%zu\n", kTarget.largest);
        return 0;
    }
    std::signal(SIGABRT, tell);
    std::size_t number = 0;
    for (const auto& seed : kTarget.seeds()) attempt_variants(seed, "seed " + std::to_string(number++));
    for (const auto& folder : arguments)
        if (const int status = replay_folder(folder); status != 0) return status;
    if (tried == 0) return fail("no input was tried, expected seeds");
    std::printf("%zu inputs\n", tried);
    return 0;
}

}  // namespace
}  // namespace hallmark::fuzz

int main(int argc, char** argv) { return hallmark::fuzz::replay_main({argv + 1, argv + argc}); }
