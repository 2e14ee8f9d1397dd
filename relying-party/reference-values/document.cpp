// SPDX-License-Identifier: Apache-2.0
#include "relying-party/reference-values/document.hpp"

#include <algorithm>
#include <set>

#include "common/base64.hpp"
#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "common/hex.hpp"
#include "common/text.hpp"
#include "relying-party/reference-values/reference_values.hpp"

namespace hallmark::reference {
namespace {

constexpr std::string_view kSchema = "hallmark/reference-values/v1";
constexpr std::string_view kMessageVersion = "0.1.0";
constexpr std::size_t kLaunchDigestBytes = 48;

// Bits of the guest policy.
constexpr std::uint64_t kAbiMinor = 0xff;
constexpr int kAbiMajorShift = 8;
constexpr std::uint64_t kSmtAllowed = 1ULL << 16;
constexpr std::uint64_t kSingleSocket = 1ULL << 20;

Status check_name(std::string_view name, const std::string& what) {
    const bool printable = std::ranges::all_of(name, [](char c) { return c > ' ' && c <= '~'; });
    if (!name.empty() && name.size() <= kLongestName && printable) return {};
    return bad_input(what + ": a name of " + std::to_string(name.size()) + " bytes" +
                     (printable ? "" : " with others than printable ASCII") + ", expected 1 to " +
                     std::to_string(kLongestName) + " printable characters");
}

/// Lower-case hexadecimal of a digest.
Result<std::string> hex_field(const JsonObject& object, std::string_view key, std::size_t bytes) {
    HALLMARK_TRY(std::string text, object.string(key));
    const auto read = from_hex(text);
    if (!read || read->size() != bytes || to_hex(*read) != text)
        return bad_input(object.path_of(key) + ": expected " + std::to_string(2 * bytes) +
                         " lower-case hexadecimal digits, found " + std::to_string(text.size()) + " characters" +
                         (read ? "" : ", " + read.error().message));
    return text;
}

Status read_snp(const JsonObject& snp, const std::string& what, Document& into) {
    HALLMARK_CHECK(snp.only({"firmware", "kernel", "initrd_sha256", "command_lines", "policy", "launches"}));
    HALLMARK_TRY(const Json* launches, snp.array("launches"));
    std::set<std::string> seen;
    std::size_t index = 0;
    for (const Json& launch : *launches) {
        HALLMARK_TRY(const JsonObject object,
                     JsonObject::of(launch, what + ": snp.launches[" + std::to_string(index++) + "]"));
        HALLMARK_TRY(std::string digest, hex_field(object, "launch_digest", kLaunchDigestBytes));
        if (seen.insert(digest).second) into.values.emplace_back("snp_launch_measurement", std::move(digest));
        if (into.values.size() > kMostValues)
            return bad_input(what + ": more than " + std::to_string(kMostValues) + " launch digests");
    }
    if (seen.empty()) return bad_input(what + ": snp.launches is empty, expected one at least");
    HALLMARK_TRY(const std::string policy_text, snp.string("policy"));
    HALLMARK_TRY(const std::uint64_t policy, parse_number(policy_text));
    into.values.emplace_back("snp_guest_abi_major", policy >> kAbiMajorShift & 0xff);
    into.values.emplace_back("snp_guest_abi_minor", policy & kAbiMinor);
    into.values.emplace_back("snp_smt_allowed", (policy & kSmtAllowed) != 0);
    into.values.emplace_back("snp_single_socket", (policy & kSingleSocket) != 0);
    return {};
}

/// One name of a message: a value, or a list of them, each once.
Status read_name(const std::string& name, const Json& value, const std::string& what, Document& into) {
    const std::string place = what + ": payload: " + name;
    HALLMARK_CHECK(check_name(name, what + ": payload"));
    if (!value.is_array()) {
        HALLMARK_CHECK(check_value(name, value, place));
        into.values.emplace_back(name, value);
    } else {
        std::set<std::string> seen;
        for (const Json& one : value) {
            HALLMARK_CHECK(check_value(name, one, place));
            if (seen.insert(value_text(one)).second) into.values.emplace_back(name, one);
        }
    }
    if (into.values.size() + into.replaces.size() > kMostValues)
        return bad_input(what + ": payload: more than " + std::to_string(kMostValues) + " names and values");
    return {};
}

}  // namespace

Status check_value(std::string_view name, const Json& value, const std::string& what) {
    HALLMARK_CHECK(check_name(name, what));
    if (!value.is_string() && !value.is_boolean() && !value.is_number_integer())
        return bad_input(what + ": found " + std::string(value.type_name()) +
                         (value.is_number() ? " with a fraction" : "") +
                         ", expected a text, a whole number, a boolean or a list of them");
    const auto size = value_text(value).size();
    if (size > kLongestValue)
        return bad_input(what + ": a value of " + std::to_string(size) + " bytes, expected at most " +
                         std::to_string(kLongestValue));
    return {};
}

Result<Document> read_hallmark(std::string_view text, const std::string& what) {
    if (text.size() > kLargestDocument)
        return bad_input(what + ": " + std::to_string(text.size()) + " bytes, expected at most " +
                         std::to_string(kLargestDocument));
    HALLMARK_TRY(const Json json, parse_json(text, what));
    HALLMARK_TRY(const JsonObject object, JsonObject::of(json, what));
    HALLMARK_TRY(const std::string schema, object.string("schema"));
    if (schema != kSchema)
        return bad_input(object.path_of("schema") + ": found '" + schema.substr(0, kLongestName) + "', expected " +
                         std::string(kSchema));
    HALLMARK_CHECK(object.only({"schema", "name", "version", "locked", "manifest_sha256", "snp"}));
    HALLMARK_TRY(const std::string name, object.string("name"));
    HALLMARK_TRY(const std::string version, object.string("version"));
    Document document;
    document.source = name + " " + version;
    HALLMARK_CHECK(check_name(name, object.path_of("name")));
    HALLMARK_CHECK(check_name(version, object.path_of("version")));
    HALLMARK_TRY(const std::string manifest, hex_field(object, "manifest_sha256", sizeof(Sha256)));
    document.set = "manifest " + manifest;
    HALLMARK_TRY(const JsonObject snp, object.object("snp"));
    HALLMARK_CHECK(read_snp(snp, what, document));
    return document;
}

Result<Document> read_message(std::string_view text, const std::string& what) {
    if (text.size() > kLargestDocument)
        return bad_input(what + ": " + std::to_string(text.size()) + " bytes, expected at most " +
                         std::to_string(kLargestDocument));
    HALLMARK_TRY(const Json json, parse_json(text, what));
    HALLMARK_TRY(const JsonObject object, JsonObject::of(json, what));
    HALLMARK_CHECK(object.only({"version", "type", "payload"}));
    if (object.has("version")) {
        HALLMARK_TRY(const std::string version, object.string("version"));
        if (version != kMessageVersion)
            return bad_input(object.path_of("version") + ": found '" + version.substr(0, kLongestName) +
                             "', expected " + std::string(kMessageVersion));
    }
    HALLMARK_TRY(const std::string type, object.string("type"));
    if (type != "sample")
        return bad_input(object.path_of("type") + ": found '" + type.substr(0, kLongestName) +
                         "', expected sample, the one kind of message that is read here");
    HALLMARK_TRY(const std::string encoded, object.string("payload"));
    const auto payload = from_base64(encoded);
    if (!payload) return std::unexpected(payload.error().at(object.path_of("payload")));
    HALLMARK_TRY(const Json values, parse_json(text_of(*payload), what + ": payload"));
    if (!values.is_object())
        return bad_input(what + ": payload: found " + std::string(values.type_name()) +
                         ", expected an object of values");
    Document document{.source = "rvps", .set = "message " + to_hex(sha256(*payload)), .values = {}, .replaces = {}};
    for (const auto& [name, value] : values.items()) {
        HALLMARK_CHECK(read_name(name, value, what, document));
        document.replaces.push_back(name);
    }
    if (document.replaces.empty()) return bad_input(what + ": payload: no name in it, expected one at least");
    return document;
}

Result<Document> read_document(std::string_view text, const std::string& what) {
    if (text.size() > kLargestDocument)
        return bad_input(what + ": " + std::to_string(text.size()) + " bytes, expected at most " +
                         std::to_string(kLargestDocument));
    HALLMARK_TRY(const Json json, parse_json(text, what));
    return json.is_object() && json.contains("schema") ? read_hallmark(text, what) : read_message(text, what);
}

}  // namespace hallmark::reference
