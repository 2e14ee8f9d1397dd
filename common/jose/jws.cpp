// SPDX-License-Identifier: Apache-2.0
#include "common/jose/jws.hpp"

#include <array>
#include <cstdint>
#include <utility>

#include "common/base64.hpp"
#include "common/openssl.hpp"
#include "common/text.hpp"

namespace hallmark::jose {
namespace {

constexpr std::size_t kSignatureSize = 64;  // of both: RFC 7518, section 3.4; RFC 8032, section 5.1.6
constexpr std::size_t kHalf = kSignatureSize / 2;
constexpr std::size_t kLargestHeader = 16 * 1024;

struct Parts {
    std::string_view header;
    std::string_view payload;
    std::string_view signature;
    std::string_view signed_text;
};

Result<Parts> split(std::string_view compact, std::size_t limit) {
    if (compact.size() > limit)
        return bad_input("JWS: " + std::to_string(compact.size()) + " bytes, expected at most " +
                         std::to_string(limit));
    const auto first = compact.find('.');
    const auto second = first == std::string_view::npos ? first : compact.find('.', first + 1);
    if (second == std::string_view::npos || compact.find('.', second + 1) != std::string_view::npos)
        return bad_input("JWS: expected three parts between two dots");
    return Parts{.header = compact.substr(0, first),
                 .payload = compact.substr(first + 1, second - first - 1),
                 .signature = compact.substr(second + 1),
                 .signed_text = compact.substr(0, second)};
}

Result<Json> parse_header(std::string_view text) {
    if (text.size() > kLargestHeader)
        return bad_input("JWS header: " + std::to_string(text.size()) + " characters, expected at most " +
                         std::to_string(kLargestHeader));
    auto bytes = from_base64url(text);
    if (!bytes) return std::unexpected(bytes.error().at("JWS header"));
    HALLMARK_TRY(Json header, parse_json(text_of(*bytes), "JWS header"));
    if (!header.is_object())
        return bad_input(std::string("JWS header: found ") + header.type_name() + ", expected an object");
    return header;
}

/// RFC 7518, section 3.4: r and s side by side, 32 bytes each; OpenSSL writes them in DER.
Result<Bytes> raw_of_der(ByteSpan der) {
    const unsigned char* cursor = der.data();
    const openssl::EcdsaSignature signature(d2i_ECDSA_SIG(nullptr, &cursor, static_cast<long>(der.size())));
    Bytes raw(kSignatureSize);
    if (!signature || BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), raw.data(), kHalf) < 0 ||
        BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), raw.data() + kHalf, kHalf) < 0)
        return std::unexpected(openssl::error("ES256"));
    return raw;
}

Result<Bytes> der_of_raw(ByteSpan raw) {
    openssl::EcdsaSignature signature(ECDSA_SIG_new());
    openssl::Number r(BN_bin2bn(raw.data(), kHalf, nullptr));
    openssl::Number s(BN_bin2bn(raw.data() + kHalf, kHalf, nullptr));
    if (!signature || !r || !s || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1)
        return std::unexpected(openssl::error("ES256"));
    static_cast<void>(r.release());  // the signature owns them now
    static_cast<void>(s.release());
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(signature.get(), &der);
    if (size <= 0) return std::unexpected(openssl::error("ES256"));
    Bytes bytes(der, der + size);
    OPENSSL_free(der);
    return bytes;
}

const EVP_MD* digest_of(SignatureAlgorithm algorithm) {
    return algorithm == SignatureAlgorithm::kEdDsa ? nullptr : EVP_sha256();
}

Status check_signature(std::string_view text, ByteSpan signature, const VerifyingKey& key) {
    if (signature.size() != kSignatureSize)
        return refused("JWS: the signature has " + std::to_string(signature.size()) + " bytes, expected 64");
    Bytes given(signature.begin(), signature.end());
    if (key.algorithm() == SignatureAlgorithm::kEs256) {
        HALLMARK_TRY(given, der_of_raw(signature));
    }
    const openssl::DigestContext context(EVP_MD_CTX_new());
    const auto bytes = as_bytes(text);
    const bool good =
        context &&
        EVP_DigestVerifyInit(context.get(), nullptr, digest_of(key.algorithm()), nullptr, key.handle()) == 1 &&
        EVP_DigestVerify(context.get(), given.data(), given.size(), bytes.data(), bytes.size()) == 1;
    ERR_clear_error();
    if (!good) return refused("JWS: the signature is not of the key " + key.thumbprint());
    return {};
}

}  // namespace

Result<std::string> sign(const Json& header, ByteSpan payload, const SigningKey& key) {
    Json full = {{"alg", name_of(key.algorithm())}};
    for (const auto& [name, value] : header.items())
        if (name != "alg") full[name] = value;
    std::string text =
        to_base64url(as_bytes(full.dump(-1, ' ', false, Json::error_handler_t::replace))) + "." + to_base64url(payload);
    const auto bytes = as_bytes(text);
    const openssl::DigestContext context(EVP_MD_CTX_new());
    std::array<std::uint8_t, 128> buffer{};
    std::size_t size = buffer.size();
    if (!context ||
        EVP_DigestSignInit(context.get(), nullptr, digest_of(key.algorithm()), nullptr, key.handle()) != 1 ||
        EVP_DigestSign(context.get(), buffer.data(), &size, bytes.data(), bytes.size()) != 1)
        return std::unexpected(openssl::error("JWS"));
    Bytes signature(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size));
    if (key.algorithm() == SignatureAlgorithm::kEs256) {
        HALLMARK_TRY(signature, raw_of_der(signature));
    }
    return text + "." + to_base64url(signature);
}

Result<Jws> verify(std::string_view compact, const VerifyingKey& key, std::size_t limit) {
    HALLMARK_TRY(const Parts parts, split(compact, limit));
    HALLMARK_TRY(Json header, parse_header(parts.header));
    const auto alg = header.find("alg");
    if (alg == header.end() || !alg->is_string() || alg->get_ref<const std::string&>() != name_of(key.algorithm()))
        return refused("JWS header: alg: found another algorithm or none, expected " +
                       std::string(name_of(key.algorithm())) + ", the only one of this key");
    // RFC 7515, section 4.1.11: an extension that is not understood invalidates the signature. None is.
    for (const auto* name : {"crit", "b64"})
        if (header.contains(name))
            return refused(std::string("JWS header: ") + name + ": an extension that this version does not know");
    auto signature = from_base64url(parts.signature);
    if (!signature) return std::unexpected(signature.error().at("JWS signature"));
    HALLMARK_CHECK(check_signature(parts.signed_text, *signature, key));
    auto payload = from_base64url(parts.payload);
    if (!payload) return std::unexpected(payload.error().at("JWS payload"));
    return Jws{std::move(header), std::move(*payload)};
}

Result<Json> unverified_header(std::string_view compact, std::size_t limit) {
    HALLMARK_TRY(const Parts parts, split(compact, limit));
    return parse_header(parts.header);
}

}  // namespace hallmark::jose
