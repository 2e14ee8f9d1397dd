// SPDX-License-Identifier: Apache-2.0
// Against OpenSSL's own encoder.
#include "common/jose/ec_private_key.hpp"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/pem.h>

#include <string>

#include "common/jose/jwk.hpp"

namespace hallmark::jose {
namespace {

using Bio = openssl::Owned<BIO, BIO_free>;

std::string written_by_openssl(EVP_PKEY* key) {
    const Bio bio(BIO_new(BIO_s_mem()));
    EXPECT_EQ(PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr), 1);
    char* text = nullptr;
    const auto size = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

TEST(EcPrivateKey, IsWrittenAsOpensslWritesIt) {
    // Enough that the number of some begins with a zero: of P-256 one in 256, of P-521 one in two.
    const std::pair<KeyKind, int> counts[] = {{KeyKind::kP256, 1500}, {KeyKind::kP384, 20}, {KeyKind::kP521, 20}};
    for (const auto& [kind, count] : counts)
        for (int i = 0; i < count; ++i) {
            const auto pair = KeyPair::generate(kind).value();
            const auto pem = pair.to_pem().value();
            const std::string text(pem.bytes().begin(), pem.bytes().end());
            ASSERT_EQ(text, written_by_openssl(pair.handle()));
        }
}

TEST(EcPrivateKey, IsTheSameOnceItWasRead) {
    for (const auto kind : {KeyKind::kP256, KeyKind::kP384, KeyKind::kP521}) {
        const auto pair = KeyPair::generate(kind).value();
        const auto pem = pair.to_pem().value();
        const auto read = KeyPair::from_pem(pem.bytes(), "written").value();
        EXPECT_EQ(EVP_PKEY_eq(read.handle(), pair.handle()), 1);
        EXPECT_TRUE(equal(read.to_pem().value().bytes(), pem.bytes()));
    }
}

}  // namespace
}  // namespace hallmark::jose
