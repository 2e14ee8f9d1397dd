// SPDX-License-Identifier: Apache-2.0
// Reference values in a list: what a test says, no more.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "relying-party/reference-values/reference_values.hpp"

namespace hallmark::test {

class KnownValues final : public reference::ReferenceValues {
public:
    struct Known {
        std::string name;
        Json value;
        std::string set = "build";
        std::time_t expires = 4'000'000'000;
    };

    explicit KnownValues(std::vector<Known> known = {}) : known_(std::move(known)) {}
    void add(Known known) { known_.push_back(std::move(known)); }
    void clear(std::string_view name) {
        std::erase_if(known_, [&](const Known& one) { return one.name == name; });
    }

    Result<std::vector<reference::Value>> find(std::string_view name, std::time_t at) const override {
        if (broken) return bad_input("store: disk is gone");
        std::vector<reference::Value> values;
        for (const auto& one : known_)
            if (one.name == name && one.expires > at) values.push_back({one.value, "test", one.set});
        return values;
    }

    bool broken = false;

private:
    std::vector<Known> known_;
};

}  // namespace hallmark::test
