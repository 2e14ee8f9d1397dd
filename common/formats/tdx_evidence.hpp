// SPDX-License-Identifier: Apache-2.0
// The evidence of a trust domain as the KBS protocol carries it: {"cc_eventlog": base64 or null, "quote": base64}.
// Source: confidential-containers/trustee, deps/verifier/src/tdx/mod.rs (TdxEvidence), revision 78962cd.
#pragma once

#include <optional>
#include <string>

#include "common/bytes.hpp"
#include "common/json.hpp"
#include "common/result.hpp"

namespace hallmark::tdx {

struct Evidence {
    Bytes quote;                     ///< at most kLargestQuote bytes; not parsed
    std::optional<Bytes> event_log;  ///< the log that the table CCEL names, runtime events behind it; not parsed
};

/// Exactly these keys; a log that is missing, null or "" is none. `where` names the object in errors.
Result<Evidence> parse_evidence(const Json& json, const std::string& where);

Json to_json(const Evidence& evidence);

}  // namespace hallmark::tdx
