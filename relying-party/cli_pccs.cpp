// SPDX-License-Identifier: Apache-2.0
#include "relying-party/cli_pccs.hpp"

#include "common/file.hpp"
#include "relying-party/verifier/x509/certificates.hpp"

namespace hallmark::cli {

Result<std::unique_ptr<verifier::Pccs>> open_pccs(const PccsChoice& choice, const std::string& collateral,
                                                  const std::filesystem::path& cache) {
    constexpr std::size_t kLargest = 1024 * 1024;
    constexpr std::size_t kMostCertificates = 512;
    if (choice.url.empty() && !choice.certificate.empty()) return bad_input("--pccs-certificate: goes with --pccs");
    if (choice.url.empty()) return nullptr;
    if (!collateral.empty()) return bad_input("--pccs: goes without --collateral; give one of the two");
    if (!choice.certificate.empty()) {
        HALLMARK_TRY(const Bytes bytes, read_file(choice.certificate, kLargest));
        const auto certificates = verifier::read_certificates(bytes, kMostCertificates);
        if (!certificates) return std::unexpected(certificates.error().at(choice.certificate));
    }
    verifier::PccsOptions options;
    options.base = choice.url;
    options.cache = cache;
    options.authorities = choice.certificate;
    auto pccs = verifier::Pccs::open(std::move(options));
    if (!pccs) return std::unexpected(pccs.error().at("--pccs"));
    return pccs;
}

}  // namespace hallmark::cli
