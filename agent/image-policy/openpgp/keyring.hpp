// SPDX-License-Identifier: Apache-2.0
// The keys that a policy trusts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/image-policy/openpgp/certificate.hpp"
#include "agent/image-policy/openpgp/signature.hpp"
#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::image_policy::openpgp {

inline constexpr std::size_t kLargestKeyring = std::size_t{1} << 20;

class Keyring {
public:
    /// Adds the keys of a file that `gpg --export` wrote, with armour or without. `what` names it in errors.
    Status add(ByteSpan file, const std::string& what);

    /// The signature is of a key of this ring that may sign now, over this data. Answers which: "key <fingerprint>".
    /// Fault::kNo says why not; `now` is in seconds since 1970.
    [[nodiscard]] Result<std::string> verify_data(const Signature& signature, ByteSpan data, std::int64_t now) const;

    /// "key <fingerprint>, key <fingerprint>": the primary keys, the first of them where there are many.
    [[nodiscard]] std::string names() const;

private:
    std::vector<Certificate> certificates_;
};

}  // namespace hallmark::image_policy::openpgp
