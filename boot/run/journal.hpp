// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "boot/run/comparison.hpp"
#include "boot/run/pod.hpp"
#include "common/deadline.hpp"
#include "common/digest.hpp"
#include "common/formats/guest_port.hpp"
#include "common/json.hpp"

namespace hallmark::boot {

struct Step {
    std::string name;
    std::string details;  ///< for people
    std::chrono::milliseconds took{};
};

/// The steps of a boot, each with its time, printed for people as they end.
class Journal {
public:
    explicit Journal(bool print) : print_(print) {}

    /// The step that ran since the last one has ended; `details` are for people only.
    void step(std::string name, const std::string& details = "");
    /// For people only.
    void note(const std::string& text) const;
    [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }

private:
    bool print_;
    Clock::time_point begin_ = Clock::now();
    Clock::time_point last_ = begin_;
    std::vector<Step> steps_;
};

struct Digests {
    std::optional<Sha384> predicted;  ///< from reference-values.json
    std::optional<Sha384> memory;     ///< of what lay in guest memory; not to be had of real hardware
    std::optional<Sha384> report;     ///< in the guest's own report
};

/// What a boot proved.
struct Outcome {
    bool proven = false;
    std::string reason;                                ///< one line: why not, or what was compared
    Digests digests{};                                 ///< of SNP
    std::optional<Comparison> comparison{};            ///< of a simulated TDX
    std::vector<guest_port::SecretOutcome> secrets{};  ///< that the guest's init-data told it to ask for
    std::optional<Pod> pod{};                          ///< where one was waited for
};

/// {"digests": {…}, "steps": […], "verdict": …, "reason": …}; of a simulated TDX "registers" and "events" instead of
/// the digests; where the guest asked for secrets, "secrets": [{"resource": …, "granted": …, "refusal": … or null}];
/// where a pod was waited for, "pod": [{"name": …, "status": …, "lost": …, "reason": … or null}] and its "output"
Json to_json(const Outcome& outcome, const Journal& journal);
/// The same for people.
std::string to_lines(const Outcome& outcome, bool colours);

}  // namespace hallmark::boot
