// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/verdict.hpp"

#include <utility>
#include <variant>
#include <vector>

#include "agent/image-policy/signatures.hpp"
#include "agent/oci/text.hpp"

namespace hallmark::image_policy {
namespace {

constexpr std::size_t kLongestLine = 4096;

/// The signatures of all of an image's manifests, from one kind of store.
template <class Signature>
using Ask = Result<std::vector<Signature>> (SignatureSource::*)(const oci::Reference&, const oci::Digest&);

template <class Signature>
Result<std::vector<Signature>> gather(const Image& image, SignatureSource& source, Ask<Signature> ask) {
    std::vector<Signature> all;
    for (const auto manifest : image.manifests) {
        HALLMARK_TRY(auto some, (source.*ask)(image.reference, oci::Digest::of(manifest)));
        if (some.size() > kMostSignatures)
            return refused("more than " + std::to_string(kMostSignatures) + " signatures of one manifest");
        for (auto& one : some) all.push_back(std::move(one));
    }
    return all;
}

/// The first that holds is enough; else why each does not.
template <class Signature, class Check>
Result<std::string> any_of(const std::vector<Signature>& signatures, const Check& check) {
    if (signatures.empty()) return refused("there is no signature, expected one");
    std::string why;
    for (std::size_t i = 0; i < signatures.size(); ++i) {
        const std::string name = "signature " + std::to_string(i + 1);
        const Result<std::string> by = check(signatures[i]);
        if (by) return name + " by " + *by;
        why += (why.empty() ? "" : "; ") + name + ": " + by.error().message;
    }
    return refused(std::move(why));
}

class Checker {
public:
    Checker(const Image& image, SignatureSource& source, const GetResource& get, std::int64_t now)
        : image_(image), source_(source), get_(get), now_(now) {}

    Result<std::string> operator()(const AcceptAnything& /*requirement*/) const { return "nothing is demanded"; }
    Result<std::string> operator()(const Reject& /*requirement*/) const { return refused("no image may run"); }
    Result<std::string> operator()(const SignedBy& requirement) const {
        HALLMARK_TRY(const openpgp::Keyring keys, load_keyring(requirement.keys, get_));
        HALLMARK_TRY(const auto signatures, gather<Bytes>(image_, source_, &SignatureSource::simple_signatures));
        return any_of(signatures, [&](const Bytes& signature) {
            return check_simple_signature(signature, keys, image_, requirement.identity, now_);
        });
    }
    Result<std::string> operator()(const SigstoreSigned& requirement) const {
        HALLMARK_TRY(const std::vector<SigstoreKey> keys, load_sigstore_keys(requirement.keys, get_));
        HALLMARK_TRY(const auto signatures,
                     gather<SigstoreSignature>(image_, source_, &SignatureSource::sigstore_signatures));
        return any_of(signatures, [&](const SigstoreSignature& signature) {
            return check_sigstore_signature(signature, keys, image_, requirement.identity);
        });
    }

private:
    const Image& image_;
    SignatureSource& source_;
    const GetResource& get_;
    std::int64_t now_;
};

/// One line, whatever was in the signatures.
Error one_line(Error error, const std::string& where) {
    error.message = oci::printable(where + ": " + error.message, kLongestLine);
    return error;
}

}  // namespace

Result<std::string> check_image(const Policy& policy, const Image& image, SignatureSource& source,
                                const GetResource& get, std::int64_t now) {
    const std::string name = image.reference.text();
    const auto found = policy.find(image.reference);
    if (image.manifests.empty()) return bad_input(name + ": no manifest to hold against the policy");
    if (image.reference.digest && !has_digest(image, *image.reference.digest))
        return refused(name + ": the manifest's digest is " + oci::Digest::of(image.manifests[0]).text());
    std::string line = name + ": allowed by " + found.scope;
    for (std::size_t i = 0; i < found.requirements.size(); ++i) {
        const std::string requirement(name_of(found.requirements[i]));
        auto held = std::visit(Checker(image, source, get, now), found.requirements[i]);
        if (!held)
            return std::unexpected(one_line(std::move(held.error()), name + ": refused by " + found.scope + "[" +
                                                                         std::to_string(i) + "]: " + requirement));
        line += (i == 0 ? ": " : "; ") + requirement + ": " + *held;
    }
    return line;
}

}  // namespace hallmark::image_policy
