// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "boot/qemu/guest.hpp"
#include "boot/run/pod.hpp"
#include "boot/run/stuck.hpp"

namespace hallmark::boot {

/// Talks with a running guest on its control port, and answers its security processor's port meanwhile.
class Exchange {
public:
    /// Plays the security processor; not set on real hardware.
    using Processor = std::function<Result<guest_port::Frame>(const guest_port::Frame&)>;

    Exchange(Guest& guest, Processor processor, Deadline deadline)
        : guest_(&guest), processor_(std::move(processor)), deadline_(deadline) {}

    /// From now on tells what the guest says while waiting for it; to be called before the guest runs.
    void follow(const Follower& follower);
    /// From now on types on every input of the guest while waiting for it.
    void type_while_waiting() { typing_ = true; }

    /// Waits until the guest says what it is, and returns that line. Refused where it stops before: by a panic, in a
    /// loop of its firmware, or with nothing to boot.
    Result<std::string> ready();
    /// Challenges the guest and returns its evidence, which must be of that kind; report_data_for() says what it is
    /// over.
    Result<guest_port::Evidence> challenge(const guest_port::Challenge& challenge, guest_port::Kind expected);
    /// Lets the guest read its whole root from the disk again, and returns what it says of it.
    Result<std::string> scrub();
    /// What came of the secrets that the guest's init-data tells it to ask for; waits until it has asked for all.
    Result<std::vector<guest_port::SecretOutcome>> secrets();
    /// Waits until every container of the guest's pod has ended.
    Result<Pod> pod();
    /// Lets the guest power off; refused where it ends in another way.
    Status power_off();

private:
    /// The next frame that carries this request number; others are dropped.
    Result<guest_port::Frame> await(std::uint32_t request, bool starting);
    /// Waits for the guest, serves it and looks after it, until `take` has what it returns.
    template <class Take>
    std::invoke_result_t<Take> until(bool starting, Take take);
    /// Waits at most so long for the guest to say something, and passes on what it says on its console.
    Status listen(Deadline deadline);
    Status serve_processor();
    Result<std::optional<guest_port::Frame>> control_frame(std::uint32_t request);
    /// What a pod says unasked, if it is that.
    Result<bool> take_of_pod(const guest_port::Frame& frame);
    /// Types, if that is what this exchange does.
    void type() const;
    /// Refused where the guest has ended or will not go on.
    Status check_alive(bool starting);
    [[nodiscard]] std::string console_says() const;

    Guest* guest_;
    Processor processor_;
    Deadline deadline_;
    StuckDetector stuck_;
    Follower follower_;
    std::uint64_t console_told_ = 0;
    Pod pod_;
    std::uint32_t last_request_ = 0;
    bool typing_ = false;
};

}  // namespace hallmark::boot
