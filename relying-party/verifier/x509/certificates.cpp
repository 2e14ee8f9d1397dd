// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/x509/certificates.hpp"

#include <openssl/pem.h>

#include <string>

#include "relying-party/verifier/x509/path.hpp"

namespace hallmark::verifier {
namespace {

constexpr std::uint8_t kSequenceTag = 0x30;  // with which a certificate in DER begins, and PEM can't: it is the digit 0
constexpr std::size_t kLargest = 1024 * 1024;

using Bio = openssl::Owned<BIO, BIO_free_all>;

/// The parts of a PEM block, which OpenSSL allocates.
struct Block {
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;

    Block() = default;
    Block(const Block&) = delete;
    Block& operator=(const Block&) = delete;
    ~Block() {
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_clear_free(data, static_cast<std::size_t>(size));  // it may have been a private key
    }
};

Result<openssl::Certificate> one(ByteSpan der, const std::string& role) {
    auto certificate = parse_certificate(der, role);
    ERR_clear_error();
    if (!certificate) return bad_input(certificate.error().message);
    return certificate;
}

}  // namespace

Result<std::vector<openssl::Certificate>> read_certificates(ByteSpan pem_or_der, std::size_t most) {
    std::vector<openssl::Certificate> certificates;
    if (pem_or_der.empty()) return bad_input("certificates: no bytes; expected one in DER, or PEM");
    if (pem_or_der.size() > kLargest)
        return bad_input("certificates: " + std::to_string(pem_or_der.size()) + " bytes, expected at most " +
                         std::to_string(kLargest));
    if (pem_or_der[0] == kSequenceTag) {
        HALLMARK_TRY(auto certificate, one(pem_or_der, "file or field"));
        certificates.push_back(std::move(certificate));
        return certificates;
    }
    const Bio bio(BIO_new_mem_buf(pem_or_der.data(), static_cast<int>(pem_or_der.size())));
    if (!bio) return std::unexpected(openssl::error("certificates"));
    for (;;) {
        Block block;
        if (PEM_read_bio(bio.get(), &block.name, &block.header, &block.data, &block.size) != 1) {
            const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
            if (!at_end) return std::unexpected(openssl::error("certificates in PEM"));
            ERR_clear_error();
            break;
        }
        const std::string number = "certificate " + std::to_string(certificates.size() + 1);
        if (std::string_view(block.name) != PEM_STRING_X509 || *block.header != 0)
            return bad_input(number + " in PEM: found a block '" + block.name + "', expected CERTIFICATE");
        if (certificates.size() == most) return bad_input("certificates in PEM: more than " + std::to_string(most));
        HALLMARK_TRY(auto certificate, one({block.data, static_cast<std::size_t>(block.size)}, number + " in PEM"));
        certificates.push_back(std::move(certificate));
    }
    if (certificates.empty()) return bad_input("certificates: none found; expected one in DER, or PEM");
    return certificates;
}

Result<Bytes> to_der(const X509& certificate) {
    unsigned char* encoded = nullptr;
    const int size = i2d_X509(&certificate, &encoded);
    if (size <= 0) return std::unexpected(openssl::error("certificate"));
    Bytes der(encoded, encoded + size);
    OPENSSL_free(encoded);
    return der;
}

}  // namespace hallmark::verifier
