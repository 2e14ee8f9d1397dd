// SPDX-License-Identifier: Apache-2.0
#include "measure/tdx/kernel_file.hpp"

#include <algorithm>

#include "measure/pe/authenticode.hpp"

namespace hallmark::tdx {

Result<Sha384> KernelFile::authenticode(ByteSpan head) const {
    const std::lock_guard lock(mutex_);
    Bytes key(head.begin(), head.end());
    if (const auto found = known_.find(key); found != known_.end()) return found->second;
    Bytes changed;
    if (!equal(head, ByteSpan(bytes_).first(head.size()))) {
        changed = bytes_;
        std::ranges::copy(head, changed.begin());
    }
    HALLMARK_TRY(const Sha384 digest, pe::authenticode_sha384(changed.empty() ? bytes_ : changed, name_));
    known_.emplace(std::move(key), digest);
    return digest;
}

}  // namespace hallmark::tdx
