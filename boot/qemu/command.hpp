// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hallmark::boot {

/// A QEMU command line as data: options in their order, each with its value or none. Nothing passes through a shell.
class QemuCommand {
public:
    explicit QemuCommand(std::string program) : argv_{std::move(program)} {}

    QemuCommand& add(std::string option) {
        argv_.push_back(std::move(option));
        return *this;
    }
    QemuCommand& add(std::string option, std::string value) {
        argv_.push_back(std::move(option));
        argv_.push_back(std::move(value));
        return *this;
    }
    [[nodiscard]] const std::vector<std::string>& argv() const { return argv_; }

private:
    std::vector<std::string> argv_;
};

/// A value of a "key=value,…" list: QEMU takes two commas for one.
std::string escaped(std::string_view value);

}  // namespace hallmark::boot
