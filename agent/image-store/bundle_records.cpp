// SPDX-License-Identifier: Apache-2.0
#include "agent/image-store/bundle_records.hpp"

#include <unistd.h>
#include <cerrno>
#include <cstddef>
#include <system_error>

#include "common/bytes.hpp"
#include "common/descriptor.hpp"
#include "common/digest.hpp"
#include "common/file.hpp"
#include "common/hex.hpp"
#include "common/json.hpp"

namespace hallmark::store {
namespace {

/// A bundle has at most 500 layers of a digest each.
constexpr std::size_t kLargestRecord = 256 * 1024;

Result<BundleRecord> parse(const std::filesystem::path& file) {
    HALLMARK_TRY(const Json json, read_json(file, kLargestRecord));
    HALLMARK_TRY(const JsonObject object, JsonObject::of(json, file.string()));
    HALLMARK_CHECK(object.only({"bundle", "reference", "manifest", "layers"}));
    BundleRecord record;
    HALLMARK_TRY(record.bundle, object.string("bundle"));
    HALLMARK_TRY(record.reference, object.string("reference"));
    HALLMARK_TRY(const std::string manifest, object.string("manifest"));
    HALLMARK_TRY(record.manifest, oci::Digest::parse(manifest));
    HALLMARK_TRY(const Json* layers, object.array("layers"));
    for (const auto& layer : *layers) {
        if (!layer.is_string()) return bad_input(object.path_of("layers") + ": expected digests");
        HALLMARK_TRY(record.layers.emplace_back(), oci::Digest::parse(layer.get_ref<const std::string&>()));
    }
    return record;
}

Status remove_file(const std::filesystem::path& file) {
    if (::unlink(file.c_str()) == 0 || errno == ENOENT) return {};
    return std::unexpected(system_error(file.string(), Fault::kNo));
}

}  // namespace

Result<BundleRecords> BundleRecords::open(const std::filesystem::path& store) {
    const auto folder = store / "bundles";
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed) return refused(folder.string() + ": " + failed.message());
    return BundleRecords(folder);
}

std::filesystem::path BundleRecords::file_of(const std::filesystem::path& bundle) const {
    return folder_ / (to_hex(sha256(as_bytes(bundle.string()))) + ".json");
}

Status BundleRecords::add(const BundleRecord& record) const {
    Json layers = Json::array();
    for (const auto& layer : record.layers) layers.push_back(layer.text());
    const Json json = {{"bundle", record.bundle.string()},
                       {"reference", record.reference},
                       {"manifest", record.manifest.text()},
                       {"layers", std::move(layers)}};
    return write_file(file_of(record.bundle), as_bytes(to_text(json)), 0600);
}

Status BundleRecords::remove(const std::filesystem::path& bundle) const { return remove_file(file_of(bundle)); }

Result<std::vector<BundleRecord>> BundleRecords::all() const {
    std::vector<BundleRecord> records;
    std::error_code failed;
    for (std::filesystem::directory_iterator entry(folder_, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        // What a write that was cut off left has another ending.
        if (entry->path().extension() != ".json") continue;
        HALLMARK_TRY(BundleRecord record, parse(entry->path()));
        std::error_code unknown;
        if (std::filesystem::exists(record.bundle, unknown) || unknown)
            records.push_back(std::move(record));
        else
            HALLMARK_CHECK(remove_file(entry->path()));
    }
    if (failed) return refused(folder_.string() + ": " + failed.message());
    return records;
}

std::set<oci::Digest> layers_of(const std::vector<BundleRecord>& records) {
    std::set<oci::Digest> layers;
    for (const auto& record : records) layers.insert(record.layers.begin(), record.layers.end());
    return layers;
}

}  // namespace hallmark::store
