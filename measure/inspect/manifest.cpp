// SPDX-License-Identifier: Apache-2.0
#include "measure/image/manifest.hpp"

#include <string_view>

#include "common/text.hpp"
#include "measure/inspect/format.hpp"

namespace hallmark::inspect {
namespace {

bool is_manifest(ByteSpan bytes) {
    const std::string_view text = text_of(bytes);
    return text.starts_with("{") && text.find("\"hallmark/manifest/") != std::string_view::npos;
}

/// The document as it is: it was made to be read.
Result<Json> describe(ByteSpan bytes, const std::string& what) {
    HALLMARK_CHECK(parse_manifest(bytes, what));
    return parse_json(text_of(bytes), what);
}

}  // namespace

const Format kManifest{
    .name = "manifest", .title = "manifest of a guest image", .recognise = is_manifest, .describe = describe};

}  // namespace hallmark::inspect
