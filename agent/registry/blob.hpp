// SPDX-License-Identifier: Apache-2.0
// The bytes behind a digest, in as many requests as it takes.
// Source: RFC 9110, sections 14.2 (Range), 14.4 (Content-Range) and 15.3.7 (206).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "agent/oci/descriptor.hpp"
#include "agent/registry/client.hpp"
#include "agent/registry/transport.hpp"
#include "common/result.hpp"

namespace hallmark::registry {

/// "bytes 5-9/10": where it begins and the size of the whole, which may be unknown ("*").
struct ContentRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::optional<std::uint64_t> whole;

    static std::optional<ContentRange> parse(std::string_view header);
};

/// One blob on its way to the sink. It comes from one place after another; each goes on behind the last byte that the
/// sink has.
class BlobTransfer {
public:
    BlobTransfer(Transport& transport, const Patience& patience, const oci::Descriptor& descriptor,
                 const std::function<Status(ByteSpan)>& sink)
        : transport_(transport), patience_(patience), descriptor_(descriptor), sink_(sink) {}

    /// Fetches the rest from there.
    Status go_on(const Endpoint& endpoint);
    /// The sink wants no more: to ask elsewhere makes no sense.
    [[nodiscard]] bool is_over() const { return is_over_; }

private:
    Status take(const http::Response& head, ByteSpan piece);
    Status begin(const http::Response& head);
    [[nodiscard]] Error behind(Error error) const;

    Transport& transport_;
    const Patience& patience_;
    const oci::Descriptor& descriptor_;
    const std::function<Status(ByteSpan)>& sink_;
    std::uint64_t delivered_ = 0;  // to the sink
    std::uint64_t skipped_ = 0;    // of this answer's bytes: still to be passed over, since the sink has them
    bool begun_ = false;           // this answer's head was looked at
    bool is_over_ = false;
};

}  // namespace hallmark::registry
