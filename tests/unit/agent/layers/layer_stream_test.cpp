// SPDX-License-Identifier: Apache-2.0
#include "agent/layers/layer_stream.hpp"

#include <gtest/gtest.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "tests/support/expect_error.hpp"
#include "tests/unit/agent/layers/compressed.hpp"

namespace hallmark::layers {
namespace {

using oci::Algorithm;
using oci::Digest;

const Bytes kKey(kKeySize, 0x4B);
constexpr Nonce kNonce = {1, 2, 3};

Bytes content() {
    Bytes bytes(3'000'000);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i ^ i >> 9U);
    return bytes;
}

Bytes compressed(Compression compression, const Bytes& plain) {
    if (compression == Compression::kGzip) return test::gzip_member(plain);
    return compression == Compression::kZstd ? test::zstd_frame(plain) : plain;
}

/// Counter mode is its own inverse, and its known answers are in decryptor_test.cpp.
Bytes encrypted(const Bytes& plain) {
    auto cipher = Decryptor::start({}, {.key = Secret(kKey), .digest = {}, .nonce = kNonce});
    Bytes blob(plain.size());
    EXPECT_TRUE(cipher && cipher->decrypt(plain, blob));
    return blob;
}

/// A layer with everything that is said about it, right until a test changes it.
struct Layer {
    explicit Layer(LayerKind kind, Algorithm algorithm = Algorithm::kSha256) : tar(content()) {
        const auto plain = compressed(kind.compression, tar);
        blob = kind.encrypted ? encrypted(plain) : plain;
        expected = {kind, Digest::of(blob, algorithm), blob.size(), Digest::of(tar, algorithm), tar.size()};
        if (!kind.encrypted) return;
        key.emplace();
        key->unwrapped = {.key = Secret(kKey), .digest = Digest::of(plain), .nonce = kNonce};
        unsigned size = 0;
        ::HMAC(::EVP_sha256(), kKey.data(), kKeySize, blob.data(), blob.size(), key->open.hmac.data(), &size);
    }

    Bytes tar;
    Bytes blob;
    Expected expected;
    std::optional<DecryptionKey> key;
};

/// The tar; the blob is pushed by a thread in pieces of such sizes as a network gives.
Result<Bytes> read(Layer layer, Status* closed = nullptr) {
    HALLMARK_TRY(const auto stream, LayerStream::open(layer.expected, std::move(layer.key)));
    std::thread network([&] {
        ByteSpan left = layer.blob;
        Status status;
        while (status && !left.empty()) {
            const auto piece = left.first(std::min<std::size_t>(left.size(), 16'000));
            status = stream->push(piece);
            left = left.subspan(piece.size());
        }
        if (status) status = stream->close();
        if (closed != nullptr) *closed = status;
    });
    Bytes all;
    Result<ByteSpan> piece = stream->next();
    for (; piece && !piece->empty(); piece = stream->next()) append(all, *piece);
    network.join();
    if (!piece) return std::unexpected(piece.error());
    return all;
}

class EveryKind : public testing::TestWithParam<std::pair<Compression, bool>> {
protected:
    static LayerKind kind() { return {GetParam().first, GetParam().second, true}; }
};

TEST_P(EveryKind, IsRead) {
    for (const auto algorithm : {Algorithm::kSha256, Algorithm::kSha512}) {
        const auto tar = read(Layer(kind(), algorithm));
        ASSERT_TRUE(tar) << tar.error().message;
        EXPECT_EQ(*tar, content());
    }
}

TEST_P(EveryKind, IsCheckedAgainstItsDigestAndDiffId) {
    Layer layer(kind());
    layer.expected.digest = Digest::of(as_bytes("another"));
    Status closed;
    test::expect_error(read(std::move(layer), &closed), {"digest of the layer's blob"}, Fault::kNo);
    test::expect_error(closed, {"digest of the layer's blob"}, Fault::kNo);
    Layer other(kind());
    other.expected.diff_id = Digest::of(as_bytes("another"));
    test::expect_error(read(std::move(other)), {"diff_id of the layer"}, Fault::kNo);
}

TEST_P(EveryKind, HasTheSizeOfItsDescriptor) {
    Layer longer(kind());
    longer.blob.push_back(0);
    test::expect_error(read(std::move(longer)), {"longer than"}, Fault::kNo);
    Layer shorter(kind());
    shorter.blob.pop_back();
    test::expect_error(read(std::move(shorter)), {"ended after"}, Fault::kNo);
    Layer empty(kind());
    empty.blob.clear();
    test::expect_error(read(std::move(empty)), {"ended after 0 bytes"}, Fault::kNo);
}

TEST_P(EveryKind, HasNoMoreThanItMay) {
    Layer layer(kind());
    layer.expected.largest -= 1;
    test::expect_error(read(std::move(layer)), {"larger than 2999999 bytes"}, Fault::kNo);
}

TEST_P(EveryKind, EndsWhereEitherSideEndsIt) {
    Layer layer(kind());
    const auto stream = LayerStream::open(layer.expected, std::move(layer.key));
    ASSERT_TRUE(stream);
    ASSERT_TRUE((*stream)->push(ByteSpan(layer.blob).first(100)));
    (*stream)->fail({Fault::kNo, "no space left"});
    test::expect_error((*stream)->push(as_bytes("x")), {"no space left"}, Fault::kNo);
    test::expect_error((*stream)->next(), {"no space left"}, Fault::kNo);
}

TEST_P(EveryKind, NeedsAKeyWhereItIsEncryptedAndOnlyThere) {
    Layer layer(kind());
    if (layer.key)
        layer.key.reset();
    else
        layer.key.emplace();
    test::expect_error(read(std::move(layer)), {"a", "key"});
}

INSTANTIATE_TEST_SUITE_P(LayerStream, EveryKind,
                         testing::Values(std::pair{Compression::kNone, false}, std::pair{Compression::kGzip, false},
                                         std::pair{Compression::kZstd, false}, std::pair{Compression::kNone, true},
                                         std::pair{Compression::kGzip, true}, std::pair{Compression::kZstd, true}));

constexpr LayerKind kEncryptedTar = {Compression::kNone, true, true};

TEST(EncryptedLayer, IsRefusedWhereItsHmacIsAnother) {
    Layer layer(kEncryptedTar);
    layer.key->open.hmac[31] ^= 1U;
    test::expect_error(read(std::move(layer)), {"HMAC"}, Fault::kNo);
}

TEST(EncryptedLayer, IsWhatItsPrivateOptionsPromise) {
    Layer wrong({Compression::kGzip, true, true});
    wrong.key->unwrapped.digest = Digest::of(as_bytes("another"));
    test::expect_error(read(std::move(wrong)), {"digest of the decrypted layer", "private options"}, Fault::kNo);
    Layer of_the_tar({Compression::kGzip, true, true});
    of_the_tar.key->unwrapped.digest = Digest::of(of_the_tar.tar);
    EXPECT_TRUE(read(std::move(of_the_tar)));
}

TEST(EncryptedLayer, IsRefusedWithAnotherKeyOrNonce) {
    Layer key(kEncryptedTar);
    key.key->unwrapped.key = Secret(Bytes(kKeySize, 1));
    test::expect_error(read(std::move(key)), {"HMAC"}, Fault::kNo);
    Layer nonce(kEncryptedTar);
    nonce.key->open.nonce = Nonce{9};
    test::expect_error(read(std::move(nonce)), {"diff_id"}, Fault::kNo);
}

TEST(LayerStream, StopsABombBeforeItIsInMemory) {
    const Bytes zeros(std::size_t{64} << 20U);
    Layer layer({Compression::kGzip, false, true});
    layer.blob = test::gzip_member(zeros);
    // Right in all but its size: else the wrong digest is seen first where the pushing thread is the faster one.
    layer.expected.digest = Digest::of(layer.blob);
    layer.expected.size = layer.blob.size();
    layer.expected.largest = 1'000'000;
    test::expect_error(read(std::move(layer)), {"larger than 1000000 bytes"}, Fault::kNo);
}

TEST(LayerStream, MayBeGivenUp) {
    Layer layer({Compression::kGzip, false, true});
    const auto stream = LayerStream::open(layer.expected, std::nullopt);
    ASSERT_TRUE(stream && (*stream)->push(layer.blob));
}

}  // namespace
}  // namespace hallmark::layers
