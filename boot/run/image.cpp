// SPDX-License-Identifier: Apache-2.0
#include "boot/run/image.hpp"

#include <fcntl.h>
#include <openssl/rand.h>

#include "common/hex.hpp"
#include "common/openssl.hpp"

namespace hallmark::boot {

Result<Image> Image::open(const std::filesystem::path& folder) {
    Image image;
    HALLMARK_TRY(image.manifest, read_manifest(folder));
    HALLMARK_TRY(image.values, read_reference_values(folder));
    if (image.values.manifest != image.manifest.sha256)
        return bad_input((folder / kReferenceValuesFile).string() +
                         ": made for another manifest.json; run hallmark-measure " + "reference-values " +
                         folder.string());
    return image;
}

Result<std::string> Image::command_line(std::string_view name) const {
    if (const auto* found = manifest.find_command_line(name)) return found->text;
    std::string names;
    for (const auto& known : manifest.command_lines) names += (names.empty() ? "" : ", ") + known.name;
    return bad_input("--command-line: unknown '" + std::string(name) + "'; the manifest has " + names);
}

Result<Sha384> Image::predicted(std::string_view command_line, std::string_view vcpu_type, unsigned vcpus) const {
    if (const auto* launch = values.snp.find(command_line, vcpu_type, vcpus)) return launch->launch_digest;
    return bad_input("no reference value for command line " + std::string(command_line) + ", " + std::to_string(vcpus) +
                     " vCPUs of type " + std::string(vcpu_type) +
                     "; reference-values.json has 1 to 64 vCPUs of QEMU's EPYC types");
}

Result<guest_port::Challenge> make_challenge() {
    guest_port::Challenge challenge;
    if (RAND_bytes(challenge.nonce.data(), static_cast<int>(challenge.nonce.size())) != 1)
        return std::unexpected(openssl::error("random numbers"));
    return challenge;
}

Result<FileDescriptor> open_console_file(const std::filesystem::path& path) {
    if (path.empty()) return FileDescriptor();
    FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!file.valid()) return std::unexpected(system_error(path.string()));
    return file;
}

std::string whose(const Sha384& digest, const Image& image) {
    const auto launches = image.values.snp.find(digest);
    if (launches.empty()) return "is not among the reference values";
    const auto& launch = *launches.front();
    return "is that of " + std::to_string(launch.vcpus) + " vCPUs of type " + launch.vcpu_type + " with command line " +
           launch.command_line;
}

}  // namespace hallmark::boot
