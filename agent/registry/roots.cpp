// SPDX-License-Identifier: Apache-2.0
#include "agent/registry/roots.hpp"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstddef>
#include <filesystem>

#include "common/bytes.hpp"
#include "common/file.hpp"

namespace hallmark::registry {
namespace {

constexpr const char* kSystemRoots = "/etc/ssl/certs/ca-certificates.crt";
constexpr std::size_t kLargestRoots = 8 * 1024 * 1024;

bool is_certificate(const std::string& pem) {
    BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    X509* certificate = bio == nullptr ? nullptr : PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
    const bool right = certificate != nullptr;
    X509_free(certificate);
    BIO_free(bio);
    return right;
}

}  // namespace

Result<std::string> all_roots(const std::vector<std::string>& extra) {
    std::string roots;
    for (const auto& pem : extra) {
        if (pem.size() > kLargestRoots || !is_certificate(pem))
            return bad_input("extra root certificates: entry " + std::to_string(&pem - extra.data() + 1) +
                             ": expected a certificate in PEM");
        roots += pem + "\n";
    }
    std::error_code none;
    if (roots.empty() || !std::filesystem::exists(kSystemRoots, none)) return roots;
    HALLMARK_TRY(const Bytes system, read_file(kSystemRoots, kLargestRoots));
    roots.append(system.begin(), system.end());
    return roots;
}

}  // namespace hallmark::registry
