// SPDX-License-Identifier: Apache-2.0
// Attacker: a guest, whose evidence carries certificates in DER or PEM, and a service or a mirror that answers with
// some.
// Size cap: 16 KiB; AMD's chain of two has 5.
#include "relying-party/verifier/x509/certificates.hpp"

#include "common/base64.hpp"
#include "relying-party/verifier/x509/pin.hpp"
#include "tests/fuzz/proof/known.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

constexpr std::size_t kMost = 4;

std::string pem_of(ByteSpan der) {
    const std::string base64 = to_base64(der);
    std::string pem = "-----BEGIN CERTIFICATE-----\n";
    for (std::size_t at = 0; at < base64.size(); at += 64) pem += base64.substr(at, 64) + "\n";
    return pem + "-----END CERTIFICATE-----\n";
}

std::vector<Bytes> seeds() {
    const auto& [vcek, ask, ark] = known().endorsements;
    return {vcek, seed(pem_of(vcek) + "text\n" + pem_of(Bytes{0x30, 0x00})), seed(pem_of(vcek) + pem_of(vcek)),
            seed("-----BEGIN PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END PRIVATE KEY-----\n")};
}

void attempt(ByteSpan input) {
    const auto certificates = verifier::read_certificates(input, kMost);
    require(ERR_peek_error() == 0, "no error is left behind for somebody else to find");
    if (!certificates) return;
    require(!certificates->empty() && certificates->size() <= kMost, "as many certificates as were asked for");
    for (const auto& certificate : *certificates) {
        (void)verifier::spki_digest(*certificate);
        const auto der = verifier::to_der(*certificate);
        require(der && der->size() <= input.size(), "a certificate is part of the input");
    }
}

}  // namespace

const Target kTarget{.largest = 16 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
