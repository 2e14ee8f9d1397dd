// SPDX-License-Identifier: Apache-2.0
// Whether a policy lets an image run, from the command line, for tests that hold it against other programs.
//
//   image-policy-driver POLICY REFERENCE MANIFEST [REGISTRIES ATTACHMENTS [NOW]]
//
// MANIFEST: files with the image's manifest and the index that names it, separated by commas. REGISTRIES: a file of
// containers-registries.d(5). ATTACHMENTS: a folder with what the registry has: TAG.json for the manifest of a tag, and
// blobs by their digest in hexadecimal. NOW: seconds since 1970. Prints the verdict; resources of a key broker are
// files below $HALLMARK_RESOURCES.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "agent/image-policy/stored_signatures.hpp"
#include "agent/image-policy/verdict.hpp"
#include "common/file.hpp"
#include "common/hex.hpp"

namespace hallmark::image_policy {
namespace {

constexpr std::size_t kLargest = std::size_t{4} << 20;

std::string text_of(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

class Folder : public AttachmentStore {
public:
    explicit Folder(std::filesystem::path path) : path_(std::move(path)) {}
    Result<std::optional<Bytes>> manifest(const oci::Reference& tag, std::size_t limit) override {
        const auto file = path_ / (tag.tag + ".json");
        if (path_.empty() || !std::filesystem::exists(file)) return std::optional<Bytes>();
        HALLMARK_TRY(Bytes bytes, read_file(file, limit));
        return std::optional(std::move(bytes));
    }
    Result<Bytes> blob(const oci::Reference& /*repository*/, const oci::Descriptor& descriptor) override {
        return read_file(path_ / descriptor.digest.hex(), descriptor.size);
    }

    Result<std::optional<Bytes>> signature_list(const oci::Reference& /*image*/,
                                                const oci::Digest& /*manifest*/) override {
        return std::optional<Bytes>();
    }

private:
    std::filesystem::path path_;
};

Result<Bytes> resource(const std::string& uri) {
    const char* const folder = std::getenv("HALLMARK_RESOURCES");
    if (folder == nullptr) return refused("no resources here");
    return read_file(std::filesystem::path(folder) / uri.substr(std::string("kbs:///").size()), kLargest);
}

Result<std::string> run(const std::vector<std::string>& arguments) {
    HALLMARK_TRY(const Bytes policy_text, read_file(arguments[0], kLargest));
    HALLMARK_TRY(const Policy policy, Policy::parse(text_of(policy_text), arguments[0]));
    Image image;
    HALLMARK_TRY(image.reference, oci::Reference::parse(arguments[1]));
    std::vector<Bytes> manifests;
    for (std::string rest = arguments[2]; !rest.empty();) {
        const auto comma = rest.find(',');
        HALLMARK_TRY(Bytes manifest, read_file(rest.substr(0, comma), kLargest));
        manifests.push_back(std::move(manifest));
        rest.erase(0, comma == std::string::npos ? rest.size() : comma + 1);
    }
    image.manifests.assign(manifests.begin(), manifests.end());
    LookasideConfig config;
    if (arguments.size() > 3) {
        HALLMARK_TRY(const Bytes text, read_file(arguments[3], kLargest));
        HALLMARK_TRY(config, LookasideConfig::parse(text_of(text), arguments[3]));
    }
    Folder folder(arguments.size() > 4 ? arguments[4] : "");
    StoredSignatures source(std::move(config), {}, folder);
    std::int64_t now = std::time(nullptr);
    if (arguments.size() > 5) {
        HALLMARK_TRY(const std::uint64_t number, parse_number(arguments[5]));
        now = static_cast<std::int64_t>(number);
    }
    return check_image(policy, image, source, resource, now);
}

}  // namespace
}  // namespace hallmark::image_policy

int main(int count, char** values) {
    const std::vector<std::string> arguments(values + 1, values + count);
    if (arguments.size() < 3 || arguments.size() > 6) {
        std::fputs("image-policy-driver: expected POLICY REFERENCE MANIFEST [REGISTRIES ATTACHMENTS [NOW]]\n", stderr);
        return 2;
    }
    const auto verdict = hallmark::image_policy::run(arguments);
    std::fprintf(verdict ? stdout : stderr, "%s\n", verdict ? verdict->c_str() : verdict.error().message.c_str());
    return verdict ? 0 : verdict.error().exit_status();
}
