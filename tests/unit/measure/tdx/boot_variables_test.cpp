// SPDX-License-Identifier: Apache-2.0
#include "measure/tdx/boot_variables.hpp"

#include <gtest/gtest.h>

#include "common/file.hpp"
#include "common/hex.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temporary.hpp"

namespace hallmark::tdx {
namespace {

using namespace hallmark::test;

class BootVariables : public testing::Test {
protected:
    void write(const std::string& name, const char* hex) {
        ASSERT_TRUE(write_file(folder.path() / name, *from_hex(hex)));
    }
    TemporaryFolder folder;
};

TEST_F(BootVariables, AreReadInTheirOrder) {
    write("BootOrder", "1a000100");
    write("Boot001A", "aa");
    write("Boot0001", "bb");
    const auto found = read_boot_variables(folder.path());
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ(found->size(), 3U);
    EXPECT_EQ(found->at(0).name, "BootOrder");
    EXPECT_EQ(found->at(1).name, "Boot001A");
    EXPECT_EQ(to_hex(found->at(1).data), "aa");
    EXPECT_EQ(to_hex(found->at(2).data), "bb");
}

TEST_F(BootVariables, AreReadAsLinuxHasThem) {
    write("BootOrder-8be4df61-93ca-11d2-aa0d-00e098032b8c", "070000000000");
    write("Boot0000-8be4df61-93ca-11d2-aa0d-00e098032b8c", "07000000cc");
    const auto found = read_boot_variables(folder.path());
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ(found->size(), 2U);
    EXPECT_EQ(to_hex(found->at(0).data), "0000");
    EXPECT_EQ(to_hex(found->at(1).data), "cc");
}

TEST_F(BootVariables, AreRefusedWhereTheyAreNotWhole) {
    expect_error(read_boot_variables(folder.path()), {"no BootOrder", "efivars"});
    write("BootOrder", "00");
    expect_error(read_boot_variables(folder.path()), {"BootOrder of 1 bytes"});
    write("BootOrder", "");
    expect_error(read_boot_variables(folder.path()), {"BootOrder of 0 bytes"});
    write("BootOrder", "0000");
    expect_error(read_boot_variables(folder.path()), {"no Boot0000"});
    write("Boot0000-8be4df61-93ca-11d2-aa0d-00e098032b8c", "070000");
    expect_error(read_boot_variables(folder.path()), {"3 bytes", "attributes"});
}

}  // namespace
}  // namespace hallmark::tdx
