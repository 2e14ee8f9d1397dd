// SPDX-License-Identifier: Apache-2.0
// pod-driver SETTINGS FOLDER DIGEST CRUN DEAF-MS: runs the pod of a hallmark.toml whose bundles are there already,
// FOLDER/bundles/NAME, as a data hub leaves them.
//
// Every image's digest is DIGEST, and "sealed.x" holds the secret "opened x", "sealed.no" none. Prints what a host
// would get, one line of JSON for each message; the host takes none for the first DEAF-MS.
#include <poll.h>

#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "agent/init-data/settings.hpp"
#include "agent/init/signals.hpp"
#include "agent/pod/pod.hpp"
#include "common/base64.hpp"
#include "common/file.hpp"
#include "common/json.hpp"

namespace hallmark {
namespace {

constexpr std::size_t kLargestFile = 64UL * 1024;
constexpr int kLookAgainMs = 50;

Result<Secret> unseal(const std::string& sealed) {
    const std::string name = sealed.substr(std::string(guest::kSealed).size());
    if (name == "no") return refused("the broker says no");
    const std::string text = name == "binary" ? "\xff" : "opened " + name;
    const ByteSpan bytes = as_bytes(text);
    return Secret(Bytes(bytes.begin(), bytes.end()));
}

void print(const Json& json) {
    std::printf("%s\n", json.dump().c_str());
    std::fflush(stdout);
}

Result<bool> show(const guest_port::Frame& frame) {
    if (frame.type == guest_port::Type::kOutput) {
        HALLMARK_TRY(const auto output, guest_port::parse_output(frame.payload));
        print({{"container", output.container},
               {"stream", static_cast<unsigned>(output.stream)},
               {"bytes", to_base64(output.bytes)}});
        return true;
    }
    HALLMARK_TRY(const auto ends, guest_port::parse_ends(frame.payload));
    Json list = Json::array();
    for (const auto& end : ends)
        list.push_back(
            {{"name", end.name}, {"exit_status", end.exit_status}, {"lost", end.lost}, {"reason", end.reason}});
    print({{"ends", list}});
    return false;
}

Status run(const std::vector<std::string>& words) {
    HALLMARK_TRY(guest::Signals signals, guest::Signals::open());
    HALLMARK_TRY(const Bytes text, read_file(words[0], kLargestFile));
    HALLMARK_TRY(const auto settings, guest::parse_settings({reinterpret_cast<const char*>(text.data()), text.size()}));
    if (!settings.pod) return bad_input(words[0] + ": no pod");
    const std::filesystem::path folder = words[1];
    const pod::Services services = {
        .pull = [&](const std::string&, const std::string&) -> Result<std::string> { return words[2]; },
        .unseal = unseal};
    HALLMARK_TRY(auto pod, pod::Pod::start(*settings.pod, services, {.program = words[3], .state = folder / "crun"},
                                           {.bundles = folder / "bundles", .volumes = folder / "volumes"}));
    const auto deaf = guest::after(std::chrono::milliseconds(std::atol(words[4].c_str())));
    for (;;) {
        std::vector<pollfd> files = {{.fd = signals.fd(), .events = POLLIN, .revents = 0}};
        pod.add_files(files);
        ::poll(files.data(), files.size(), kLookAgainMs);
        std::vector<guest::Ended> ended;
        signals.handle(ended);
        for (const auto& child : ended) pod.note(child);
        pod.keep_up();
        if (guest::remaining_ms(deaf) > 0) continue;
        while (const auto frame = pod.next_frame()) {
            HALLMARK_TRY(const bool more, show(*frame));
            if (!more) return {};
        }
    }
}

}  // namespace
}  // namespace hallmark

int main(int count, char** words) {
    if (count != 6) {
        std::fputs("pod-driver SETTINGS FOLDER DIGEST CRUN DEAF-MS\n", stderr);
        return 2;
    }
    const auto done = hallmark::run(std::vector<std::string>(words + 1, words + count));
    if (done) return 0;
    std::fprintf(stderr, "pod-driver: %s\n", done.error().message.c_str());
    return done.error().exit_status();
}
