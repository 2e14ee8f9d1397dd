// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/verdict.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>

#include <string>

#include "tests/support/expect_error.hpp"
#include "tests/support/fake_signatures.hpp"

namespace hallmark::image_policy {
namespace {

using test::expect_error;
using namespace test::pgp;

constexpr std::string_view kManifest = R"({"schemaVersion":2})";
constexpr std::string_view kIndex = R"({"schemaVersion":2,"manifests":[]})";
constexpr std::string_view kName = "r.example/app:1";

oci::Digest digest_of_text(std::string_view text) { return oci::Digest::of(as_bytes(text)); }

std::string pem_of(EVP_PKEY* key) {
    const openssl::Owned<BIO, BIO_free> bio(BIO_new(BIO_s_mem()));
    must(PEM_write_bio_PUBKEY(bio.get(), key) == 1);
    char* text = nullptr;
    const auto size = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

class CheckImage : public testing::Test {
protected:
    Result<std::string> check(const std::string& requirements, std::string_view name = kName) {
        const auto policy = Policy::parse(R"({"default":[)" + requirements + "]}", "policy.json");
        if (!policy) return std::unexpected(policy.error());
        const Image image{oci::Reference::parse(name).value(), manifests};
        return check_image(*policy, image, signatures, get, kNow);
    }
    void refuses(const std::string& requirements, std::initializer_list<std::string_view> words,
                 std::string_view name = kName) {
        expect_error(check(requirements, name), words, Fault::kNo);
    }
    void accepts(const std::string& requirements, std::initializer_list<std::string_view> words = {},
                 std::string_view name = kName) {
        const auto verdict = check(requirements, name);
        ASSERT_TRUE(verdict) << verdict.error().message;
        for (const auto word : words) EXPECT_NE(verdict->find(word), std::string::npos) << *verdict;
    }
    std::vector<Bytes>& simple(std::string_view manifest = kManifest) {
        return signatures.simple[digest_of_text(manifest)];
    }
    std::vector<SigstoreSignature>& sigstore(std::string_view manifest = kManifest) {
        return signatures.sigstore[digest_of_text(manifest)];
    }

    test::FakeSignatures signatures;
    std::vector<ByteSpan> manifests = {as_bytes(kManifest)};
    GetResource get;
    const Signer owner = make_signer("Ed25519Legacy");
    const Signer other = make_signer("Ed25519Legacy");
    const openssl::Key key{EVP_EC_gen("P-256")};
    const std::string signed_by =
        R"({"type":"signedBy","keyType":"GPGKeys","keyData":")" + to_base64(certificate(owner)) + "\"}";
    const std::string sigstore_signed = sigstore_by(key.get());

    static std::string sigstore_by(EVP_PKEY* with) {
        return R"({"type":"sigstoreSigned","keyData":")" + to_base64(as_bytes(pem_of(with))) + "\"}";
    }
};

TEST_F(CheckImage, AcceptsAnythingOrNothing) {
    accepts(R"({"type":"insecureAcceptAnything"})", {"r.example/app:1: allowed by default", "nothing is demanded"});
    refuses(R"({"type":"reject"})", {"r.example/app:1: refused by default[0]: reject", "no image may run"});
    refuses(R"({"type":"insecureAcceptAnything"},{"type":"reject"})", {"default[1]: reject"});
}

TEST_F(CheckImage, AcceptsASimpleSignature) {
    simple().push_back(test::simple_signature(owner, digest_of_text(kManifest), kName));
    accepts(signed_by, {"signedBy: signature 1 by key " + image_policy::openpgp::to_upper_hex(owner.fingerprint())});
}

TEST_F(CheckImage, OneSimpleSignatureOfSeveralIsEnough) {
    simple().push_back(Bytes{1, 2, 3});
    simple().push_back(test::simple_signature(other, digest_of_text(kManifest), kName));
    refuses(signed_by, {"signature 1: OpenPGP message", "; signature 2: made by key"});
    simple().push_back(test::simple_signature(owner, digest_of_text(kManifest), kName));
    accepts(signed_by, {"signature 3 by key"});
}

TEST_F(CheckImage, RefusesWhatIsNotSignedForIt) {
    refuses(signed_by, {"there is no signature"});
    simple().push_back(test::simple_signature(other, digest_of_text(kManifest), kName));
    refuses(signed_by, {"made by key " + image_policy::openpgp::to_upper_hex(other.id()),
                        "expected key " + image_policy::openpgp::to_upper_hex(owner.fingerprint())});
    simple() = {test::simple_signature(owner, digest_of_text(kManifest), "r.example/other:1")};
    refuses(signed_by, {"signed for 'r.example/other:1'", "matchRepoDigestOrExact", "r.example/app:1"});
    simple() = {test::simple_signature(owner, digest_of_text(kIndex), kName)};
    refuses(signed_by, {"signed " + digest_of_text(kIndex).text(), "expected " + digest_of_text(kManifest).text()});
    simple() = {message(owner, "{}")};
    refuses(signed_by, {"payload"});
}

TEST_F(CheckImage, TakesASignatureOfTheIndex) {
    manifests.push_back(as_bytes(kIndex));
    simple(kIndex).push_back(test::simple_signature(owner, digest_of_text(kIndex), kName));
    accepts(signed_by);
}

TEST_F(CheckImage, TakesDigestsOfEitherAlgorithm) {
    const auto sha512 = oci::Digest::of(as_bytes(kManifest), oci::Algorithm::kSha512);
    simple().push_back(test::simple_signature(owner, sha512, kName));
    accepts(signed_by);
}

TEST_F(CheckImage, HoldsTheManifestAgainstTheDigestThatWasAskedFor) {
    const std::string anything = R"({"type":"insecureAcceptAnything"})";
    accepts(anything, {}, "r.example/app@" + digest_of_text(kManifest).text());
    refuses(anything, {"the manifest's digest is " + digest_of_text(kManifest).text()},
            "r.example/app@" + digest_of_text(kIndex).text());
    manifests.clear();
    expect_error(check(anything), {"no manifest"});
}

TEST_F(CheckImage, AcceptsSignaturesOfCosignByEveryKind) {
    const openssl::Key keys[] = {openssl::Key(EVP_EC_gen("P-256")), openssl::Key(EVP_EC_gen("P-384")),
                                 openssl::Key(EVP_RSA_gen(2048)),
                                 openssl::Key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"))};
    for (const auto& each : keys) {
        sigstore() = {test::sigstore_signature(each.get(), digest_of_text(kManifest), kName)};
        accepts(sigstore_by(each.get()), {"sigstoreSigned: signature 1 by ", "key SHA256:"});
        refuses(sigstore_signed, {"signature 1: not made by ECDSA key SHA256:"});
        sigstore()[0].payload.back() ^= 1;
        refuses(sigstore_by(each.get()), {"not made by"});
    }
}

TEST_F(CheckImage, RefusesSignaturesOfCosignForOtherImages) {
    refuses(sigstore_signed, {"there is no signature"});
    sigstore() = {test::sigstore_signature(key.get(), digest_of_text(kIndex), kName)};
    refuses(sigstore_signed, {"signed " + digest_of_text(kIndex).text()});
    sigstore() = {test::sigstore_signature(key.get(), digest_of_text(kManifest), "r.example/app")};
    refuses(sigstore_signed, {"signed for 'r.example/app'"});
    sigstore() = {test::sign_payload(
        key.get(), test::payload_text("atomic container signature", digest_of_text(kManifest), kName))};
    refuses(sigstore_signed, {"critical.type"});
    sigstore()[0].signature = "!";
    refuses(sigstore_signed, {"signature 1: signature: base64"});
}

TEST_F(CheckImage, TakesLineBreaksInASignature) {
    sigstore() = {test::sigstore_signature(key.get(), digest_of_text(kManifest), kName)};
    sigstore()[0].signature.insert(20, "\r\n");
    sigstore()[0].signature += "\n";
    accepts(sigstore_signed);
}

TEST_F(CheckImage, NeedsAllRequirements) {
    simple().push_back(test::simple_signature(owner, digest_of_text(kManifest), kName));
    refuses(signed_by + "," + sigstore_signed, {"default[1]: sigstoreSigned", "there is no signature"});
    sigstore() = {test::sigstore_signature(key.get(), digest_of_text(kManifest), kName)};
    accepts(signed_by + "," + sigstore_signed, {"signedBy: signature 1", "; sigstoreSigned: signature 1"});
}

TEST_F(CheckImage, GetsKeysOfTheBroker) {
    const std::string by_uri = R"({"type":"sigstoreSigned","keyPaths":["kbs:///default/key/1"]})";
    sigstore() = {test::sigstore_signature(key.get(), digest_of_text(kManifest), kName)};
    refuses(by_uri, {"kbs:///default/key/1", "nobody here"});
    get = [&](const std::string& uri) -> Result<Bytes> {
        if (uri != "kbs:///default/key/1") return refused("no such resource");
        const std::string pem = pem_of(key.get());
        return Bytes(pem.begin(), pem.end());
    };
    accepts(by_uri);
    refuses(R"({"type":"sigstoreSigned","keyPath":"kbs:///default/key/2"})",
            {"kbs:///default/key/2: no such resource"});
}

/// Else a policy could allow more than its owner meant.
TEST_F(CheckImage, NeedsEveryKeyToBeReadable) {
    sigstore() = {test::sigstore_signature(key.get(), digest_of_text(kManifest), kName)};
    const std::string good = to_base64(as_bytes(pem_of(key.get())));
    expect_error(check(R"({"type":"sigstoreSigned","keyDatas":[")" + good + R"(","a2V5"]})"), {"no public key in PEM"});
    const openssl::Key small(EVP_RSA_gen(1024));
    expect_error(check(sigstore_by(small.get())), {"RSA key of 1024 bits", "2048"});
    expect_error(check(R"({"type":"sigstoreSigned","keyPath":"/nonexistent/key"})"), {"/nonexistent/key"});
    expect_error(check(R"({"type":"signedBy","keyType":"GPGKeys","keyData":"a2V5"})"), {"keyData", "0x6b"});
}

TEST_F(CheckImage, BoundsTheNumberOfSignatures) {
    simple().assign(kMostSignatures + 1, Bytes{1});
    refuses(signed_by, {"more than 128 signatures"});
}

/// Whoever may sign may put anything into the name; a log has one line for each answer.
TEST_F(CheckImage, AnswersInOnePrintableLine) {
    simple().push_back(test::simple_signature(owner, digest_of_text(kManifest), R"(a\n\u001b[31mallowed)"));
    refuses(signed_by, {"signed for 'a??[31mallowed'"});
}

}  // namespace
}  // namespace hallmark::image_policy
