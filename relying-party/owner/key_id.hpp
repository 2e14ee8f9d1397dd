// SPDX-License-Identifier: Apache-2.0
// Names of the keys that images are encrypted under.
// Source: Confidential Containers, guest-components 8246e5e, attestation-agent/coco_keyprovider:
// kbs:///REPOSITORY/TYPE/TAG, kbs://HOST/REPOSITORY/TYPE/TAG, HOST/REPOSITORY/TYPE/TAG and /REPOSITORY/TYPE/TAG.
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"
#include "relying-party/keys/resource_path.hpp"

namespace hallmark::owner {

struct KeyId {
    std::string uri;  ///< "kbs://…": the only form that guests read; with the host that was given
    keys::ResourcePath path;
};

/// Any of the forms; keys of other plugins (kbs+PLUGIN://) are refused.
Result<KeyId> parse_key_id(std::string_view text);

/// kbs:///default/image-kek/UUID, which nobody had before.
Result<KeyId> new_key_id();

}  // namespace hallmark::owner
