// SPDX-License-Identifier: Apache-2.0
// hallmark-guest: all that is ours in the guest in one program, called by the name of a part or with it as first word.
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdio>
#include <span>
#include <string_view>

#include "agent/attestation/program.hpp"
#include "agent/data-hub/program.hpp"
#include "agent/handshake/program.hpp"
#include "agent/image-puller/program.hpp"
#include "agent/init/init.hpp"
#include "agent/rest/program.hpp"
#include "agent/storage/program.hpp"
#include "agent/wiping/wiping.hpp"

namespace {

constexpr int kNo = 1;
constexpr int kBadRequest = 2;

using Words = std::span<const char* const>;

int run_init(Words) { return hallmark::guest::run_init(); }
int run_attestation_agent(Words words) { return hallmark::attestation::run_attestation_agent(words, {}); }
int run_attest(Words words) { return hallmark::handshake::run_attest(words, {}); }
int run_data_hub(Words words) { return hallmark::hub::run_data_hub(words); }
int run_image(Words words) { return hallmark::image_puller::run_image(words); }

struct Part {
    std::string_view name;
    int (*run)(Words behind_its_name);
    bool fetches = false;  ///< over HTTP
};
constexpr std::array<Part, 7> kParts = {{
    {"api-server-rest", hallmark::rest::run_api_server},
    {"attest", run_attest, true},
    {"attestation-agent", run_attestation_agent, true},
    {"confidential-data-hub", run_data_hub, true},
    {"image", run_image, true},
    {"init", run_init},
    {"secure-mount", hallmark::storage::run_secure_mount},
}};

constexpr const char* kHelp =
    "hallmark-guest: the programs of a Hallmark guest in one file\n"
    "\n"
    "Usage: hallmark-guest PART, or PART as a link to this file\n"
    "\n"
    "  api-server-rest  secrets, tokens and evidence over HTTP for containers; see its --help\n"
    "  attest      one handshake with a key broker, for people: what was sent, what came back and why it failed; see "
    "its\n"
    "              --help\n"
    "  attestation-agent  gives evidence of this guest and gets tokens for it, over ttrpc; see its --help\n"
    "  confidential-data-hub  gets secrets and keys from the broker, over ttrpc; see its --help\n"
    "  image       pulls container images, verifies and decrypts them, and makes bundles of them; see its --help\n"
    "  init        process 1: mounts, reads every block of the root, takes init-data, starts daemons and network,\n"
    "              answers challenges on the virtio-serial port org.hallmark.control.0, powers off when asked and\n"
    "              when something fails\n"
    "  secure-mount  opens one disk of the host as trusted storage; see its --help\n"
    "  --version   prints the version\n"
    "  --help      prints this\n"
    "\n"
    "Example: in the guest's root, /usr/sbin/init is a link to ../bin/hallmark-guest, and the kernel starts it.\n";

const Part* find_part(std::string_view name) {
    for (const auto& part : kParts)
        if (part.name == name) return &part;
    return nullptr;
}

/// With memory that is wiped as it is freed.
int run(const Part& part, Words words) {
    using namespace hallmark::guest;
    hallmark::Status wiped = wipe_what_openssl_frees();
    if (wiped && part.fetches) wiped = wipe_what_libcurl_frees();
    if (wiped) return part.run(words);
    std::fprintf(stderr, "hallmark-guest: %s\n", wiped.error().message.c_str());
    return kNo;
}

}  // namespace

int main(int count, char** words) {
    const Words all(words, static_cast<std::size_t>(count));
    const std::string_view path = count > 0 ? words[0] : "";
    if (const Part* part = find_part(path.substr(path.rfind('/') + 1))) return run(*part, all.subspan(1));
    const std::string_view word = count > 1 ? words[1] : "";
    if (const Part* part = find_part(word)) return run(*part, all.subspan(2));
    if (word == "--help") return std::fputs(kHelp, stdout) < 0 ? 1 : 0;
    if (word == "--version") return std::puts("hallmark-guest " HALLMARK_VERSION) < 0 ? 1 : 0;
    std::fprintf(stderr, "hallmark-guest: part '%.64s' is unknown; see --help for those that there are\n",
                 count > 1 ? words[1] : "");
    return kBadRequest;
}
