// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/tdx/issuer_chain.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/expect_error.hpp"
#include "tests/unit/relying-party/verifier/tdx/platform.hpp"

namespace hallmark::verifier {
namespace {

std::string pem() { return test::pem_of(*test::platform().root_pair().certificate); }

/// As RFC 3986 has it: all but what is unreserved.
std::string encoded(const std::string& text) {
    std::string header;
    for (const char c : text) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-')
            header += c;
        else
            header += "%" + to_hex(ByteSpan(reinterpret_cast<const std::uint8_t*>(&c), 1));
    }
    return header;
}

std::string decoded(const std::string& header) {
    const auto chain = decode_issuer_chain(header);
    return chain ? std::string(chain->begin(), chain->end()) : chain.error().message;
}

TEST(IssuerChain, IsCertificatesInPem) {
    EXPECT_EQ(decoded(encoded(pem())), pem());
    EXPECT_EQ(decoded(encoded(pem() + pem())), pem() + pem());
    // Base64's own characters may stand as they are, and digits may be of either case.
    std::string header = encoded(pem());
    for (std::size_t at = 0; (at = header.find("%2b", at)) != std::string::npos;) header.replace(at, 3, "+");
    for (std::size_t at = 0; (at = header.find("%2f", at)) != std::string::npos;) header.replace(at, 3, "%2F");
    EXPECT_EQ(decoded(header), pem());
}

TEST(IssuerChain, IsRefusedWhereItIsNone) {
    const std::string good = encoded(pem());
    test::expect_error(decode_issuer_chain(""), {"issuer chain"});
    test::expect_error(decode_issuer_chain("%"), {"'%' at 0", "two hexadecimal digits"});
    test::expect_error(decode_issuer_chain("ab%2"), {"'%' at 2"});
    test::expect_error(decode_issuer_chain("%zz" + good), {"'%' at 0"});
    test::expect_error(decode_issuer_chain(good.substr(0, good.size() / 2)), {"issuer chain"});
    test::expect_error(decode_issuer_chain(encoded(pem() + pem() + pem() + pem() + pem())), {"more than 4"});
    test::expect_error(decode_issuer_chain(std::string(kLargestIssuerChain + 1, 'a')), {"at most 32768"});
}

}  // namespace
}  // namespace hallmark::verifier
