// SPDX-License-Identifier: Apache-2.0
// hallmark-guest: all that is ours in the guest in one program, called by the name of a part or with it as first word.
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string_view>

#include "agent/init/init.hpp"

namespace {

constexpr int kBadRequest = 2;

struct Part {
    std::string_view name;
    int (*run)();
};
constexpr std::array<Part, 1> kParts = {{{"init", hallmark::guest::run_init}}};

constexpr const char* kHelp =
    "hallmark-guest: the programs of a Hallmark guest in one file\n"
    "\n"
    "Usage: hallmark-guest PART, or PART as a link to this file\n"
    "\n"
    "  init        process 1: mounts, reads every block of the root, finds the evidence source, answers challenges on\n"
    "              the virtio-serial port org.hallmark.control.0, powers off when asked and when something fails\n"
    "  --version   prints the version\n"
    "  --help      prints this\n"
    "\n"
    "Example: in the guest's root, /usr/sbin/init is a link to ../bin/hallmark-guest, and the kernel starts it.\n";

const Part* find_part(std::string_view name) {
    for (const auto& part : kParts)
        if (part.name == name) return &part;
    return nullptr;
}

}  // namespace

int main(int count, char** words) {
    const std::string_view path = count > 0 ? words[0] : "";
    if (const Part* part = find_part(path.substr(path.rfind('/') + 1))) return part->run();
    const std::string_view word = count > 1 ? words[1] : "";
    if (const Part* part = find_part(word)) return part->run();
    if (word == "--help") return std::fputs(kHelp, stdout) < 0 ? 1 : 0;
    if (word == "--version") return std::puts("hallmark-guest " HALLMARK_VERSION) < 0 ? 1 : 0;
    std::fprintf(stderr, "hallmark-guest: part '%.64s' is unknown, expected init; see --help\n",
                 count > 1 ? words[1] : "");
    return kBadRequest;
}
