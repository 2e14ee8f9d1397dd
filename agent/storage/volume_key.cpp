// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/volume_key.hpp"

#include <openssl/rand.h>
#include <proto/confidential_data_hub.pb.h>

#include <chrono>

#include "agent/ttrpc/client.hpp"

namespace hallmark::storage {
namespace {

constexpr std::chrono::milliseconds kPatience{50'000};  // of every caller of the data hub
constexpr std::size_t kShortest = 32;
constexpr std::size_t kLongest = 8192;  // beyond it cryptsetup would take the beginning, where it is told a size
constexpr std::size_t kRandom = 64;

/// Takes a secret out of a message, whose own copy is wiped.
Secret take(std::string& field) {
    const auto bytes = as_bytes(field);
    Secret secret(Bytes(bytes.begin(), bytes.end()));
    wipe(field);
    return secret;
}

Result<Secret> ask(const std::string& hub_socket, const std::string& key) {
    const ttrpc::Client hub(hub_socket);
    if (key.starts_with("sealed.")) {
        api::UnsealSecretRequest request;
        request.set_secret(key);
        auto answer =
            hub.call<api::UnsealSecretResponse>("api.SealedSecretService", "UnsealSecret", request, kPatience);
        if (!answer) return refused("the volume's key: " + answer.error().message);
        return take(*answer->mutable_plaintext());
    }
    api::GetResourceRequest request;
    request.set_resourcepath(key);
    auto answer = hub.call<api::GetResourceResponse>("api.GetResourceService", "GetResource", request, kPatience);
    if (!answer) return refused("the volume's key: " + answer.error().message);
    return take(*answer->mutable_resource());
}

}  // namespace

Result<Secret> fetch_key(const std::string& hub_socket, const std::string& key) {
    HALLMARK_TRY(Secret secret, ask(hub_socket, key));
    const std::size_t size = secret.bytes().size();
    if (size >= kShortest && size <= kLongest) return secret;
    return refused("the volume's key: " + std::to_string(size) + " bytes, expected " + std::to_string(kShortest) +
                   " to " + std::to_string(kLongest) + ", all of them random");
}

Result<Secret> random_key() {
    Bytes bytes(kRandom);
    if (RAND_priv_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        return refused("the volume's key: no random bytes");
    return Secret(std::move(bytes));
}

}  // namespace hallmark::storage
