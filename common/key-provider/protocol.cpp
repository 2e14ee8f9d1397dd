// SPDX-License-Identifier: Apache-2.0
#include "common/key-provider/protocol.hpp"

#include <openssl/crypto.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include "common/base64.hpp"
#include "common/json.hpp"

namespace hallmark::key_provider {
namespace {

constexpr std::string_view kWhat = "key provider request";
constexpr std::uint64_t kLargestByte = 0xff;

std::unexpected<Error> expected_bytes(const std::string& where) {
    return bad_input(where + ": found no byte string, expected base64 or an array of integers up to 255");
}

/// The member, or nothing where it is missing or null: both mean that a half of the request is not used.
Json* member(Json& object, std::string_view key) {
    if (!object.is_object()) return nullptr;
    const auto found = object.find(std::string(key));
    return found == object.end() || found->is_null() ? nullptr : &*found;
}

Result<Json*> required(Json& object, std::string_view key, const std::string& where) {
    Json* const found = member(object, key);
    if (found == nullptr) return bad_input(where + "." + std::string(key) + ": missing, expected for this operation");
    return found;
}

/// Takes a byte string out of the document, and wipes it there.
Result<Secret> take_bytes(Json& json, const std::string& where) {
    if (json.is_string()) {
        auto& text = json.get_ref<std::string&>();
        auto bytes = from_base64(text);
        OPENSSL_cleanse(text.data(), text.size());
        if (!bytes) return std::unexpected(bytes.error().at(where));
        return Secret(*std::move(bytes));
    }
    if (!json.is_array()) return expected_bytes(where);
    Bytes bytes;
    bytes.reserve(json.size());
    bool all = true;
    for (auto& element : json) {
        const bool one = element.is_number_unsigned() && element.get<std::uint64_t>() <= kLargestByte;
        all = all && one;
        if (one) bytes.push_back(element.get<std::uint8_t>());
        element = 0;
    }
    Secret secret(std::move(bytes));
    if (!all) return expected_bytes(where);
    return secret;
}

std::string text_of(const Secret& secret) {
    const auto bytes = secret.bytes();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Result<Request> parse_wrap(Json& document, std::string_view provider) {
    const std::string where = std::string(kWhat) + ".keywrapparams";
    HALLMARK_TRY(Json * half, required(document, "keywrapparams", std::string(kWhat)));
    HALLMARK_TRY(Json * options, required(*half, "optsdata", where));
    HALLMARK_TRY(Secret secret, take_bytes(*options, where + ".optsdata"));
    if (secret.bytes().empty()) return bad_input(where + ".optsdata: empty, expected the options of a layer");
    HALLMARK_TRY(Json * config, required(*half, "ec", where));
    HALLMARK_TRY(Json * all, required(*config, "Parameters", where + ".ec"));
    HALLMARK_TRY(Json * own, required(*all, provider, where + ".ec.Parameters"));
    if (!own->is_array() || own->size() != 1)
        return bad_input(where + ".ec.Parameters." + std::string(provider) +
                         ": expected an array of one element: one key wraps a layer");
    HALLMARK_TRY(const Secret parameters, take_bytes(own->front(), where + ".ec.Parameters." + std::string(provider)));
    return WrapRequest{std::move(secret), text_of(parameters)};
}

Result<Request> parse_unwrap(Json& document) {
    const std::string where = std::string(kWhat) + ".keyunwrapparams";
    HALLMARK_TRY(Json * half, required(document, "keyunwrapparams", std::string(kWhat)));
    HALLMARK_TRY(Json * annotation, required(*half, "annotation", where));
    HALLMARK_TRY(const Secret bytes, take_bytes(*annotation, where + ".annotation"));
    return UnwrapRequest{text_of(bytes)};
}

/// Made in a buffer that never moves: the options have a key in them.
Secret answer(std::string_view half, std::string_view name, ByteSpan bytes) {
    constexpr std::size_t kMostDigits = 4;  // "255,"
    const std::string begin = "{\"" + std::string(half) + "\":{\"" + std::string(name) + "\":[";
    const std::string_view end = "]}}\n";
    Bytes text;
    text.reserve(begin.size() + kMostDigits * bytes.size() + end.size());
    append(text, as_bytes(begin));
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        std::array<char, kMostDigits> digits{};
        char* const first = digits.data();
        append(text, as_bytes(i == 0 ? "" : ","));
        const auto last = std::to_chars(first, first + digits.size(), bytes[i]).ptr;
        append(text, as_bytes(std::string_view(first, last)));
    }
    append(text, as_bytes(end));
    return Secret(std::move(text));
}

}  // namespace

Result<Request> parse_request(std::string_view text, std::string_view provider) {
    if (text.size() > kMostRequestBytes)
        return bad_input(std::string(kWhat) + ": more than " + std::to_string(kMostRequestBytes) + " bytes");
    HALLMARK_TRY(Json document, parse_json(text, kWhat));
    HALLMARK_TRY(const Json* field, required(document, "op", std::string(kWhat)));
    const std::string operation = field->is_string() ? field->get<std::string>() : "";
    if (operation == "keywrap") return parse_wrap(document, provider);
    if (operation == "keyunwrap") return parse_unwrap(document);
    return bad_input(std::string(kWhat) + ".op: another operation, expected keywrap or keyunwrap");
}

std::string unwrap_request(ByteSpan annotation) {
    return R"({"op":"keyunwrap","keywrapparams":null,"keyunwrapparams":{"dc":{"Parameters":{},"DecryptConfig":null},)"
           R"("annotation":")" +
           to_base64(annotation) + R"("}})";
}

Result<Secret> parse_unwrap_answer(std::string_view text) {
    constexpr std::string_view kAnswer = "key provider answer";
    if (text.size() > kMostRequestBytes)
        return bad_input(std::string(kAnswer) + ": more than " + std::to_string(kMostRequestBytes) + " bytes");
    HALLMARK_TRY(Json document, parse_json(text, kAnswer));
    HALLMARK_TRY(Json * half, required(document, "keyunwrapresults", std::string(kAnswer)));
    const std::string where = std::string(kAnswer) + ".keyunwrapresults";
    HALLMARK_TRY(Json * options, required(*half, "optsdata", where));
    return take_bytes(*options, where + ".optsdata");
}

Secret wrap_answer(std::string_view annotation) { return answer("keywrapresults", "annotation", as_bytes(annotation)); }

Secret unwrap_answer(const Secret& options) { return answer("keyunwrapresults", "optsdata", options.bytes()); }

}  // namespace hallmark::key_provider
