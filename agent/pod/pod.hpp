// SPDX-License-Identifier: Apache-2.0
// The containers of a guest, from their images to their ends.
#pragma once

#include <poll.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/init-data/pod_settings.hpp"
#include "agent/init/signals.hpp"
#include "agent/pod/crun.hpp"
#include "agent/pod/outbox.hpp"
#include "agent/pod/preparation.hpp"
#include "agent/ports/deadline.hpp"
#include "common/descriptor.hpp"
#include "common/formats/guest_port.hpp"
#include "common/result.hpp"

namespace hallmark::pod {

/// Exit status of a container that never ran, as Docker has it.
constexpr std::uint8_t kNeverRan = 125;

/// Containers are prepared and started in the order of init-data, and run side by side. One that fails is at its end;
/// the others go on. Nothing here waits: whoever has it polls its files and calls keep_up().
class Pod {
public:
    /// Makes the volumes and begins with the first image.
    static Result<Pod> start(const guest::PodSettings& settings, Services services, Runtime runtime = {},
                             Folders folders = {});

    /// Adds what keep_up() is to be called for.
    void add_files(std::vector<pollfd>& files) const;
    /// When it is to be called although no file is ready.
    [[nodiscard]] std::optional<guest::Deadline> due() const;
    /// Starts what is prepared, and reads what was written.
    void keep_up();
    /// Takes note of a child that ended, if it is one of its own.
    void note(const guest::Ended& ended);

    /// The next message for a host that takes it now: kOutput, and once, behind all of it, kPodEnded.
    std::optional<guest_port::Frame> next_frame();

private:
    struct Pipe {
        guest_port::Stream stream;
        FileDescriptor file;  // not valid: at its end
    };
    struct Container {
        std::string name;
        pid_t child = -1;  // -1: it does not run
        std::vector<Pipe> pipes{};
        FileDescriptor log{};
        std::optional<guest_port::ContainerEnd> end{};
    };

    Pod(const guest::PodSettings& settings, Preparation preparation, Runtime runtime, Folders folders);
    void start_prepared(Preparation::Prepared prepared);
    void end(Container& container, std::uint8_t status, const std::string& why);
    void drain(std::size_t place, Pipe& pipe, bool ended);
    [[nodiscard]] bool takes() const { return !output_wanted_ || outbox_.takes(guest::Clock::now()); }
    [[nodiscard]] bool all_ended() const;

    bool output_wanted_;
    Preparation preparation_;
    Runtime runtime_;
    Folders folders_;
    std::vector<Container> containers_;
    Outbox outbox_;
    bool told_ = false;  // kPodEnded was given out
};

}  // namespace hallmark::pod
