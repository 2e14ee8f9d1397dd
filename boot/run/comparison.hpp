// SPDX-License-Identifier: Apache-2.0
// What was predicted of a boot against what was seen of it, value by value.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/digest.hpp"
#include "common/json.hpp"

namespace hallmark::boot {

enum class Verdict {
    kEqual,
    kDiffers,
    kNotPredicted,  ///< seen, but the prediction leaves it open
    kMissing,       ///< predicted, but not seen
    kUnexpected,    ///< seen, but the prediction has nothing of it
    kByGuestLog,    ///< the guest's own, as its log tells it
};

/// "equal", "differs", "not predicted", "missing", "unexpected", "by the guest's log"
[[nodiscard]] std::string_view name_of(Verdict verdict);

/// A register ("rtmr1") or one of its events ("kernel").
struct Compared {
    std::string name;
    std::string what;  ///< for people: what the value covers
    std::optional<Sha384> predicted;
    std::optional<Sha384> observed;
    Verdict verdict = Verdict::kEqual;
    std::optional<Sha384> quoted{};  ///< of a register that the guest's quote has

    [[nodiscard]] bool wrong() const {
        return verdict != Verdict::kEqual && verdict != Verdict::kNotPredicted && verdict != Verdict::kByGuestLog;
    }
};

struct ComparedEvent {
    std::string where;  ///< its register
    Compared event;
};

struct Comparison {
    std::vector<Compared> registers;
    std::vector<ComparedEvent> events;  ///< by register, in the order of their extension
};

/// {"registers": {"rtmr1": {…}, …}, "events": [{"register": …}, …]}
Json to_json(const Comparison& comparison);
/// The same for people.
std::string to_lines(const Comparison& comparison);

}  // namespace hallmark::boot
