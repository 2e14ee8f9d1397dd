// SPDX-License-Identifier: Apache-2.0
#include "common/jose/openssl_key.hpp"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "common/base64.hpp"
#include "common/jose/ec_private_key.hpp"

namespace hallmark::jose {
namespace {

using namespace std::string_view_literals;

constexpr std::array<Curve, 3> kCurves = {{{"P-256", "prime256v1", 32, "\x2a\x86\x48\xce\x3d\x03\x01\x07"sv},
                                           {"P-384", "secp384r1", 48, "\x2b\x81\x04\x00\x22"sv},
                                           {"P-521", "secp521r1", 66, "\x2b\x81\x04\x00\x23"sv}}};
constexpr std::size_t kLargestPem = 64 * 1024;
constexpr std::uint8_t kUncompressed = 4;

using Bio = openssl::Owned<BIO, BIO_free>;
using Builder = openssl::Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Parameters = openssl::Owned<OSSL_PARAM, OSSL_PARAM_free>;
using SecretNumber = openssl::Owned<BIGNUM, BN_clear_free>;

/// Instead of a question on the terminal.
int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*context*/) { return -1; }

Result<Bio> open_pem(ByteSpan pem, std::string_view where) {
    if (pem.size() > kLargestPem)
        return bad_input(std::string(where) + ": " + std::to_string(pem.size()) +
                         " bytes, expected a PEM file of at most " + std::to_string(kLargestPem));
    Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    if (!bio) return std::unexpected(openssl::error(where));
    return bio;
}

}  // namespace

std::optional<Curve> find_curve(std::string_view name) {
    const auto* const found = std::ranges::find(kCurves, name, &Curve::name);
    return found == kCurves.end() ? std::nullopt : std::optional(*found);
}

std::optional<Curve> curve_of(const EVP_PKEY& key) {
    std::array<char, 64> group{};
    std::size_t length = 0;
    if (EVP_PKEY_get_base_id(&key) != EVP_PKEY_EC ||
        EVP_PKEY_get_group_name(&key, group.data(), group.size(), &length) != 1) {
        ERR_clear_error();
        return std::nullopt;
    }
    const auto* const found = std::ranges::find(kCurves, std::string_view(group.data(), length), &Curve::group);
    return found == kCurves.end() ? std::nullopt : std::optional(*found);
}

Result<Bytes> number_of(const EVP_PKEY& key, const char* name, std::size_t length) {
    BIGNUM* raw = nullptr;
    const bool found = EVP_PKEY_get_bn_param(&key, name, &raw) == 1;
    const SecretNumber number(raw);
    if (!found) return std::unexpected(openssl::error(std::string("key: ") + name));
    Bytes bytes(length == 0 ? static_cast<std::size_t>(BN_num_bytes(number.get())) : length);
    if (BN_bn2binpad(number.get(), bytes.data(), static_cast<int>(bytes.size())) < 0)
        return std::unexpected(openssl::error(std::string("key: ") + name));
    return bytes;
}

Result<EcPoint> point_of(const EVP_PKEY& key, const Curve& curve) {
    EcPoint point;
    Bytes encoded(1 + 2 * curve.coordinate);
    std::size_t size = 0;
    if (EVP_PKEY_get_octet_string_param(&key, OSSL_PKEY_PARAM_PUB_KEY, encoded.data(), encoded.size(), &size) == 1 &&
        size == encoded.size() && encoded[0] == kUncompressed) {
        const ByteSpan both = ByteSpan(encoded).subspan(1);
        append(point.x, both.first(curve.coordinate));
        append(point.y, both.last(curve.coordinate));
        return point;
    }
    ERR_clear_error();  // a key that was read with its point compressed
    HALLMARK_TRY(point.x, number_of(key, OSSL_PKEY_PARAM_EC_PUB_X, curve.coordinate));
    HALLMARK_TRY(point.y, number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y, curve.coordinate));
    return point;
}

namespace {

/// A curve without a point. Looking a curve up by its name costs more than a copy of it.
openssl::Key make_curve(const Curve& curve) {
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    std::string group = curve.group;
    const std::array<OSSL_PARAM, 2> name = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0), OSSL_PARAM_construct_end()};
    EVP_PKEY* raw = nullptr;
    if (context && EVP_PKEY_fromdata_init(context.get()) == 1)
        static_cast<void>(
            EVP_PKEY_fromdata(context.get(), &raw, EVP_PKEY_KEY_PARAMETERS, const_cast<OSSL_PARAM*>(name.data())));
    return openssl::Key(raw);
}

/// Null where the point is not on the curve.
openssl::Key make_public_key(const Curve& curve, ByteSpan encoded) {
    static const std::array<openssl::Key, kCurves.size()> kMade = {make_curve(kCurves[0]), make_curve(kCurves[1]),
                                                                   make_curve(kCurves[2])};
    const auto* const known = std::ranges::find(kCurves, curve.name, &Curve::name);
    if (known == kCurves.end()) return nullptr;
    openssl::Key key(EVP_PKEY_dup(kMade[static_cast<std::size_t>(known - kCurves.begin())].get()));
    if (!key || EVP_PKEY_set1_encoded_public_key(key.get(), encoded.data(), encoded.size()) != 1) return nullptr;
    return key;
}

/// Null where the point is not on the curve.
openssl::Key make_key_pair(const Curve& curve, ByteSpan encoded, ByteSpan d) {
    const Builder builder(OSSL_PARAM_BLD_new());
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    const SecretNumber number(BN_secure_new());
    if (!builder || !context || !number ||
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve.group, 0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, encoded.data(), encoded.size()) != 1 ||
        BN_bin2bn(d.data(), static_cast<int>(d.size()), number.get()) == nullptr ||
        OSSL_PARAM_BLD_push_BN_pad(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, number.get(), d.size()) != 1)
        return nullptr;
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    EVP_PKEY* raw = nullptr;
    if (parameters && EVP_PKEY_fromdata_init(context.get()) == 1)
        static_cast<void>(EVP_PKEY_fromdata(context.get(), &raw, EVP_PKEY_KEYPAIR, parameters.get()));
    return openssl::Key(raw);
}

}  // namespace

Result<openssl::Key> make_ec_key(const Curve& curve, const EcPoint& point, ByteSpan d) {
    Bytes encoded = {kUncompressed};
    append(encoded, point.x);
    append(encoded, point.y);
    openssl::Key key = d.empty() ? make_public_key(curve, encoded) : make_key_pair(curve, encoded, d);
    const KeyContext checking(key ? EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr) : nullptr);
    // These curves have no points of small order: on the curve and not at infinity is enough.
    const bool holds =
        checking && EVP_PKEY_public_check_quick(checking.get()) == 1 &&
        (d.empty() || (EVP_PKEY_private_check(checking.get()) == 1 && EVP_PKEY_pairwise_check(checking.get()) == 1));
    ERR_clear_error();
    if (!holds)
        return bad_input(std::string("the point is not on the curve ") + std::string(curve.name) +
                         (d.empty() ? "" : ", or the private key does not belong to it"));
    return key;
}

Result<openssl::Key> make_rsa_key(ByteSpan modulus, ByteSpan exponent) {
    const openssl::Number n(BN_bin2bn(modulus.data(), static_cast<int>(modulus.size()), nullptr));
    const openssl::Number e(BN_bin2bn(exponent.data(), static_cast<int>(exponent.size()), nullptr));
    const Builder builder(OSSL_PARAM_BLD_new());
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    if (!n || !e || !builder || !context ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
        return std::unexpected(openssl::error("RSA key"));
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    EVP_PKEY* raw = nullptr;
    const bool made = parameters && EVP_PKEY_fromdata_init(context.get()) == 1 &&
                      EVP_PKEY_fromdata(context.get(), &raw, EVP_PKEY_PUBLIC_KEY, parameters.get()) == 1;
    openssl::Key key(raw);
    if (!made) return std::unexpected(openssl::error("RSA key"));
    return key;
}

Result<Bytes> binary_member(const JsonObject& object, std::string_view key) {
    HALLMARK_TRY(std::string text, object.string(key));
    auto bytes = from_base64url(text);
    OPENSSL_cleanse(text.data(), text.size());  // `d` is read here too
    if (!bytes) return std::unexpected(bytes.error().at(object.path_of(key)));
    return bytes;
}

Result<openssl::Key> private_key_of_pem(ByteSpan pem, std::string_view where) {
    HALLMARK_TRY(const Bio bio, open_pem(pem, where));
    openssl::Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
    ERR_clear_error();
    if (!key)
        return bad_input(std::string(where) +
                         ": no private key in PEM that needs no password; `openssl genpkey` makes one");
    return key;
}

Result<openssl::Key> public_key_of_pem(ByteSpan pem, std::string_view where) {
    HALLMARK_TRY(const Bio bio, open_pem(pem, where));
    openssl::Key key(PEM_read_bio_PUBKEY(bio.get(), nullptr, no_password, nullptr));
    ERR_clear_error();
    if (!key)
        return bad_input(std::string(where) +
                         ": no public key in PEM (BEGIN PUBLIC KEY); `openssl pkey -pubout` writes one");
    return key;
}

namespace {

Result<bool> write_private_key(BIO* to, EVP_PKEY& key, PrivateForm form) {
    const auto curve = curve_of(key);
    if (!curve || form == PrivateForm::kPkcs1) {
        const auto write =
            form == PrivateForm::kPkcs1 ? PEM_write_bio_PrivateKey_traditional : PEM_write_bio_PrivateKey;
        return write(to, &key, nullptr, nullptr, 0, nullptr, nullptr) == 1;
    }
    HALLMARK_TRY(const EcPoint point, point_of(key, *curve));
    HALLMARK_TRY(Bytes d, number_of(key, OSSL_PKEY_PARAM_PRIV_KEY, curve->coordinate));
    const Secret number(std::move(d));
    const Secret info = ec_private_key_info(*curve, point, number.bytes());
    const auto size = static_cast<long>(info.bytes().size());
    return PEM_write_bio(to, PEM_STRING_PKCS8INF, "", info.bytes().data(), size) > 0;
}

}  // namespace

Result<Secret> private_key_to_pem(EVP_PKEY& key, PrivateForm form) {
    const Bio bio(BIO_new(BIO_s_secmem()));  // wiped when freed
    char* text = nullptr;
    if (!bio) return std::unexpected(openssl::error("private key"));
    HALLMARK_TRY(const bool written, write_private_key(bio.get(), key, form));
    if (!written) return std::unexpected(openssl::error("private key"));
    const auto length = BIO_get_mem_data(bio.get(), &text);
    if (length <= 0 || text == nullptr) return std::unexpected(openssl::error("private key"));
    const auto* const begin = reinterpret_cast<const std::uint8_t*>(text);
    return Secret(Bytes(begin, begin + length));
}

}  // namespace hallmark::jose
