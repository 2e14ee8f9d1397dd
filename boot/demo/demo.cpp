// SPDX-License-Identifier: Apache-2.0
#include "boot/demo/demo.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "boot/boot.hpp"
#include "boot/demo/image.hpp"
#include "common/text.hpp"

namespace hallmark::boot::demo {
namespace {

namespace fs = std::filesystem;

unsigned seconds_until(Deadline deadline) {
    return std::max(1U, static_cast<unsigned>(milliseconds_until(deadline)) / 1000U);
}

/// Shows what the guest says as it says it.
Follower follower_of(Shown& shown, View& view) {
    const auto progress = [&shown, &view] {
        const auto next = shown.steps.missing();
        view.progress(shown.steps.count(), shown.steps.elapsed(), title_of(next));
    };
    return {.started = [&shown, &view] { view.step(shown.steps.begin()); },
            .console =
                [&shown, &view, progress](std::string_view text) {
                    for (const auto& step : shown.steps.add(text)) view.step(step);
                    progress();
                },
            .output =
                [&shown, &view](const guest_port::Output& output) {
                    const std::string_view text = text_of(output.bytes);
                    if (shown.output.empty()) view.heading("the workload");
                    shown.output.append(text.substr(0, kMostOutput - std::min(kMostOutput, shown.output.size())));
                    view.output(text);
                }};
}

/// Why not everything happened; empty where it did.
std::string objection(const Shown& shown, const Outcome& outcome, Tee tee, const Owner& owner) {
    // What this version makes of evidence from hardware is no proof; the broker has judged it, or no step 11 happened.
    const bool ran = is_simulated(tee) ? outcome.proven : outcome.pod && failures(*outcome.pod).empty();
    std::string text;
    const auto add = [&text](const std::string& more) { text += (text.empty() ? "" : "; ") + more; };
    if (!ran) add(outcome.reason);
    if (ran && !shown.steps.all()) add("the guest says nothing of it");
    if (ran && shown.steps.all() && shown.output.find(proof_of_workload()) == std::string::npos)
        add("the workload's output has no line '" + proof_of_workload() + "'");
    if (text.empty()) return text;
    if (!shown.steps.all()) {
        const auto missing = shown.steps.missing();
        text = "step " + std::to_string(missing) + " (" + std::string(title_of(missing)) + ") did not happen: " + text;
    }
    if (const auto refusal = owner.last_refusal(); !refusal.empty()) add("the broker's audit log: " + refusal);
    return text;
}

/// A folder for its owner alone, which must be new.
Status make_own_folder(const fs::path& folder) {
    if (::mkdir(folder.c_str(), 0700) == 0) return {};
    return std::unexpected(system_error("--stop-before-boot: " + folder.string()));
}

void await_end_of_input() {
    char byte = 0;
    for (;;) {
        const auto count = ::read(STDIN_FILENO, &byte, 1);
        if (count == 0 || (count < 0 && errno != EINTR)) return;
    }
}

}  // namespace

Json Shown::json() const {
    Json json{{"steps", steps.json()}, {"output", output}};
    if (!reason.empty()) json["failed"] = reason;
    return json;
}

Result<Shown> show(const DemoRequest& request, const fs::path& folder, View& view) {
    const Deadline deadline = in(std::chrono::seconds(request.boot.timeout));
    HALLMARK_TRY(const Prepared prepared, prepare(request, folder, view, deadline));
    Typed typed = request.boot;
    typed.init_data = prepared.init_data;
    typed.network = true;
    typed.pod = true;
    typed.timeout = seconds_until(deadline);
    HALLMARK_TRY(Request boot_request, to_request(typed));
    Shown shown;
    const Follower follower = follower_of(shown, view);
    boot_request.follower = &follower;
    Journal journal(/* print= */ false);
    view.heading("the guest");
    auto outcome = boot(boot_request, journal);
    if (!outcome && outcome.error().fault == Fault::kBadInput) return std::unexpected(outcome.error());
    if (!outcome) outcome = Outcome{.proven = false, .reason = outcome.error().message};
    view.end();
    shown.reason = objection(shown, *outcome, boot_request.tee, prepared.owner);
    if (shown.reason.empty()) view.done("all fifteen steps happened; the guest is proven and has powered off");
    return shown;
}

Status hold(const DemoRequest& request, View& view) {
    std::error_code error;
    const fs::path folder = fs::absolute(request.stop_in, error);
    if (error) return bad_input("--stop-before-boot: " + request.stop_in + ": " + error.message());
    HALLMARK_CHECK(make_own_folder(folder));
    HALLMARK_TRY(const Prepared prepared,
                 prepare(request, folder, view, in(std::chrono::seconds(request.boot.timeout))));
    const Json made{{"registry", "https://127.0.0.1:" + prepared.registry.port()},
                    {"broker", prepared.owner.url()},
                    {"certificate", prepared.owner.certificate().string()},
                    {"admin_key", prepared.owner.admin_key().string()},
                    {"image", prepared.image.name},
                    {"digest", prepared.image.digest},
                    {"init_data", prepared.init_data.string()},
                    {"release", prepared.release},
                    {"marker", kMarker},
                    {"proof", proof_of_workload()}};
    std::printf("%s\n", made.dump().c_str());
    std::fflush(stdout);
    await_end_of_input();
    return {};
}

}  // namespace hallmark::boot::demo
