// SPDX-License-Identifier: Apache-2.0
// Signatures are checked by tests/integration/test_measure_id_block.py, with the openssl program.
#include "measure/snp/id_block.hpp"

#include <gtest/gtest.h>

#include "common/base64.hpp"
#include "tests/support/expect_error.hpp"

namespace hallmark::snp {
namespace {

// As virtee/sev-snp-measure writes it (tests/test_id_block.py, commit 2e51472).
TEST(IdBlock, IsThatOfAnotherTool) {
    IdBlock block;
    for (std::size_t i = 0; i < block.launch_digest.size(); ++i) block.launch_digest[i] = static_cast<std::uint8_t>(i);
    block.policy = 0x30000U;
    const auto text = to_base64(as_bytes(block));
    EXPECT_EQ(text.substr(64), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAwAAAAAA");
}

TEST(GuestPolicy, HasReservedBits) {
    EXPECT_TRUE(check_guest_policy(0x30000));
    EXPECT_TRUE(check_guest_policy(0x3ffffff));
    test::expect_error(check_guest_policy(0x10000), {"0x10000", "bit 17"});
    test::expect_error(check_guest_policy(0x4020000), {"0x4020000", "reserved"});
}

}  // namespace
}  // namespace hallmark::snp
