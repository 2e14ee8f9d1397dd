// SPDX-License-Identifier: Apache-2.0
// layer-keys-driver ANNOTATIONS.json jwe KEY.pem
// layer-keys-driver ANNOTATIONS.json pkcs7 KEY.pem CERTIFICATE.pem
// Unwraps the key of a layer and prints it in hex, with the digest that the layer has to have when it is decrypted.
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "agent/layer-keys/jwe_key.hpp"
#include "agent/layer-keys/pkcs7_key.hpp"
#include "common/file.hpp"
#include "common/hex.hpp"
#include "common/json.hpp"

namespace hallmark {
namespace {

constexpr std::size_t kLargestFile = 1024 * 1024;

Result<layer_keys::Unwrappers> unwrappers(std::span<char*> arguments) {
    layer_keys::Unwrappers made;
    const std::string scheme = arguments[0];
    HALLMARK_TRY(const Bytes key, read_file(arguments[1], kLargestFile));
    if (scheme == "jwe") {
        HALLMARK_TRY(auto pair, jose::KeyPair::from_pem(key, arguments[1]));
        made.push_back(std::make_unique<layer_keys::JweKey>(std::move(pair)));
        return made;
    }
    HALLMARK_TRY(const Bytes certificate, read_file(arguments[2], kLargestFile));
    HALLMARK_TRY(auto pair, layer_keys::Pkcs7Key::from_pem(key, certificate, arguments[1]));
    made.push_back(std::make_unique<layer_keys::Pkcs7Key>(std::move(pair)));
    return made;
}

Status run(std::span<char*> arguments) {
    HALLMARK_TRY(const Json json, read_json(arguments[1], kLargestFile));
    oci::Annotations annotations;
    for (const auto& [name, value] : json.items()) annotations[name] = value.get<std::string>();
    HALLMARK_TRY(const auto keys, unwrappers(arguments.subspan(2)));
    HALLMARK_TRY(const auto key, layer_keys::decryption_key(annotations, keys));
    std::printf("%s %s\n", to_hex(key.unwrapped.key.bytes()).c_str(), key.unwrapped.digest.text().c_str());
    return {};
}

}  // namespace
}  // namespace hallmark

int main(int count, char** values) {
    const std::span arguments(values, static_cast<std::size_t>(count));
    if (count < 4 || (std::string(values[2]) == "pkcs7" && count < 5)) return 2;
    const auto status = hallmark::run(arguments);
    if (status) return 0;
    std::fprintf(stderr, "layer-keys-driver: %s\n", status.error().message.c_str());
    return status.error().exit_status();
}
