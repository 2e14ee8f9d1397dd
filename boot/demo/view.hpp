// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "boot/demo/steps.hpp"

namespace hallmark::boot::demo {

/// How the demo shows itself on standard output.
enum class Mode {
    kSilent,    ///< the answer is JSON
    kLines,     ///< each line once
    kTerminal,  ///< and below them how far it is
};
/// By where standard output goes.
Mode mode_of(bool json);

class View {
public:
    explicit View(Mode mode) : mode_(mode) {}

    void heading(std::string_view text);
    /// Something that was made ready, and how it can be seen.
    void part(std::string_view name, std::string_view text);
    void step(const Reached& step);
    /// What the workload wrote; shown line by line, with nothing in it that a terminal would act on.
    void output(std::string_view bytes);
    /// Nothing more is waited for.
    void end();
    /// The last line of a demo that showed everything.
    void done(std::string_view text);
    /// What is waited for, and how much of the whole is done; a terminal shows it until the next call.
    void progress(unsigned done, std::chrono::milliseconds elapsed, std::string_view waiting_for);

private:
    void line(const std::string& text);

    Mode mode_;
    bool progress_shown_ = false;
    Clock::time_point last_progress_{};
    std::string partial_;  // of the workload's output
};

}  // namespace hallmark::boot::demo
