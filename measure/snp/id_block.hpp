// SPDX-License-Identifier: Apache-2.0
// The ID block and the ID authentication information structure: with them an owner signs the launch that he expects,
// and the security processor refuses to finish any other.
// Source: AMD "SEV Secure Nested Paging Firmware ABI Specification", publication 56860, revision 1.58, section 8.18
// (SNP_LAUNCH_FINISH), tables "ID Block" and "ID Authentication Information Structure"; chapter 10.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/endian.hpp"
#include "common/formats/snp_report.hpp"
#include "common/result.hpp"
#include "measure/snp/signing_key.hpp"

namespace hallmark::snp {

constexpr std::uint32_t kIdBlockVersion = 1;

struct IdBlock {
    Sha384 launch_digest{};                    // 00
    std::array<std::uint8_t, 16> family_id{};  // 30: the owner's to choose, like the next three
    std::array<std::uint8_t, 16> image_id{};   // 40
    Le32 version = kIdBlockVersion;            // 50: of this structure
    Le32 guest_svn;                            // 54
    Le64 policy;                               // 58: must be that of the launch
};
static_assert(sizeof(IdBlock) == 0x60 && alignof(IdBlock) == 1);
static_assert(offsetof(IdBlock, launch_digest) == 0x00 && offsetof(IdBlock, family_id) == 0x30);
static_assert(offsetof(IdBlock, image_id) == 0x40 && offsetof(IdBlock, version) == 0x50);
static_assert(offsetof(IdBlock, guest_svn) == 0x54 && offsetof(IdBlock, policy) == 0x58);

struct IdAuth {
    Le32 id_key_algorithm;                         // 000
    Le32 author_key_algorithm;                     // 004: 0 where there is no author key
    std::array<std::uint8_t, 56> reserved_008{};   // 008
    Signature id_block_signature;                  // 040: of the ID block, by the ID key
    PublicKey id_key;                              // 240
    std::array<std::uint8_t, 60> reserved_644{};   // 644
    Signature id_key_signature;                    // 680: of id_key, by the author key
    PublicKey author_key;                          // 880
    std::array<std::uint8_t, 892> reserved_c84{};  // c84
};
static_assert(sizeof(IdAuth) == 0x1000 && alignof(IdAuth) == 1);
static_assert(offsetof(IdAuth, id_key_algorithm) == 0x000 && offsetof(IdAuth, author_key_algorithm) == 0x004);
static_assert(offsetof(IdAuth, reserved_008) == 0x008 && offsetof(IdAuth, id_block_signature) == 0x040);
static_assert(offsetof(IdAuth, id_key) == 0x240 && offsetof(IdAuth, reserved_644) == 0x644);
static_assert(offsetof(IdAuth, id_key_signature) == 0x680 && offsetof(IdAuth, author_key) == 0x880);
static_assert(offsetof(IdAuth, reserved_c84) == 0xc84);

/// Signs a block with the ID key, and that key with the author key, if there is one.
Result<IdAuth> sign_id_block(const IdBlock& block, const SigningKey& id_key, const SigningKey* author_key);

/// A guest policy that the security processor accepts at all: bit 17 is one, the reserved bits 26 to 63 are zero
/// (section 4.3).
Status check_guest_policy(std::uint64_t policy);

}  // namespace hallmark::snp
