// SPDX-License-Identifier: Apache-2.0
#include "measure/snp/matrix.hpp"

#include <gtest/gtest.h>

#include "common/hex.hpp"
#include "measure/snp/firmware_seed.hpp"
#include "measure/snp/vcpu.hpp"
#include "tests/support/synthetic_firmware.hpp"

namespace hallmark::snp {
namespace {

using namespace hallmark::test;

struct Guest {
    FirmwareSeed seed = seed_of(firmware(), "f.fd").value();
    Sha384 memory = predict_sections(seed.after_firmware, seed.layout, std::nullopt, "f.fd").value();
};

Sha384 single(const Guest& guest, const VmmProfile& profile, const MatrixRow& row) {
    LaunchDigest digest(guest.memory);
    add_cpus(digest, profile, cpu_states(profile, guest.seed.layout, row.cpu->signature, row.features), row.vcpus);
    return digest.value();
}

TEST(SnpMatrix, EqualsSingleLaunches) {
    const Guest guest;
    MatrixAxes axes;
    for (const auto& type : vcpu_types()) axes.cpus.push_back({std::string(type.name), type.model.signature()});
    axes.features = {0x1, 0x21};
    axes.vcpus = {1, 2, 3, 17, 240, 5};
    for (const auto* profile : vmm_profiles()) {
        const auto rows = compute_matrix(guest.memory, guest.seed.layout, *profile, axes);
        ASSERT_EQ(rows.size(), axes.cpus.size() * 2 * 6);
        for (const auto& row : rows) EXPECT_EQ(row.digest, single(guest, *profile, row)) << row.cpu->name << row.vcpus;
    }
}

// Printed by sev-snp-measure 0.0.13 (synthetic.tsv of the test vectors).
TEST(SnpMatrix, HasTheDigestOfAnotherTool) {
    const Guest guest;
    const MatrixAxes axes{{{"EPYC-v4", 0x800f12}}, {1}, {64}};
    EXPECT_EQ(to_hex(compute_matrix(guest.memory, guest.seed.layout, kQemu, axes).at(0).digest),
              "df9ce524551f228d23324e5e3028bdb00de42a565771c12a891083d928413afc344104f7631cf5b71710fcbdb8e1c006");
}

TEST(SnpMatrix, TakesOverrides) {
    const Guest guest;
    const MatrixAxes axes{{{"EPYC-v4", 0x800f12}}, {1}, {2}};
    const std::vector overrides = {parse_vmsa_override("ap.rdx=0xa10f10").value()};
    LaunchDigest digest(guest.memory);
    auto states = cpu_states(kQemu, guest.seed.layout, 0x800f12, 1);
    states.application_cpu.rdx = 0xa10f10;
    add_cpus(digest, kQemu, states, 2);
    EXPECT_EQ(compute_matrix(guest.memory, guest.seed.layout, kQemu, axes, overrides).at(0).digest, digest.value());
}

TEST(SnpMatrix, OfNothingIsEmpty) {
    const Guest guest;
    EXPECT_TRUE(compute_matrix(guest.memory, guest.seed.layout, kQemu, {}).empty());
}

TEST(ExtendCpus, EqualsRecomputation) {
    const Guest guest;
    for (const auto* profile : vmm_profiles()) {
        const auto states = cpu_states(*profile, guest.seed.layout, 0xa10f10, 1);
        LaunchDigest one(guest.memory);
        add_cpus(one, *profile, states, 1);
        for (const std::uint32_t vcpus : {1U, 2U, 64U}) {
            LaunchDigest whole(guest.memory);
            add_cpus(whole, *profile, states, vcpus);
            EXPECT_EQ(extend_cpus(one.value(), *profile, states.application_cpu, vcpus - 1), whole.value());
        }
    }
}

}  // namespace
}  // namespace hallmark::snp
