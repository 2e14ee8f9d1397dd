// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/tdx/chain.hpp"

#include <openssl/rand.h>

#include "boot/simulated/key_folder.hpp"
#include "common/file.hpp"

namespace hallmark::boot {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRoot = "root.pem";
constexpr const char* kPlatformCa = "platform-ca.pem";
constexpr const char* kPck = "pck.pem";
constexpr const char* kPckKey = "pck.key.pem";
constexpr std::size_t kLargestCertificate = 16 * 1024;

/// pck.pem is written last, so its presence means that the rest is there.
Status make_chain(const fs::path& folder) {
    PlatformIdentity identity;
    if (RAND_bytes(identity.ppid.data(), static_cast<int>(identity.ppid.size())) != 1 ||
        RAND_bytes(identity.instance.data(), static_cast<int>(identity.instance.size())) != 1)
        return std::unexpected(openssl::error("random numbers"));
    HALLMARK_TRY(const auto root, make_tdx_root());
    HALLMARK_TRY(const auto platform_ca, make_platform_ca(root));
    HALLMARK_TRY(const auto pck, make_pck(platform_ca, identity));
    HALLMARK_CHECK(write_certificate(folder / kRoot, *root.certificate));
    HALLMARK_CHECK(write_certificate(folder / kPlatformCa, *platform_ca.certificate));
    HALLMARK_CHECK(write_key(folder / kPckKey, *pck.key));
    return write_certificate(folder / kPck, *pck.certificate);
}

}  // namespace

Result<TdxChain> TdxChain::open(const fs::path& folder) {
    HALLMARK_CHECK(make_folder(folder));
    HALLMARK_TRY(const auto lock, lock_folder(folder));
    if (!fs::exists(folder / kPck)) HALLMARK_CHECK(make_chain(folder));
    TdxChain chain;
    HALLMARK_TRY(chain.pck_, read_key(folder / kPckKey));
    for (const char* name : {kPck, kPlatformCa, kRoot}) {
        HALLMARK_TRY(const Bytes pem, read_file(folder / name, kLargestCertificate));
        append(chain.pem_, pem);
    }
    HALLMARK_TRY(const auto root, read_certificate(folder / kRoot));
    HALLMARK_TRY(chain.root_, x509::to_der(*root));
    return chain;
}

}  // namespace hallmark::boot
