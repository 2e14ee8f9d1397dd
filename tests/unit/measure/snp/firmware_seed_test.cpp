// SPDX-License-Identifier: Apache-2.0
#include "measure/snp/firmware_seed.hpp"

#include <gtest/gtest.h>

#include "common/hex.hpp"
#include "measure/snp/launch.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/synthetic_firmware.hpp"

namespace hallmark::snp {
namespace {

using namespace hallmark::test;

Result<FirmwareSeed> reread(const Json& json) {
    const auto text = to_text(json);
    return parse_firmware_seed(as_bytes(std::string_view(text)), "seed.json");
}

Json seed_json() { return to_json(seed_of(firmware(), "f.fd").value()); }

// The digest is that of synthetic.tsv of the test vectors, printed by sev-snp-measure 0.0.13.
TEST(FirmwareSeed, IsEnoughForADigest) {
    const auto seed = reread(seed_json());
    ASSERT_TRUE(seed) << seed.error().message;
    const KernelHashes kernel{sha256(synthetic_kernel()), sha256(synthetic_initrd()),
                              hash_command_line("console=ttyS0")};
    LaunchDigest digest(predict_sections(seed->after_firmware, seed->layout, kernel, "seed.json").value());
    add_cpus(digest, kQemu, cpu_states(kQemu, seed->layout, 0xb00f00, 1), 3);
    EXPECT_EQ(to_hex(digest.value()),
              "38fd00bf88ceb68faab3c02aa4a3ec2a8e4bbd79a4863226419cc451b68546dee12ca150f52d3729b5bad5fef35c4659");
}

TEST(FirmwareSeed, KeepsEverything) {
    const auto image = firmware_without_kernel_hashes();
    const auto seed = seed_of(image, "f.fd").value();
    EXPECT_EQ(seed.sha256, sha256(image));
    EXPECT_EQ(to_json(reread(to_json(seed)).value()), to_json(seed));
    EXPECT_FALSE(to_json(seed).contains("kernel_hash_table"));
}

TEST(FirmwareSeed, IsCheckedLikeAnImage) {
    auto json = seed_json();
    json["sections"][0]["gpa"] = "0x800001";
    expect_error(reread(json), {"seed.json", "section 0", "4 KiB"});
    json = seed_json();
    json["sections"][1]["gpa"] = "0x800000";
    expect_error(reread(json), {"section 1", "overlaps"});
    json = seed_json();
    json["sections"][0]["type"] = "0x7";
    expect_error(reread(json), {"type 0x7"});
    json = seed_json();
    json["firmware_size"] = 4097;
    expect_error(reread(json), {"4097"});
    json = seed_json();
    json["application_cpu_reset"] = "0x0";
    expect_error(reread(json), {"reset address"});
    json = seed_json();
    json["kernel_hash_table"]["gpa"] = "0x900000";
    expect_error(reread(json), {"kernel hash table at 0x900000"});
    json = seed_json();
    json["kernel_hash_table"]["gpa"] = "0x100000000";
    expect_error(reread(json), {"kernel_hash_table.gpa", "32 bits"});
    json = seed_json();
    json["sections"] = Json::array();
    expect_error(reread(json), {"0 sections"});
    json = seed_json();
    json["more"] = 1;
    expect_error(reread(json), {"more"});
    json = seed_json();
    json["digest_after_firmware"] = "00";
    expect_error(reread(json), {"digest_after_firmware", "96"});
}

}  // namespace
}  // namespace hallmark::snp
