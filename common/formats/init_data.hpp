// SPDX-License-Identifier: Apache-2.0
// Init-data: what the owner of a guest hands to it through the host, bound to the launch by its digest. A TOML
// document, and the disk on which a runtime gives it to the guest. Source: confidential-containers/trustee,
// kbs/docs/initdata.md, revision 78962cd; kata-containers, src/runtime/pkg/katautils/initdata (the disk), revision
// 7c6ba40.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/bytes.hpp"
#include "common/formats/init_data_digest.hpp"
#include "common/result.hpp"

namespace hallmark::init_data {

/// Larger documents are not read, in bytes; the largest seen, with a generated policy, have 200 KB.
constexpr std::size_t kLargestDocument = std::size_t{4} * 1024 * 1024;

struct Document {
    std::string version;
    Algorithm algorithm = Algorithm::kSha256;
    std::map<std::string, std::string> data;  ///< by name: "aa.toml", "cdh.toml", "policy.rego"
    std::vector<std::string> unknown;         ///< keys that mean nothing beside these three
};

/// Version 0.1.0, an algorithm that is known, and texts as data; other keys are passed over, as other readers do.
/// `what` names the document in errors.
Result<Document> parse_document(std::string_view text, const std::string& what);

/// Whether these are the first bytes of an init-data disk.
bool is_disk(ByteSpan bytes);

/// The document on a disk, unpacked: "initdata", its compressed length, the document as gzip. What stands behind is not
/// looked at: the disk ends with a sector. `what` names the disk in errors.
Result<Bytes> read_disk(ByteSpan bytes, const std::string& what);

/// A disk with this document, whole sectors of 512 bytes; the same bytes for the same document, on every host.
Bytes make_disk(ByteSpan document);

}  // namespace hallmark::init_data
