// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/tdx/collateral_files.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "common/file.hpp"
#include "common/json.hpp"
#include "common/openssl.hpp"
#include "common/text.hpp"

namespace hallmark::verifier {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEndings[] = {".crl", ".crt", ".der", ".json", ".pem"};

Status add_document(Collateral& collateral, CollateralItem item) {
    const std::string_view text = text_of(item.bytes);
    HALLMARK_TRY(const Json json, parse_json(text, item.name));
    HALLMARK_TRY(const auto object, JsonObject::of(json, item.name));
    const bool is_tcb_info = object.has("tcbInfo");
    HALLMARK_CHECK(object.only({is_tcb_info ? "tcbInfo" : "enclaveIdentity", "signature"}));
    HALLMARK_TRY(const auto value, object.object(is_tcb_info ? "tcbInfo" : "enclaveIdentity"));
    HALLMARK_TRY(const std::string signature, object.string("signature"));
    HALLMARK_TRY(const std::string id, value.string("id"));
    // Those of SGX are of no use here, but may lie beside ours.
    if (is_tcb_info && id == "TDX") collateral.tcb_infos.push_back(std::move(item));
    if (!is_tcb_info && id == "TD_QE") collateral.qe_identities.push_back(std::move(item));
    return {};
}

}  // namespace

Status add_collateral(Collateral& collateral, CollateralItem item) {
    if (item.bytes.size() > kLargestCollateral)
        return bad_input(item.name + ": " + std::to_string(item.bytes.size()) + " bytes, expected at most " +
                         std::to_string(kLargestCollateral));
    const auto first = std::ranges::find_if(item.bytes, [](std::uint8_t c) { return c != ' ' && c != '\n'; });
    if (first != item.bytes.end() && *first == '{') return add_document(collateral, std::move(item));
    const unsigned char* cursor = item.bytes.data();
    const openssl::Owned<X509_CRL, X509_CRL_free> crl(
        d2i_X509_CRL(nullptr, &cursor, static_cast<long>(item.bytes.size())));
    ERR_clear_error();
    (crl ? collateral.crls : collateral.certificates).push_back(std::move(item));
    return {};
}

Result<Collateral> read_collateral(const fs::path& folder) {
    std::error_code error;
    std::vector<fs::path> paths;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        const std::string ending = at->path().extension().string();
        if (std::ranges::find(kEndings, ending) == std::end(kEndings)) continue;
        paths.push_back(at->path());
        if (paths.size() > kMostCollateral)
            return bad_input(folder.string() + ": expected at most " + std::to_string(kMostCollateral) +
                             " files of collateral");
    }
    if (error) return bad_input(folder.string() + ": " + error.message());
    std::ranges::sort(paths);
    Collateral collateral;
    for (const auto& path : paths) {
        HALLMARK_TRY(Bytes bytes, read_file(path, kLargestCollateral));
        HALLMARK_CHECK(add_collateral(collateral, {path.string(), std::move(bytes)}));
    }
    return collateral;
}

}  // namespace hallmark::verifier
