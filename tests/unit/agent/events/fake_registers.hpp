// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "agent/events/registers.hpp"

namespace hallmark::test {

/// Registers in memory, kept apart from whoever uses them: they outlive an agent that is killed.
struct RegisterFile {
    std::map<std::uint32_t, Sha384> values;
    bool refuses = false;
    std::function<void()> before_extending;  ///< e.g. copies what is on the disk then
};

class FakeRegisters final : public events::Registers {
public:
    explicit FakeRegisters(RegisterFile& file) : file_(file) {}
    Result<Sha384> value(std::uint32_t index) override { return file_.values[index]; }
    Status extend(std::uint32_t index, const Sha384& digest) override {
        if (file_.before_extending) file_.before_extending();
        if (file_.refuses) return refused("the register refuses");
        file_.values[index] = events::extended(file_.values[index], digest);
        return {};
    }

private:
    RegisterFile& file_;
};

}  // namespace hallmark::test
