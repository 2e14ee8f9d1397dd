// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/result.hpp"

namespace api {
class SecureMountRequest;
}

namespace hallmark::storage {

/// Has the request done by `hallmark-guest secure-mount` in a process of its own, and waits for it: at most ten
/// minutes. For a process that is root and may mount; the error is that of the child, which says which device it was.
/// `hub` is the address of the data hub that has the key, unix:///PATH; empty: where it is by default.
Status mount_in_child(const api::SecureMountRequest& request, const std::string& hub = "");

}  // namespace hallmark::storage
