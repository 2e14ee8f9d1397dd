// SPDX-License-Identifier: Apache-2.0
#include "relying-party/verifier/x509/path.hpp"

#include <openssl/x509_vfy.h>

namespace hallmark::verifier {
namespace {

constexpr int kCertificatesInChain = 3;  // leaf, authority, root

using Store = openssl::Owned<X509_STORE, X509_STORE_free>;
using StoreContext = openssl::Owned<X509_STORE_CTX, X509_STORE_CTX_free>;
using Stack = openssl::Owned<STACK_OF(X509), +[](STACK_OF(X509) * stack) { sk_X509_free(stack); }>;

}  // namespace

Result<openssl::Certificate> parse_certificate(ByteSpan der, std::string_view role) {
    const unsigned char* cursor = der.data();
    openssl::Certificate certificate(d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
    if (!certificate || cursor != der.data() + der.size())
        return refused(std::string(role) + " is not one certificate in DER");
    return certificate;
}

std::string common_name(const X509& certificate) {
    char name[128] = "?";
    X509_NAME_get_text_by_NID(X509_get_subject_name(&certificate), NID_commonName, name, sizeof name);
    for (char* c = name; *c != 0; ++c)
        if (*c < 0x20 || *c > 0x7e) *c = '?';
    return name;
}

Status verify_path(X509& leaf, X509& authority, X509& root, std::string_view expected, std::optional<std::time_t> at) {
    const Store store(X509_STORE_new());
    const Stack untrusted(sk_X509_new_null());
    const StoreContext context(X509_STORE_CTX_new());
    if (!store || !untrusted || !context || X509_STORE_add_cert(store.get(), &root) != 1 ||
        sk_X509_push(untrusted.get(), &authority) < 1 ||
        X509_STORE_CTX_init(context.get(), store.get(), &leaf, untrusted.get()) != 1)
        return std::unexpected(openssl::error("certificate chain"));
    X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_CHECK_SS_SIGNATURE);
    X509_VERIFY_PARAM_set_depth(parameters, 1);  // one authority between leaf and root
    if (at) X509_VERIFY_PARAM_set_time(parameters, *at);
    if (X509_verify_cert(context.get()) == 1) {
        // OpenSSL takes the shortest way to the root: an authority in the leaf's place has one as well.
        if (sk_X509_num(X509_STORE_CTX_get0_chain(context.get())) == kCertificatesInChain) return {};
        return refused("certificate '" + common_name(leaf) + "' is an authority or was signed by the root, expected " +
                       std::string(expected));
    }
    const int reason = X509_STORE_CTX_get_error(context.get());
    const X509* culprit = X509_STORE_CTX_get_current_cert(context.get());
    return refused("certificate '" + (culprit != nullptr ? common_name(*culprit) : "?") +
                   "': " + X509_verify_cert_error_string(reason));
}

}  // namespace hallmark::verifier
