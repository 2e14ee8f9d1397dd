// SPDX-License-Identifier: Apache-2.0
#include "agent/pod/pod.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "agent/daemon/step.hpp"
#include "agent/init/console.hpp"
#include "agent/oci/text.hpp"
#include "agent/pod/volumes.hpp"
#include "common/bytes.hpp"

namespace hallmark::pod {

using guest::Clock;
using guest::say;
using guest_port::Stream;

namespace {

constexpr int kSignalled = 128;
constexpr std::uint8_t kRuntimeFailed = 1;
constexpr unsigned kMostReads = 8;  // in one go: the guest does other things too

std::uint8_t exit_status_of(int status) {
    const int value = WIFSIGNALED(status) ? kSignalled + WTERMSIG(status) : WEXITSTATUS(status);
    return static_cast<std::uint8_t>(std::min(value, 255));
}

}  // namespace

Result<Pod> Pod::start(const guest::PodSettings& settings, Services services, Runtime runtime, Folders folders) {
    HALLMARK_CHECK(make_volumes(settings.volumes, folders.volumes));
    HALLMARK_TRY(auto preparation, Preparation::start(settings.containers, std::move(services), folders));
    return Pod(settings, std::move(preparation), std::move(runtime), std::move(folders));
}

Pod::Pod(const guest::PodSettings& settings, Preparation preparation, Runtime runtime, Folders folders)
    : output_wanted_(settings.output),
      preparation_(std::move(preparation)),
      runtime_(std::move(runtime)),
      folders_(std::move(folders)),
      outbox_(settings.containers.size()) {
    for (const auto& container : settings.containers) containers_.push_back({.name = container.name});
}

void Pod::add_files(std::vector<pollfd>& files) const {
    files.push_back({.fd = preparation_.fd(), .events = POLLIN, .revents = 0});
    if (!takes()) return;  // there is nothing to be done about more of it
    for (const auto& container : containers_)
        for (const auto& pipe : container.pipes)
            if (pipe.file.valid()) files.push_back({.fd = pipe.file.get(), .events = POLLIN, .revents = 0});
}

std::optional<guest::Deadline> Pod::due() const {
    if (!output_wanted_ || all_ended()) return std::nullopt;
    return outbox_.due(Clock::now());
}

void Pod::keep_up() {
    for (auto& prepared : preparation_.take()) start_prepared(std::move(prepared));
    for (std::size_t place = 0; place < containers_.size(); ++place) {
        auto& container = containers_[place];
        for (auto& pipe : container.pipes) drain(place, pipe, container.end.has_value());
    }
}

void Pod::start_prepared(Preparation::Prepared prepared) {
    Container& container = containers_[prepared.container];
    if (!prepared.config) return end(container, kNeverRan, prepared.config.error().message);
    auto started = start_container(runtime_, container.name, folders_.bundles / container.name, *prepared.config);
    if (!started) return end(container, kNeverRan, started.error().message);
    container.child = started->child;
    container.log = std::move(started->log);
    container.pipes.push_back({.stream = Stream::kStdout, .file = std::move(started->output)});
    container.pipes.push_back({.stream = Stream::kStderr, .file = std::move(started->errors)});
    say("container " + container.name + ": started");
    guest::step(guest::Station::kRunning, "container " + container.name);
}

void Pod::note(const guest::Ended& ended) {
    const auto found = std::ranges::find(containers_, ended.child, &Container::child);
    if (found == containers_.end()) return;
    found->child = -1;
    const std::uint8_t status = exit_status_of(ended.status);
    std::string reason = last_word(found->log);
    found->log.reset();
    if (status != kRuntimeFailed) reason.clear();  // then crun only had something to warn of
    const std::uint8_t told = reason.empty() ? status : kNeverRan;
    end(*found, told, reason);
}

/// The reason may have words of a registry or a broker in it.
void Pod::end(Container& container, std::uint8_t status, const std::string& why) {
    std::string reason = oci::printable(why, guest_port::kLongestReason);
    say("container " + container.name + ": ended with status " + std::to_string(status) +
        (reason.empty() ? "" : ": " + reason));
    container.end = {.name = container.name, .exit_status = status, .reason = std::move(reason)};
}

/// Once the container has ended, what is there is all that comes.
void Pod::drain(std::size_t place, Pipe& pipe, bool ended) {
    std::array<std::uint8_t, guest_port::kLargestOutput> block;
    for (unsigned reads = 0; pipe.file.valid() && reads < kMostReads && takes(); ++reads) {
        const auto count = ::read(pipe.file.get(), block.data(), block.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == EAGAIN && !ended) return;
        if (count <= 0) return pipe.file.reset();
        const ByteSpan bytes = ByteSpan(block).first(static_cast<std::size_t>(count));
        if (output_wanted_)
            outbox_.add({.container = static_cast<std::uint16_t>(place),
                         .stream = pipe.stream,
                         .bytes = Bytes(bytes.begin(), bytes.end())},
                        Clock::now());
    }
}

bool Pod::all_ended() const {
    return std::ranges::all_of(containers_, [](const Container& container) {
        return container.end &&
               std::ranges::none_of(container.pipes, [](const Pipe& pipe) { return pipe.file.valid(); });
    });
}

std::optional<guest_port::Frame> Pod::next_frame() {
    if (const auto output = outbox_.take(Clock::now()))
        return guest_port::Frame{.type = guest_port::Type::kOutput, .payload = guest_port::encode_output(*output)};
    if (told_ || !all_ended()) return std::nullopt;
    told_ = true;
    std::vector<guest_port::ContainerEnd> ends;
    for (std::size_t place = 0; place < containers_.size(); ++place) {
        ends.push_back(*containers_[place].end);
        ends.back().lost = outbox_.lost(place);
    }
    return guest_port::Frame{.type = guest_port::Type::kPodEnded, .payload = guest_port::encode_ends(ends)};
}

}  // namespace hallmark::pod
