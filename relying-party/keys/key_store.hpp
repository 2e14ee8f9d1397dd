// SPDX-License-Identifier: Apache-2.0
// Where an owner's secrets lie. Each kind of store keeps them encrypted at rest.
#pragma once

#include <string>
#include <vector>

#include "common/bytes.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"
#include "relying-party/keys/resource_path.hpp"

namespace hallmark::keys {

class KeyStore {
public:
    virtual ~KeyStore() = default;
    /// The secret under this path; Fault::kNo where there is none.
    virtual Result<Secret> read(const ResourcePath& path) = 0;
    /// Stores it durably before it returns; replaces what was there.
    virtual Status write(const ResourcePath& path, ByteSpan secret) = 0;
    /// Fault::kNo where there is none.
    virtual Status remove(const ResourcePath& path) = 0;
    virtual Result<std::vector<ResourcePath>> list() = 0;
};

}  // namespace hallmark::keys
