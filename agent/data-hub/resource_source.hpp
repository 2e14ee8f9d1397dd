// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/deadline.hpp"
#include "common/kbs/resource_uri.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace hallmark::hub {

/// Where secrets come from. Called by several threads at once.
class ResourceSource {
public:
    ResourceSource() = default;
    ResourceSource(const ResourceSource&) = delete;
    ResourceSource& operator=(const ResourceSource&) = delete;
    virtual ~ResourceSource() = default;

    /// Errors of Fault::kNo are the answer of whoever has the secrets.
    virtual Result<Secret> get(const kbs::ResourceUri& uri, Deadline deadline) = 0;
};

}  // namespace hallmark::hub
