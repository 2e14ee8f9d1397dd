// SPDX-License-Identifier: Apache-2.0
#include "measure/image/manifest.hpp"

#include <string_view>

#include "measure/inspect/format.hpp"

namespace hallmark::inspect {
namespace {

bool is_manifest(ByteSpan bytes) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return text.starts_with("{") && text.find("\"hallmark/manifest/") != std::string_view::npos;
}

/// The document as it is: it was made to be read.
Result<Json> describe(ByteSpan bytes, const std::string& what) {
    HALLMARK_CHECK(parse_manifest(bytes, what));
    return parse_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, what);
}

}  // namespace

const Format kManifest{
    .name = "manifest", .title = "manifest of a guest image", .recognise = is_manifest, .describe = describe};

}  // namespace hallmark::inspect
