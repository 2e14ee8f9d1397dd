// SPDX-License-Identifier: Apache-2.0
// How an encrypted layer names the key that its own key is wrapped under.
// Source: Confidential Containers, guest-components 8246e5e, confidential-data-hub, annotation packet of version 1,
// which is also read as version 2.
#pragma once

#include <string>
#include <string_view>

#include "common/bytes.hpp"
#include "common/key-provider/key_wrap.hpp"
#include "common/result.hpp"

namespace hallmark::key_provider {

struct AnnotationPacket {
    std::string kid;     ///< a KBS resource URI
    Bytes wrapped_data;  ///< A256GCM: with its tag at the end
    Bytes iv;
    WrapType wrap_type = WrapType::kA256Gcm;
};

/// A packet of version 1, or of version 2 whose provider is the key broker.
Result<AnnotationPacket> parse_annotation_packet(std::string_view text);

/// As CoCo's key provider writes it, byte for byte.
std::string write_annotation_packet(const AnnotationPacket& packet);

}  // namespace hallmark::key_provider
