// SPDX-License-Identifier: Apache-2.0
// Attacker: a host that has a kata-agent ask for a mount of its own.
// Size cap: 4 KiB; the program's own is 64 KiB, which only makes longer strings.
#include <google/protobuf/stubs/logging.h>
#include <proto/confidential_data_hub.pb.h>

#include "agent/storage/request.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

/// protobuf tells of each text that is no UTF-8.
[[maybe_unused]] const auto kQuiet = google::protobuf::SetLogHandler(nullptr);

std::vector<Bytes> seeds() {
    api::SecureMountRequest request;
    request.set_volume_type("block-device");
    auto& options = *request.mutable_options();
    options["deviceId"] = "254:32";
    options["sourceType"] = "encrypted";
    options["encryptionType"] = "luks2";
    options["key"] = "kbs:///default/key/disk";
    request.add_flags("ro");
    request.set_mount_point("/run/kata-containers/image/");
    return {seed(request.SerializeAsString())};
}

void attempt(ByteSpan input) {
    api::SecureMountRequest request;
    if (!request.ParseFromArray(input.data(), static_cast<int>(input.size()))) return;
    const auto volume = storage::read_request(request);
    if (!volume) return;
    require((volume->mount_point.starts_with("/run/kata-containers/") ||
             volume->mount_point.starts_with("/run/hallmark/volumes/")) &&
                volume->mount_point.find("/../") == std::string::npos && !volume->mount_point.ends_with("/.."),
            "mounts stay where they belong");
    require(volume->device_number || volume->device_path.starts_with("/dev/"), "a device is one of the kernel's");
    require((volume->content == storage::Content::kScratch) == volume->key.empty(), "only scratch has no key");
    require(volume->mapper_name.find('/') == std::string::npos, "a name is no path");
}

}  // namespace

const Target kTarget{.largest = 4UL * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
