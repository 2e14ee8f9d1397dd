// SPDX-License-Identifier: Apache-2.0
#include "common/formats/tdx_evidence.hpp"

#include <cstddef>
#include <string_view>
#include <utility>

#include "common/base64.hpp"
#include "common/formats/event_log.hpp"
#include "common/formats/tdx_quote.hpp"

namespace hallmark::tdx {
namespace {

constexpr std::string_view kQuote = "quote";
constexpr std::string_view kEventLog = "cc_eventlog";

/// A field in base64 of at most so many bytes; the text's length is looked at before it is decoded.
Result<Bytes> bytes_of(const JsonObject& object, std::string_view key, std::size_t limit) {
    HALLMARK_TRY(const std::string text, object.string(key));
    if (text.size() / 4 * 3 > limit + 2)
        return bad_input(object.path_of(key) + ": " + std::to_string(text.size()) + " characters, expected at most " +
                         std::to_string(limit) + " bytes in base64");
    auto bytes = from_base64(text);
    if (!bytes) return std::unexpected(bytes.error().at(object.path_of(key)));
    return bytes;
}

}  // namespace

Result<Evidence> parse_evidence(const Json& json, const std::string& where) {
    HALLMARK_TRY(const auto object, JsonObject::of(json, where));
    HALLMARK_CHECK(object.only({kEventLog, kQuote}));
    Evidence evidence;
    HALLMARK_TRY(evidence.quote, bytes_of(object, kQuote, kLargestQuote));
    if (evidence.quote.empty()) return bad_input(object.path_of(kQuote) + ": found \"\", expected a quote in base64");
    if (!object.has(kEventLog) || json.find(kEventLog)->is_null()) return evidence;
    HALLMARK_TRY(Bytes log, bytes_of(object, kEventLog, event_log::kLargestLog));
    if (!log.empty()) evidence.event_log = std::move(log);
    return evidence;
}

Json to_json(const Evidence& evidence) {
    Json json = Json::object();
    json[std::string(kEventLog)] = evidence.event_log ? Json(to_base64(*evidence.event_log)) : Json();
    json[std::string(kQuote)] = to_base64(evidence.quote);
    return json;
}

}  // namespace hallmark::tdx
