// SPDX-License-Identifier: Apache-2.0
// Attacker: whoever answers in the place of Intel's service, with a header of his own.
// Size cap: 16 KiB; Intel's chains have 2.6.
#include "relying-party/verifier/tdx/issuer_chain.hpp"

#include <openssl/pem.h>

#include "common/hex.hpp"
#include "relying-party/verifier/x509/certificates.hpp"
#include "tests/fuzz/proof/known.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

/// The known authority in PEM, its line feeds, spaces and plus signs encoded as in Intel's headers.
std::string header() {
    const auto& der = known().endorsements.ask;
    const unsigned char* cursor = der.data();
    const openssl::Certificate certificate(d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
    const openssl::Owned<BIO, BIO_free_all> bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(bio.get(), certificate.get());
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    std::string encoded;
    for (const char c : std::string_view(text, static_cast<std::size_t>(size)))
        encoded += c == '\n' ? "%0A" : c == ' ' ? "%20" : c == '+' ? "%2B" : std::string(1, c);
    return encoded;
}

std::vector<Bytes> seeds() { return {seed(header()), seed(header() + header()), seed("%2D%2D%2D"), seed("%")}; }

void attempt(ByteSpan input) {
    const auto chain = verifier::decode_issuer_chain(text_of(input));
    if (!chain) return;
    require(chain->size() <= input.size(), "decoding makes nothing longer");
    require(verifier::read_certificates(*chain, 4).has_value(), "a chain is certificates that can be read again");
}

}  // namespace

const Target kTarget{.largest = 16 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
