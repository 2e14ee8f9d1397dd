// SPDX-License-Identifier: Apache-2.0
// What of a request may be other than its author believes, and in which ways.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hallmark::explain {

/// A value that may be the true one.
struct Value {
    std::optional<std::string> text;  ///< as it is typed: "4"; nothing where the option is not given at all
    std::string note;                 ///< what else to know of it; mostly empty
};

/// One thing that may be other than it was given, with all that is tried in its place.
struct Dimension {
    std::string option;                  ///< "--vcpus"; words where no option sets it
    std::optional<std::string> given{};  ///< as it was typed
    std::vector<Value> others{};         ///< nearest first
    std::size_t paired = 0;  ///< the first of them are tried with a change elsewhere too, those behind only alone
};

/// A dimension, without its values where they don't matter.
inline Dimension if_it_matters(bool matters, Dimension dimension) {
    if (matters) return dimension;
    dimension.others.clear();
    dimension.paired = 0;
    return dimension;
}

/// A dimension together with what its values mean to a calculation.
template <class T>
class Axis {
public:
    Axis() = default;
    Axis(std::string option, std::optional<std::string> given, T value) : values_{std::move(value)} {
        dimension_.option = std::move(option);
        dimension_.given = std::move(given);
    }

    /// Tried alone and with a change elsewhere; before all that are tried alone.
    void add(Value name, T value) {
        add_alone(std::move(name), std::move(value));
        dimension_.paired = dimension_.others.size();
    }
    void add_alone(Value name, T value) {
        dimension_.others.push_back(std::move(name));
        values_.push_back(std::move(value));
    }
    [[nodiscard]] bool has(const T& value) const { return std::ranges::find(values_, value) != values_.end(); }

    /// The value of a choice: 0 is as given, the others follow.
    [[nodiscard]] typename std::vector<T>::const_reference at(std::size_t choice) const { return values_[choice]; }
    [[nodiscard]] const std::vector<T>& values() const { return values_; }
    [[nodiscard]] const Dimension& dimension() const { return dimension_; }

private:
    Dimension dimension_;
    std::vector<T> values_;
};

}  // namespace hallmark::explain
