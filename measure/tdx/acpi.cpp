// SPDX-License-Identifier: Apache-2.0
#include "measure/tdx/acpi.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "common/endian.hpp"
#include "common/file.hpp"
#include "common/hex.hpp"
#include "common/reader.hpp"
#include "measure/tdx/event.hpp"

namespace hallmark::tdx {
namespace {

constexpr std::string_view kLoader = "etc/table-loader";
constexpr std::string_view kTables = "etc/acpi/tables";
constexpr std::size_t kLargestLoader = std::size_t{1} << 20;
constexpr std::uint32_t kAllocate = 1;
constexpr std::uint32_t kLastCommand = 4;  // ADD_POINTER, ADD_CHECKSUM, WRITE_POINTER behind it

/// BiosLinkerLoaderEntry; only ALLOCATE is read beyond its command.
struct Command {
    Le32 command;                                  // 00
    std::array<char, 56> file{};                   // 04, NUL behind it
    std::array<std::uint8_t, 68> parameters_3c{};  // 3c
};
static_assert(sizeof(Command) == 128 && offsetof(Command, file) == 4 && offsetof(Command, parameters_3c) == 0x3c);

/// What stands in the folder for a file of fw_cfg.
Result<std::filesystem::path> find_blob(const std::filesystem::path& folder, const std::string& name) {
    const auto base = std::filesystem::path(name).filename();
    std::error_code ignored;
    for (const auto& candidate : {folder / name / "raw", folder / name, folder / base})
        if (std::filesystem::is_regular_file(candidate, ignored)) return candidate;
    return bad_input(folder.string() + ": no " + base.string() + " and no " + name +
                     "/raw, expected the files of a guest's /sys/firmware/qemu_fw_cfg/by_name");
}

/// A name from the script is used as a path: it must stay in the folder.
bool is_plain(std::string_view name) {
    const std::filesystem::path path(name);
    return !name.empty() && path.is_relative() &&
           std::ranges::none_of(path, [](const std::filesystem::path& part) { return part == ".."; });
}

}  // namespace

Result<std::vector<std::string>> allocated_files(ByteSpan loader, const std::string& what) {
    std::vector<std::string> files;
    Reader reader(loader, what);
    while (reader.remaining() != 0) {
        const auto place = what + ": offset " + hex_number(reader.offset()) + ": ";
        HALLMARK_TRY(const Command command, reader.structure<Command>());
        if (command.command == 0) break;  // QEMU fills the script up with zeros
        if (command.command > kLastCommand)
            return bad_input(place + "command " + hex_number(command.command) + ", expected 1 to 4");
        if (command.command != kAllocate) continue;
        const auto end = std::ranges::find(command.file, '\0');
        const std::string name(command.file.begin(), end);
        if (end == command.file.end() || !is_plain(name))
            return bad_input(place + "allocates a file whose name isn't one");
        files.push_back(name);
    }
    if (files.empty()) return bad_input(what + ": allocates no file, expected the loader script of ACPI tables");
    return files;
}

Result<std::vector<AcpiBlob>> read_acpi(const std::filesystem::path& folder) {
    HALLMARK_TRY(const auto loader_path, find_blob(folder, std::string(kLoader)));
    HALLMARK_TRY(const Bytes loader, read_file(loader_path, kLargestLoader));
    HALLMARK_TRY(const auto names, allocated_files(loader, loader_path.string()));
    std::vector<AcpiBlob> blobs = {{std::string(kLoader), sha384(loader)}};
    for (const auto& name : names) {
        HALLMARK_TRY(const auto path, find_blob(folder, name));
        HALLMARK_TRY(const FileSha384 file, sha384_file(path.string()));
        blobs.push_back({name, file.digest});
    }
    return blobs;
}

Result<std::vector<AcpiBlob>> acpi_from_qemu(const qemu::Machine& machine) {
    HALLMARK_TRY(qemu::StockQemu qemu, qemu::StockQemu::start(machine));
    HALLMARK_TRY(const Bytes loader, qemu.file(std::string(kLoader)));
    HALLMARK_TRY(const auto names, allocated_files(loader, machine.program + ": " + std::string(kLoader)));
    std::vector<AcpiBlob> blobs = {{std::string(kLoader), sha384(loader)}};
    for (const auto& name : names) {
        HALLMARK_TRY(const Bytes content, qemu.file(name));
        if (name == kTables && qemu.window_unknown())
            blobs.push_back({name, std::nullopt,
                             "has the PCI window that begins where the firmware places the lowest 64-bit BAR; "
                             "give --pci-window"});
        else
            blobs.push_back({name, sha384(content)});
    }
    return blobs;
}

}  // namespace hallmark::tdx
