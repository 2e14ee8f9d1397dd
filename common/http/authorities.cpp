// SPDX-License-Identifier: Apache-2.0
#include "common/http/authorities.hpp"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include <mutex>
#include <optional>

#include "common/openssl.hpp"

namespace hallmark::http {
namespace {

using Store = openssl::Owned<X509_STORE, X509_STORE_free>;

Result<Store> read(const std::string& pem) {
    constexpr std::string_view kWhat = "authorities";
    Store store(X509_STORE_new());
    const openssl::Owned<BIO, BIO_free_all> text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    if (!store || !text) return std::unexpected(openssl::error(kWhat));
    int found = 0;
    for (;; ++found) {
        const openssl::Certificate certificate(PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr));
        if (!certificate) break;
        if (X509_STORE_add_cert(store.get(), certificate.get()) != 1) return std::unexpected(openssl::error(kWhat));
    }
    // The end of the text is told as an error too.
    const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (found == 0 || !at_end) return std::unexpected(openssl::error("authorities: expected certificates in PEM"));
    ERR_clear_error();
    // As libcurl: whoever is named is trusted, whether it signed itself or not.
    if (X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST) != 1)
        return std::unexpected(openssl::error(kWhat));
    return store;
}

}  // namespace

struct Authorities::Read {
    std::string pem;
    std::once_flag once{};
    std::optional<Result<Store>> store{};
};

Authorities::Authorities(std::string_view pem) {
    if (!pem.empty()) read_ = std::make_shared<Read>(std::string(pem));
}

Result<X509_STORE*> Authorities::store() const {
    if (!read_) return nullptr;
    std::call_once(read_->once, [this] { read_->store = read(read_->pem); });
    const auto& store = *read_->store;
    if (!store) return std::unexpected(store.error());
    return store->get();
}

}  // namespace hallmark::http
