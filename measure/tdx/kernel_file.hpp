// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/result.hpp"

namespace hallmark::tdx {

/// A kernel as in its file. Whoever loads it may change its first bytes; the digest of each such kernel is computed
/// once.
class KernelFile {
public:
    /// `name` names it in errors.
    KernelFile(Bytes bytes, std::string name) : bytes_(std::move(bytes)), name_(std::move(name)) {}

    [[nodiscard]] const Bytes& bytes() const { return bytes_; }
    [[nodiscard]] const std::string& name() const { return name_; }
    /// Its Authenticode digest with `head`, at most its size, in place of its first bytes.
    Result<Sha384> authenticode(ByteSpan head) const;

private:
    Bytes bytes_;
    std::string name_;
    mutable std::mutex mutex_;
    mutable std::map<Bytes, Sha384> known_;  ///< by the bytes in front
};

}  // namespace hallmark::tdx
