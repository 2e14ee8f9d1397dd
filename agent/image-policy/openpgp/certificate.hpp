// SPDX-License-Identifier: Apache-2.0
// A key with what belongs to it: user IDs, subkeys and the signatures that hold them together; as a keyring has it.
// Source: RFC 9580, section 10.1 (transferable public keys).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/image-policy/openpgp/key.hpp"
#include "agent/image-policy/openpgp/signature.hpp"
#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::image_policy::openpgp {

/// Keys and signatures of a keyring, together.
inline constexpr std::size_t kMostKeyringPackets = 4096;

/// What signatures in a keyring say of the thing before them. Those that cannot be read, by SHA-1 for instance, prove
/// nothing and are left out, except that a revocation that cannot be read still revokes.
struct Claims {
    std::vector<Signature> signatures;
    bool unreadable_revocation = false;
    std::string unreadable;  ///< why the last one could not be read; empty: all could
};

struct UserId {
    Bytes hashed;  ///< 0xb4 or 0xd1, its length, the packet's body
    Claims claims;
};

struct Subkey {
    PublicKey key;
    Claims claims;
};

struct Certificate {
    PublicKey primary;
    Claims claims;
    std::vector<UserId> user_ids;
    std::vector<Subkey> subkeys;
};

/// The keys of a keyring, in binary. Nothing of it is checked yet. Private keys are refused.
Result<std::vector<Certificate>> parse_certificates(ByteSpan packets, const std::string& what);

}  // namespace hallmark::image_policy::openpgp
