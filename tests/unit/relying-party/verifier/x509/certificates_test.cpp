// SPDX-License-Identifier: Apache-2.0
// AMD's certificates, and what else may stand in a file of them.
#include "relying-party/verifier/x509/certificates.hpp"

#include <gtest/gtest.h>

#include "common/file.hpp"
#include "common/hex.hpp"
#include "relying-party/verifier/x509/path.hpp"
#include "relying-party/verifier/x509/pin.hpp"
#include "tests/support/vectors.hpp"

namespace hallmark::verifier {
namespace {

void expect_error(const Result<std::vector<openssl::Certificate>>& read, std::string_view why) {
    ASSERT_FALSE(read) << "expected: " << why;
    EXPECT_EQ(read.error().fault, Fault::kBadInput);
    EXPECT_NE(read.error().message.find(why), std::string::npos) << read.error().message;
    EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(Certificates, AreReadFromPem) {
    HALLMARK_VECTOR(path, "roots/milan_ask_ark_asvk.pem");
    Bytes pem = read_file(path, 1 << 20).value();
    const auto three = read_certificates(pem, 3);
    ASSERT_TRUE(three) << three.error().message;
    ASSERT_EQ(three->size(), 3U);
    EXPECT_EQ(common_name(*three->at(0)), "SEV-Milan");
    EXPECT_EQ(common_name(*three->at(1)), "ARK-Milan");
    EXPECT_EQ(common_name(*three->at(2)), "SEV-VLEK-Milan");
    expect_error(read_certificates(pem, 2), "more than 2");

    const auto text = as_bytes("AMD's certificates:\n");
    pem.insert(pem.begin(), text.begin(), text.end());
    append(pem, as_bytes("these were they\n"));
    pem.push_back(0);  // as Intel's chains end
    EXPECT_EQ(read_certificates(pem, 3).value().size(), 3U);
    expect_error(read_certificates(ByteSpan(pem).first(pem.size() - 60), 3), "PEM");
}

TEST(Certificates, AreReadFromDer) {
    HALLMARK_VECTOR(path, "amd-sev/vcek_milan.der");
    Bytes der = read_file(path, 1 << 16).value();
    const auto one = read_certificates(der, 1);
    ASSERT_TRUE(one) << one.error().message;
    EXPECT_EQ(common_name(*one->at(0)), "SEV-VCEK");
    EXPECT_EQ(to_der(*one->at(0)).value(), der);
    der.push_back(0);
    expect_error(read_certificates(der, 1), "not one certificate");
    der.resize(der.size() - 2);
    expect_error(read_certificates(der, 1), "not one certificate");
}

TEST(Certificates, NothingElseIsTakenForOne) {
    expect_error(read_certificates({}, 3), "no bytes");
    expect_error(read_certificates(as_bytes("hello"), 3), "none found");
    expect_error(read_certificates(as_bytes("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), 3),
                 "found a block 'PRIVATE KEY'");
    expect_error(read_certificates(as_bytes("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), 3),
                 "certificate 1 in PEM is not one certificate");
    expect_error(read_certificates(Bytes(1024 * 1024 + 1, 'x'), 3), "at most");
}

TEST(Pin, IsTheDigestOfThePublicKey) {
    struct Root {
        const char* file;
        std::size_t index;
        const char* digest;
    };
    // From the project's facts; `openssl x509 -pubkey | openssl pkey -pubin -outform DER | sha256sum` prints the same.
    constexpr Root kRoots[] = {
        {"milan", 1, "9f056bee44377e29308cb5ffa895bdfb62d18881fa6bed8d6f075b0204089cb9"},
        {"genoa", 1, "429a69c9422aa258ee4d8db5fcda9c6470ef15f8cd5a9cebd6cbc7d90b863831"},
        {"turin", 1, "4f125410563a2ab9a50356f9243f6fe0b6f73de98603f53f90339c70e9d7ad08"},
    };
    for (const auto& root : kRoots) {
        HALLMARK_VECTOR(path, "roots/" + std::string(root.file) + "_ask_ark_asvk.pem");
        const auto certificates = read_certificates(read_file(path, 1 << 20).value(), 3).value();
        EXPECT_EQ(to_hex(spki_digest(*certificates.at(root.index)).value()), root.digest);
        EXPECT_NE(to_hex(spki_digest(*certificates.at(0)).value()), root.digest);
    }
}

}  // namespace
}  // namespace hallmark::verifier
