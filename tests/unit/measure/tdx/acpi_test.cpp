// SPDX-License-Identifier: Apache-2.0
#include "measure/tdx/acpi.hpp"

#include <gtest/gtest.h>

#include <string_view>

#include "common/file.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::tdx {
namespace {

using namespace hallmark::test;

Bytes command(std::uint8_t kind, std::string_view file) {
    Bytes bytes(128);
    bytes[0] = kind;
    std::ranges::copy(file, bytes.begin() + 4);
    return bytes;
}

/// As QEMU writes it: two files to allocate, a checksum between them, zeros behind.
Bytes loader() {
    Bytes script;
    append(script, command(1, "etc/acpi/rsdp"));
    append(script, command(3, "etc/acpi/rsdp"));
    append(script, command(1, "etc/acpi/tables"));
    append(script, Bytes(4096 - script.size()));
    return script;
}

void write(const std::filesystem::path& path, ByteSpan bytes) {
    std::filesystem::create_directories(path.parent_path());
    ASSERT_TRUE(write_file(path, bytes));
}

void expect_blobs(const std::filesystem::path& folder) {
    const auto blobs = read_acpi(folder);
    ASSERT_TRUE(blobs) << blobs.error().message;
    ASSERT_EQ(blobs->size(), 3U);
    EXPECT_EQ(blobs->at(0).name, "etc/table-loader");
    EXPECT_EQ(blobs->at(0).digest, sha384(loader()));
    EXPECT_EQ(blobs->at(1).name, "etc/acpi/rsdp");
    EXPECT_EQ(blobs->at(1).digest, sha384(as_bytes("RSD PTR ")));
    EXPECT_EQ(blobs->at(2).digest, sha384(as_bytes("DSDT")));
}

TEST(Acpi, IsReadAsPlainFiles) {
    const TemporaryFolder folder;
    write(folder.path() / "table-loader", loader());
    write(folder.path() / "rsdp", as_bytes("RSD PTR "));
    write(folder.path() / "tables", as_bytes("DSDT"));
    expect_blobs(folder.path());
}

TEST(Acpi, IsReadAsAGuestShowsIt) {
    const TemporaryFolder folder;
    write(folder.path() / "etc/table-loader/raw", loader());
    write(folder.path() / "etc/acpi/rsdp/raw", as_bytes("RSD PTR "));
    write(folder.path() / "etc/acpi/tables/raw", as_bytes("DSDT"));
    expect_blobs(folder.path());
}

TEST(Acpi, NeedsAllFiles) {
    const TemporaryFolder folder;
    expect_error(read_acpi(folder.path()), {"table-loader", "qemu_fw_cfg"});
    write(folder.path() / "table-loader", loader());
    write(folder.path() / "rsdp", as_bytes("RSD PTR "));
    expect_error(read_acpi(folder.path()), {"no tables and no etc/acpi/tables/raw"});
}

TEST(Acpi, RefusesAnotherScript) {
    expect_error(allocated_files({}, "l"), {"l", "allocates no file"});
    expect_error(allocated_files(Bytes(4096), "l"), {"allocates no file"});
    expect_error(allocated_files(command(5, "x"), "l"), {"offset 0x0", "command 0x5"});
    auto cut = loader();
    cut.resize(200);
    expect_error(allocated_files(cut, "l"), {"offset 0x80", "72 bytes left"});
    // A name that would leave the folder, or has no end.
    for (const auto* name : {"../../etc/shadow", "/etc/shadow", "etc/../../x", ""})
        expect_error(allocated_files(command(1, name), "l"), {"whose name isn't one"});
    expect_error(allocated_files(command(1, std::string(56, 'a')), "l"), {"whose name isn't one"});
}

}  // namespace
}  // namespace hallmark::tdx
