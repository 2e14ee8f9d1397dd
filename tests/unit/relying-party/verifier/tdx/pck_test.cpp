// SPDX-License-Identifier: Apache-2.0
// The values: by `openssl asn1parse` of the extension.
#include "relying-party/verifier/tdx/pck.hpp"

#include <gtest/gtest.h>

#include "boot/simulated/x509.hpp"
#include "common/file.hpp"
#include "common/formats/tdx_quote.hpp"
#include "common/hex.hpp"
#include "relying-party/verifier/tdx/quote.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/vectors.hpp"
#include "tests/unit/relying-party/verifier/tdx/platform.hpp"

namespace hallmark::verifier {
namespace {

constexpr const char* kSgxExtensions = "1.2.840.113741.1.13.1";

PckFacts facts_of(const std::filesystem::path& path) {
    const Bytes bytes = read_file(path, tdx::kLargestQuote).value();
    const auto chain = read_quote_chain(tdx::parse_quote(bytes).value());
    const auto facts = read_pck(*chain.value().pck);
    EXPECT_TRUE(facts) << facts.error().message;
    return facts.value_or(PckFacts{});
}

TEST(Pck, SaysWhichPlatformItIs) {
    HALLMARK_VECTOR(v4, "intel-tdx/quote_v4.dat");
    HALLMARK_VECTOR(v5, "intel-tdx/quote_v5.dat");
    const PckFacts first = facts_of(v4);
    EXPECT_EQ(to_hex(first.ppid), "df4c32a9d8d86009aaf380ec43cfcefb");
    EXPECT_EQ(first.components, (Svns{5, 5, 13, 2, 3, 1, 0, 3}));
    EXPECT_EQ(first.pce_svn, 11);
    EXPECT_EQ(to_hex(first.cpu_svn), "05050d02030100030000000000000000");
    EXPECT_EQ(to_hex(first.pce_id), "0000");
    EXPECT_EQ(to_hex(first.fmspc), "50806f000000");
    EXPECT_EQ(first.sgx_type, 1);
    ASSERT_TRUE(first.platform_instance);
    EXPECT_EQ(to_hex(*first.platform_instance), "021ac64d355ba904e2d5948d228d5482");
    EXPECT_EQ(first.smt_enabled, true);
    const PckFacts second = facts_of(v5);
    EXPECT_EQ(second.components, (Svns{4, 4, 2, 2, 4, 1, 0, 5}));
    EXPECT_EQ(second.pce_svn, 13);
    EXPECT_EQ(to_hex(second.fmspc), "90c06f000000");
}

/// A certificate with this as its extension.
Result<PckFacts> read(const Bytes& extension) {
    const openssl::Certificate certificate(X509_dup(&test::platform().pck()));
    const int index = X509_get_ext_by_OBJ(
        certificate.get(), openssl::Owned<ASN1_OBJECT, ASN1_OBJECT_free>(OBJ_txt2obj(kSgxExtensions, 1)).get(), -1);
    X509_EXTENSION_free(X509_delete_ext(certificate.get(), index));
    EXPECT_TRUE(extension.empty() || boot::x509::add_extension(*certificate, kSgxExtensions, extension));
    return read_pck(*certificate);
}

Bytes member(const char* identifier, const Bytes& value) {
    Bytes content = boot::x509::der_object(identifier);
    append(content, value);
    return boot::x509::der(0x30, content);
}

TEST(Pck, OthersAreRefused) {
    EXPECT_TRUE(read_pck(test::platform().pck()));
    test::expect_error(read({}), {"missing"}, Fault::kNo);
    test::expect_error(read({0x30, 0x00}), {"13.1.1", "missing"}, Fault::kNo);
    test::expect_error(read({0x30, 0x05, 0x30}), {"not one SEQUENCE"}, Fault::kNo);
    test::expect_error(read({0x30, 0x00, 0x00}), {"not one SEQUENCE"}, Fault::kNo);
    test::expect_error(read({0x30, 0x03, 0x02, 0x01, 0x01}), {"no SEQUENCE"}, Fault::kNo);
    const Bytes ppid = member("1.2.840.113741.1.13.1.1", boot::x509::der_octets(Bytes(16)));
    Bytes twice = ppid;
    append(twice, ppid);
    test::expect_error(read(boot::x509::der(0x30, twice)), {"stands twice"}, Fault::kNo);
    const Bytes text = member("1.2.840.113741.1.13.1.1", boot::x509::der_integer(1));
    test::expect_error(read(boot::x509::der(0x30, text)), {"13.1.1", "OCTET STRING"}, Fault::kNo);
    const Bytes shorter = member("1.2.840.113741.1.13.1.1", boot::x509::der_octets(Bytes(15)));
    test::expect_error(read(boot::x509::der(0x30, shorter)), {"13.1.1", "15 bytes"}, Fault::kNo);
}

}  // namespace
}  // namespace hallmark::verifier
