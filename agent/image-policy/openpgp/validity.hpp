// SPDX-License-Identifier: Apache-2.0
// Whether a key may sign data now: bound to its certificate, not expired, not revoked, meant for signing.
// Source: RFC 9580, sections 5.2.1 (bindings and revocations), 5.2.3.13 (expiry of keys), 5.2.3.29 (flags).
#pragma once

#include <cstdint>

#include "agent/image-policy/openpgp/certificate.hpp"
#include "common/result.hpp"

namespace hallmark::image_policy::openpgp {

/// Every answer but yes is Fault::kNo and says why. `now` is in seconds since 1970.
///
/// Stricter than RFC 9580 in two things: a key that was revoked for whatever reason has signed nothing, before that
/// neither; and where the certificate lets another key revoke it, what claims to be such a revocation revokes.
Status may_sign(const Certificate& certificate, std::int64_t now);
Status may_sign(const Certificate& certificate, const Subkey& subkey, std::int64_t now);

/// Made before now, not before the key, and not expired.
Status in_time(const Signature& signature, const PublicKey& key, std::int64_t now);

}  // namespace hallmark::image_policy::openpgp
