// SPDX-License-Identifier: Apache-2.0
#include "common/formats/snp_certificates.hpp"

#include <gtest/gtest.h>

#include <array>

#include "common/formats/snp_tcb.hpp"
#include "common/hex.hpp"

namespace hallmark::snp {
namespace {

std::array<TableCertificate, 2> certificates() { return {{{kVcekGuid, {1, 2, 3}}, {kAskGuid, {4, 5}}}}; }

TEST(CertificateTable, LooksAsTheHypervisorWritesIt) {
    // Publication 56421, section 4.1.8.1: GUID, offset, length; an entry of zeros; the certificates. That a GUID's
    // bytes are in the order of its text is how AMD's own tools and google/go-sev-guest have it.
    const auto table = encode_certificate_table(certificates());
    EXPECT_EQ(to_hex(table),
              "63da758de6644564adc5f4b93be8accd4800000003000000"
              "4ab7b379bbac4fe4a02f05aef327c7824b00000002000000"
              "000000000000000000000000000000000000000000000000"
              "0102030405");
}

TEST(CertificateTable, IsReadBack) {
    const auto table = parse_certificate_table(encode_certificate_table(certificates()));
    ASSERT_TRUE(table) << table.error().message;
    ASSERT_EQ(table->size(), 2U);
    EXPECT_EQ(table->at(0).guid, kVcekGuid);
    EXPECT_EQ(table->at(1).der, Bytes({4, 5}));
    EXPECT_TRUE(parse_certificate_table({}).value().empty());
}

TEST(CertificateTable, EntriesOutsideAreRefused) {
    const auto good = encode_certificate_table(certificates());
    for (const auto& [offset, value] : {std::pair{16, 0xff}, {17, 1}, {19, 0xff}, {20, 6}, {23, 0xff}}) {
        auto bad = good;
        bad[static_cast<std::size_t>(offset)] = static_cast<std::uint8_t>(value);
        EXPECT_FALSE(parse_certificate_table(bad)) << offset;
    }
}

TEST(CertificateTable, WithoutItsEndIsRefused) {
    const auto good = encode_certificate_table(certificates());
    for (std::size_t size = 1; size < 72; ++size)
        EXPECT_FALSE(parse_certificate_table(ByteSpan(good).first(size))) << size;
    const std::vector<TableCertificate> many(17, TableCertificate{kArkGuid, {1}});
    EXPECT_FALSE(parse_certificate_table(encode_certificate_table(many)));
}

TEST(TcbVersion, LayoutOfTheProduct) {
    // The reported TCB of a real Milan report, whose VCEK says boot loader 3, TEE 0, SNP 8, microcode 0x73.
    constexpr TcbVersion kMilan{3, 0, 0, 0, 0, 0, 8, 0x73};
    const TcbParts parts{.fmc = 0, .boot_loader = 3, .tee = 0, .snp = 8, .microcode = 0x73};
    EXPECT_EQ(decode_tcb(kMilan, TcbLayout::kMilan), parts);
    EXPECT_EQ(encode_tcb(parts, TcbLayout::kMilan), kMilan);
    const TcbParts turin{.fmc = 1, .boot_loader = 2, .tee = 3, .snp = 4, .microcode = 5};
    EXPECT_EQ(encode_tcb(turin, TcbLayout::kTurin), (TcbVersion{1, 2, 3, 4, 0, 0, 0, 5}));
    EXPECT_EQ(decode_tcb(encode_tcb(turin, TcbLayout::kTurin), TcbLayout::kTurin), turin);
}

}  // namespace
}  // namespace hallmark::snp
