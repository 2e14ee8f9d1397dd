// SPDX-License-Identifier: Apache-2.0
#include "measure/tdx/boot_variables.hpp"

#include <string>

#include "common/file.hpp"
#include "common/hex.hpp"

namespace hallmark::tdx {
namespace {

constexpr std::size_t kLargestVariable = 64 * 1024;
constexpr std::size_t kMostOptions = 256;
constexpr std::size_t kAttributes = 4;
constexpr const char* kVendor = "-8be4df61-93ca-11d2-aa0d-00e098032b8c";

Result<GivenVariable> read_variable(const std::filesystem::path& folder, const std::string& name) {
    std::error_code ignored;
    const auto as_linux_has_it = folder / (name + kVendor);
    if (std::filesystem::exists(as_linux_has_it, ignored)) {
        HALLMARK_TRY(Bytes bytes, read_file(as_linux_has_it, kLargestVariable));
        if (bytes.size() < kAttributes)
            return bad_input(as_linux_has_it.string() + ": " + std::to_string(bytes.size()) +
                             " bytes, expected four of attributes and a value");
        bytes.erase(bytes.begin(), bytes.begin() + kAttributes);
        return GivenVariable{name, std::move(bytes)};
    }
    if (!std::filesystem::exists(folder / name, ignored))
        return bad_input(folder.string() + ": no " + name + kVendor + " and no " + name +
                         ", expected a copy of a guest's /sys/firmware/efi/efivars");
    HALLMARK_TRY(Bytes bytes, read_file(folder / name, kLargestVariable));
    return GivenVariable{name, std::move(bytes)};
}

/// "Boot001A"
std::string option_name(unsigned number) {
    std::string digits = hex_number(number, 4).substr(2);
    for (auto& c : digits)
        if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
    return "Boot" + digits;
}

}  // namespace

Result<std::vector<GivenVariable>> read_boot_variables(const std::filesystem::path& folder) {
    HALLMARK_TRY(const GivenVariable order, read_variable(folder, "BootOrder"));
    const auto& numbers = order.data;
    if (numbers.empty() || numbers.size() % 2 != 0 || numbers.size() > 2 * kMostOptions)
        return bad_input(folder.string() + ": BootOrder of " + std::to_string(numbers.size()) +
                         " bytes, expected two for each of 1 to " + std::to_string(kMostOptions) + " options");
    std::vector<GivenVariable> found = {order};
    for (std::size_t i = 0; i < numbers.size(); i += 2) {
        HALLMARK_TRY(GivenVariable option,
                     read_variable(folder, option_name(numbers[i] | static_cast<unsigned>(numbers[i + 1]) << 8)));
        found.push_back(std::move(option));
    }
    return found;
}

}  // namespace hallmark::tdx
