// SPDX-License-Identifier: Apache-2.0
// How the digest of init-data is bound to a launch.
// Source: confidential-containers/trustee, kbs/docs/initdata.md, revision 78962cd: the digest is that of the document's
// very bytes, "truncated or padded with zeros at the end" to the size of the field.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "common/bytes.hpp"
#include "common/result.hpp"

namespace hallmark::init_data {

enum class Algorithm { kSha256, kSha384, kSha512 };

/// "sha256"
std::string_view name_of(Algorithm algorithm);
/// By that name; `what` names its place in errors.
Result<Algorithm> find_algorithm(std::string_view name, std::string_view what);

/// Of a document's very bytes: 32, 48 or 64.
Bytes digest(Algorithm algorithm, ByteSpan document);

/// HOSTDATA of SEV-SNP.
std::array<std::uint8_t, 32> host_data(ByteSpan digest);
/// MRCONFIGID of TDX.
std::array<std::uint8_t, 48> mr_config_id(ByteSpan digest);

}  // namespace hallmark::init_data
