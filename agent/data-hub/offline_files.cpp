// SPDX-License-Identifier: Apache-2.0
#include "agent/data-hub/offline_files.hpp"

#include <openssl/crypto.h>

#include <system_error>

#include "common/base64.hpp"
#include "common/file.hpp"
#include "common/json.hpp"
#include "common/text.hpp"

namespace hallmark::hub {
namespace {

constexpr std::size_t kLargestFile = 16 * 1024 * 1024;

}  // namespace

Status OfflineFiles::parse(std::string_view text, const std::string& what, Secrets& into) {
    HALLMARK_TRY(Json json, parse_json(text, what));
    HALLMARK_TRY(const JsonObject object, JsonObject::of(json, what));
    Status status;
    for (auto& [name, value] : json.items()) {
        if (!value.is_string()) return bad_input(object.path_of(name) + ": expected base64");
        auto& encoded = value.get_ref<std::string&>();
        auto bytes = from_base64(encoded);
        OPENSSL_cleanse(encoded.data(), encoded.size());
        if (!bytes && status) status = std::unexpected(bytes.error().at(object.path_of(name)));
        if (bytes) into.insert_or_assign(name, Secret(*std::move(bytes)));
    }
    return status;
}

Result<OfflineFiles::Secrets> OfflineFiles::read(std::span<const std::filesystem::path> files) {
    Secrets secrets;
    for (const auto& path : files) {
        std::error_code ignored;
        if (!std::filesystem::exists(path, ignored)) continue;
        HALLMARK_TRY(Bytes bytes, read_file(path, kLargestFile));
        const Secret text(std::move(bytes));
        HALLMARK_CHECK(parse(text_of(text.bytes()), path.string(), secrets));
    }
    return secrets;
}

Result<Secret> OfflineFiles::get(const kbs::ResourceUri& uri, Deadline /*deadline*/) {
    if (!uri.is_resource()) return refused(uri.text() + ": offline_fs_kbc has no plugins, only resources");
    const auto found = secrets_.find(uri.path);
    if (found == secrets_.end()) return refused(uri.text() + ": no such resource in the files of offline_fs_kbc");
    const auto bytes = found->second.bytes();
    return Secret(Bytes(bytes.begin(), bytes.end()));
}

}  // namespace hallmark::hub
