// SPDX-License-Identifier: Apache-2.0
#include "agent/events/registers.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "agent/kernel_file.hpp"
#include "common/descriptor.hpp"

namespace hallmark::events {
namespace {

constexpr std::uint32_t kLastRegister = 4;  // RTMR3

}  // namespace

Sha384 extended(const Sha384& value, const Sha384& digest) {
    Hasher<Sha384> hasher;
    hasher.update(value);
    hasher.update(digest);
    return hasher.finish();
}

Result<std::unique_ptr<Registers>> SysfsRegisters::find(std::string folder) {
    if (::access(folder.c_str(), F_OK) == 0) return std::unique_ptr<Registers>(new SysfsRegisters(std::move(folder)));
    if (errno == ENOENT) return nullptr;
    return std::unexpected(system_error(folder, Fault::kNo));
}

Result<std::string> SysfsRegisters::file_of(std::uint32_t register_index) const {
    if (register_index == 0 || register_index > kLastRegister)
        return bad_input("register " + std::to_string(register_index) + ", expected 1 to 4: RTMR0 to RTMR3");
    return folder_ + "/rtmr" + std::to_string(register_index - 1) + ":sha384";
}

Result<Sha384> SysfsRegisters::value(std::uint32_t register_index) {
    HALLMARK_TRY(const std::string file, file_of(register_index));
    HALLMARK_TRY(const Bytes bytes, guest::read_kernel_file(file, sizeof(Sha384)));
    Sha384 value{};
    if (bytes.size() != value.size())
        return refused(file + ": " + std::to_string(bytes.size()) + " bytes, expected " + std::to_string(value.size()));
    std::ranges::copy(bytes, value.begin());
    return value;
}

Status SysfsRegisters::extend(std::uint32_t register_index, const Sha384& digest) {
    HALLMARK_TRY(const std::string file, file_of(register_index));
    return guest::write_kernel_file(file, digest);
}

}  // namespace hallmark::events
