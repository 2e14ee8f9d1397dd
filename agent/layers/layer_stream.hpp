// SPDX-License-Identifier: Apache-2.0
// A layer's blob goes in, its tar comes out, in one pass: decrypted, decompressed, and every digest checked. Three
// threads work at once: who pushes decrypts and digests the blob, one of the stream decompresses and digests the tar,
// and who asks for the tar unpacks it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "agent/layers/byte_pipe.hpp"
#include "agent/layers/cipher_options.hpp"
#include "agent/layers/decompressor.hpp"
#include "agent/layers/decryptor.hpp"
#include "agent/layers/layer_kind.hpp"
#include "agent/oci/digest.hpp"
#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::layers {

/// No layer is larger than 256 GiB when it is decompressed, whatever the caller allows.
inline constexpr std::uint64_t kLargestTar = std::uint64_t{256} << 30U;

/// What a layer has to be.
struct Expected {
    LayerKind kind;
    oci::Digest digest;         ///< of the blob
    std::uint64_t size = 0;     ///< of the blob, in bytes
    oci::Digest diff_id;        ///< of the tar
    std::uint64_t largest = 0;  ///< bytes of the tar at most: what there is room for
};

struct DecryptionKey {
    PublicOptions open;
    PrivateOptions unwrapped;
};

class LayerStream {
public:
    /// A key is needed where the kind is encrypted, and refused where it is not.
    ///
    /// The digest of the private options has to be that of the decrypted blob, or of the tar in it: containers/image
    /// writes the latter where it compresses a layer in the same copy that encrypts it.
    static Result<std::unique_ptr<LayerStream>> open(Expected expected, std::optional<DecryptionKey> key);
    LayerStream(const LayerStream&) = delete;
    LayerStream& operator=(const LayerStream&) = delete;
    /// Ends whatever still waits. Nobody may be in push(), close() or next().
    ~LayerStream();

    // For one thread, which has the blob:
    /// The blob's next bytes; waits while too much is under way.
    Status push(ByteSpan bytes);
    /// The blob is over. Fails where its size, its digest or its HMAC is wrong; whoever reads fails too.
    Status close();

    // For another, which wants the tar:
    /// The tar's next bytes, which stay until the next call. They are not verified. Empty: the tar is over, and it and
    /// the blob are right in every respect; before that nothing that came of the bytes may get its final name.
    Result<ByteSpan> next();

    /// From any thread: no more. Both sides get the error.
    void fail(const Error& error);

private:
    LayerStream(Expected expected, std::unique_ptr<Decompressor> decompressor);
    Status take(ByteSpan bytes);
    Status verify_blob();
    Status decompress();
    Status decompress(ByteSpan piece);
    Status verify_tar();

    const Expected expected_;
    // The side of the blob.
    oci::Digester blob_digester_;
    std::uint64_t blob_size_ = 0;
    std::optional<Decryptor> decryptor_;
    std::optional<oci::Digester> plain_digester_;
    oci::Digest promised_;  // by the private options
    oci::Digest plain_;     // of the decrypted blob; written before the pipe is closed, read after
    BytePipe compressed_;
    // The side of the tar.
    std::unique_ptr<Decompressor> decompressor_;
    oci::Digester tar_digester_;
    std::uint64_t tar_size_ = 0;
    BytePipe tar_;
    std::thread thread_;
};

}  // namespace hallmark::layers
