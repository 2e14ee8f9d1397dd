// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/openpgp/keyring.hpp"

#include <iterator>
#include <utility>

#include "agent/image-policy/openpgp/armor.hpp"
#include "agent/image-policy/openpgp/validity.hpp"
#include "agent/image-policy/openpgp/verify.hpp"

namespace hallmark::image_policy::openpgp {
namespace {

constexpr std::size_t kMostNames = 4;

Status check(const Signature& signature, const PublicKey& key, const Status& may, ByteSpan data, std::int64_t now) {
    if (!may) return may;
    HALLMARK_CHECK(in_time(signature, key, now));
    return verify(signature, key, {data}, "signature");
}

}  // namespace

Status Keyring::add(ByteSpan file, const std::string& what) {
    if (file.size() > kLargestKeyring)
        return bad_input(what + ": " + std::to_string(file.size()) + " bytes, expected a keyring of at most " +
                         std::to_string(kLargestKeyring));
    HALLMARK_TRY(const Bytes packets, without_armor(file, what));
    HALLMARK_TRY(auto added, parse_certificates(packets, what));
    certificates_.insert(certificates_.end(), std::make_move_iterator(added.begin()),
                         std::make_move_iterator(added.end()));
    return {};
}

Result<std::string> Keyring::verify_data(const Signature& signature, ByteSpan data, std::int64_t now) const {
    if (signature.type != SignatureType::kBinary)
        return refused("a signature of type " + std::to_string(static_cast<unsigned>(signature.type)) +
                       ", expected 0: of binary data");
    std::string why = "made by key " + signature.issuer() + ", expected " + names();
    for (const auto& certificate : certificates_) {
        const std::string name = "key " + to_upper_hex(certificate.primary.fingerprint());
        if (signature.names(certificate.primary)) {
            const auto good = check(signature, certificate.primary, may_sign(certificate, now), data, now);
            if (good) return name;
            why = good.error().message;
        }
        for (const auto& subkey : certificate.subkeys) {
            if (!signature.names(subkey.key)) continue;
            const auto good = check(signature, subkey.key, may_sign(certificate, subkey, now), data, now);
            if (good) return "subkey " + subkey.key.id() + " of " + name;
            why = good.error().message;
        }
    }
    return refused(std::move(why));
}

std::string Keyring::names() const {
    std::string names;
    for (std::size_t i = 0; i < certificates_.size() && i < kMostNames; ++i)
        names += (i == 0 ? "key " : ", key ") + to_upper_hex(certificates_[i].primary.fingerprint());
    if (certificates_.size() > kMostNames)
        names += " or one of " + std::to_string(certificates_.size() - kMostNames) + " more";
    return names;
}

}  // namespace hallmark::image_policy::openpgp
