// SPDX-License-Identifier: Apache-2.0
#include "agent/layers/layer_stream.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

namespace hallmark::layers {
namespace {

// A piece, a quarter of each, stays in the processor's cache on its way through.
constexpr std::size_t kCompressedInFlight = std::size_t{1} << 20U;
constexpr std::size_t kTarInFlight = std::size_t{4} << 20U;

Status expect(const oci::Digest& found, const oci::Digest& expected, const char* what) {
    if (found == expected) return {};
    return refused(std::string(what) + ": found " + found.text() + ", expected " + expected.text());
}

}  // namespace

LayerStream::LayerStream(Expected expected, std::unique_ptr<Decompressor> decompressor)
    : expected_(std::move(expected)),
      blob_digester_(expected_.digest.algorithm),
      compressed_(kCompressedInFlight),
      decompressor_(std::move(decompressor)),
      tar_digester_(expected_.diff_id.algorithm),
      tar_(kTarInFlight) {}

Result<std::unique_ptr<LayerStream>> LayerStream::open(Expected expected, std::optional<DecryptionKey> key) {
    if (expected.kind.encrypted != key.has_value())
        return bad_input(expected.kind.encrypted ? "the layer is encrypted, and no key came for it"
                                                 : "the layer is not encrypted, but a key came for it");
    HALLMARK_TRY(auto decompressor, decompressor_of(expected.kind.compression));
    std::unique_ptr<LayerStream> stream(new LayerStream(std::move(expected), std::move(decompressor)));
    if (key) {
        HALLMARK_TRY(stream->decryptor_, Decryptor::start(key->open, key->unwrapped));
        stream->promised_ = std::move(key->unwrapped.digest);
        stream->plain_digester_.emplace(stream->promised_.algorithm);
    }
    try {
        stream->thread_ = std::thread([self = stream.get()] {
            if (const auto status = self->decompress(); !status) self->fail(status.error());
        });
    } catch (const std::system_error& error) {
        return refused(std::string("no thread to decompress a layer: ") + error.what());
    }
    return stream;
}

LayerStream::~LayerStream() {
    fail({Fault::kNo, "the layer was given up"});
    if (thread_.joinable()) thread_.join();
}

Status LayerStream::push(ByteSpan bytes) {
    auto status = take(bytes);
    if (!status) fail(status.error());
    return status;
}

Status LayerStream::take(ByteSpan bytes) {
    if (bytes.size() > expected_.size - blob_size_)
        return refused("the layer's blob is longer than the " + std::to_string(expected_.size) +
                       " bytes that its descriptor says");
    blob_size_ += bytes.size();
    while (!bytes.empty()) {
        HALLMARK_TRY(const auto room, compressed_.room());
        const auto piece = bytes.first(std::min(bytes.size(), room.size()));
        const auto plain = room.first(piece.size());
        blob_digester_.update(piece);
        if (decryptor_) {
            HALLMARK_CHECK(decryptor_->decrypt(piece, plain));
            plain_digester_->update(plain);
        } else {
            std::ranges::copy(piece, plain.begin());
        }
        compressed_.commit(piece.size());
        bytes = bytes.subspan(piece.size());
    }
    return {};
}

Status LayerStream::close() {
    auto status = verify_blob();
    if (!status)
        fail(status.error());
    else
        compressed_.close();
    return status;
}

Status LayerStream::verify_blob() {
    if (blob_size_ != expected_.size)
        return refused("the layer's blob ended after " + std::to_string(blob_size_) + " bytes, expected the " +
                       std::to_string(expected_.size) + " that its descriptor says");
    HALLMARK_CHECK(expect(blob_digester_.finish(), expected_.digest, "digest of the layer's blob"));
    if (decryptor_) {
        HALLMARK_CHECK(decryptor_->verify());
        plain_ = plain_digester_->finish();
    }
    return {};
}

Status LayerStream::decompress() {
    for (;;) {
        HALLMARK_TRY(const ByteSpan piece, compressed_.next());
        if (piece.empty()) break;
        HALLMARK_CHECK(decompress(piece));
    }
    HALLMARK_CHECK(decompressor_->end());
    HALLMARK_CHECK(verify_tar());
    tar_.close();
    return {};
}

Status LayerStream::decompress(ByteSpan piece) {
    const auto largest = std::min(expected_.largest, kLargestTar);
    for (bool more = true; more;) {
        HALLMARK_TRY(const auto room, tar_.room());
        HALLMARK_TRY(const auto step, decompressor_->step(piece, room));
        piece = piece.subspan(step.taken);
        more = step.made == room.size() || !piece.empty();
        if (step.made == 0) {
            if (more) return refused("the decompressor of the layer stands still");
            break;
        }
        if (step.made > largest - tar_size_)
            return refused("the layer is larger than " + std::to_string(largest) +
                           " bytes when it is decompressed, which is all that it may be");
        tar_size_ += step.made;
        tar_digester_.update(room.first(step.made));
        tar_.commit(step.made);
    }
    return {};
}

Status LayerStream::verify_tar() {
    const auto found = tar_digester_.finish();
    HALLMARK_CHECK(expect(found, expected_.diff_id, "diff_id of the layer"));
    if (decryptor_ && promised_ != plain_ && promised_ != found)
        return refused("digest of the decrypted layer: found " + plain_.text() + ", expected " + promised_.text() +
                       ", as the private options of its encryption say");
    return {};
}

Result<ByteSpan> LayerStream::next() { return tar_.next(); }

void LayerStream::fail(const Error& error) {
    compressed_.fail(error);
    tar_.fail(error);
}

}  // namespace hallmark::layers
