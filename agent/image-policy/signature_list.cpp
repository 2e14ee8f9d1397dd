// SPDX-License-Identifier: Apache-2.0
#include "agent/image-policy/signature_list.hpp"

#include <cstdint>
#include <utility>

#include "agent/image-policy/signature_source.hpp"
#include "common/json.hpp"
#include "common/json_base64.hpp"
#include "common/text.hpp"

namespace hallmark::image_policy {
namespace {

constexpr std::uint64_t kSchemaVersion = 2;

}  // namespace

Result<std::vector<Bytes>> parse_signature_list(ByteSpan answer, const std::string& what) {
    if (answer.size() > kLargestSignatureList)
        return bad_input(what + ": " + std::to_string(answer.size()) + " bytes, expected at most " +
                         std::to_string(kLargestSignatureList));
    HALLMARK_TRY(const Json json, parse_json(text_of(answer), what));
    HALLMARK_TRY(const JsonObject object, JsonObject::of(json, what));
    HALLMARK_TRY(const Json* const list, object.array("signatures"));
    if (list->size() > kMostSignatures)
        return bad_input(object.path_of("signatures") + ": " + std::to_string(list->size()) + ", expected at most " +
                         std::to_string(kMostSignatures));
    std::vector<Bytes> signatures;
    for (std::size_t i = 0; i < list->size(); ++i) {
        HALLMARK_TRY(const JsonObject one,
                     JsonObject::of((*list)[i], object.path_of("signatures[" + std::to_string(i) + "]")));
        HALLMARK_TRY(const std::uint64_t version, one.number("schemaVersion"));
        HALLMARK_TRY(const std::string type, one.string("type"));
        if (version != kSchemaVersion || type != "atomic") continue;
        HALLMARK_TRY(Bytes content, base64_of(one, "content"));
        signatures.push_back(std::move(content));
    }
    return signatures;
}

}  // namespace hallmark::image_policy
