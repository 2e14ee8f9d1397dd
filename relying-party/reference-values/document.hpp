// SPDX-License-Identifier: Apache-2.0
// The documents that reference values come in: ours, and the messages of a reference value provider service (RVPS).
// Source: confidential-containers/trustee v0.21.0, rvps/src/extractors/sample and the default CPU policy (names);
// AMD publication 56860, revision 1.58, section 4.3 (guest policy).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/json.hpp"
#include "common/result.hpp"

namespace hallmark::reference {

/// Larger documents are not read, in bytes; the values of an image with 3,000 launches have 1.3 MB.
constexpr std::size_t kLargestDocument = std::size_t{16} * 1024 * 1024;
constexpr std::size_t kMostValues = 65'536;  ///< of one document
constexpr std::size_t kLongestName = 256;    ///< bytes
constexpr std::size_t kLongestValue = 1024;  ///< bytes, as JSON

/// The values of one document, under the names that policies ask for.
struct Document {
    std::string source;  ///< "hallmark-guest 0.1.0", "rvps"
    std::string set;     ///< names these very values: "manifest …", "message …"
    std::vector<std::pair<std::string, Json>> values;
    /// Names whose values take the place of all that came from this source before, also where there are none now: so do
    /// messages of the service, and a flag that is registered anew must not stay allowed with both values.
    std::vector<std::string> replaces;
};

/// `reference-values.json` of hallmark-measure: the digests of its launches as snp_launch_measurement, and what its
/// guest policy says as snp_guest_abi_major, snp_guest_abi_minor, snp_smt_allowed and snp_single_socket.
Result<Document> read_hallmark(std::string_view text, const std::string& what);

/// A message {"version": "0.1.0", "type": "sample", "payload": BASE64} whose payload is a flat object of values or
/// lists of values.
Result<Document> read_message(std::string_view text, const std::string& what);

/// Either, told apart by "schema", which only ours has.
Result<Document> read_document(std::string_view text, const std::string& what);

/// One value that somebody types: its name and what it may be.
Status check_value(std::string_view name, const Json& value, const std::string& what);

}  // namespace hallmark::reference
