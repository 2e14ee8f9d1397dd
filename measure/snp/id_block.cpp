// SPDX-License-Identifier: Apache-2.0
#include "measure/snp/id_block.hpp"

#include "common/hex.hpp"

namespace hallmark::snp {
namespace {

constexpr unsigned kFirstReservedPolicyBit = 26;

}  // namespace

Result<IdAuth> sign_id_block(const IdBlock& block, const SigningKey& id_key, const SigningKey* author_key) {
    IdAuth auth;
    auth.id_key_algorithm = kEcdsaP384Sha384;
    auth.id_key = id_key.public_key();
    HALLMARK_TRY(auth.id_block_signature, id_key.sign(as_bytes(block)));
    if (author_key == nullptr) return auth;
    auth.author_key_algorithm = kEcdsaP384Sha384;
    auth.author_key = author_key->public_key();
    HALLMARK_TRY(auth.id_key_signature, author_key->sign(as_bytes(auth.id_key)));
    return auth;
}

Status check_guest_policy(std::uint64_t policy) {
    if ((policy & kPolicyReservedMustBeOne) == 0)
        return bad_input("policy " + hex_number(policy) + ": bit 17 is 0, expected 1");
    if (policy >> kFirstReservedPolicyBit != 0)
        return bad_input("policy " + hex_number(policy) + ": a reserved bit from 26 on is 1, expected 0");
    return {};
}

}  // namespace hallmark::snp
