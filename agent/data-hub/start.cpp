// SPDX-License-Identifier: Apache-2.0
#include "agent/data-hub/start.hpp"

#include <utility>

#include "common/json.hpp"

namespace hallmark::hub {
namespace {

constexpr std::string_view kOcicryptConfig = "ocicrypt_config.json";

}  // namespace

Status write_credentials(const std::vector<Credential>& credentials, const DataHub& hub, const SecretFolder& folder,
                         Deadline deadline) {
    std::vector<std::string> names;
    for (const auto& credential : credentials) {
        auto name = folder.name_of(credential.path);
        if (!name) return std::unexpected(name.error().at("credentials: path"));
        names.push_back(*std::move(name));
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto secret = hub.resource(credentials[i].resource_uri, deadline);
        if (!secret) return std::unexpected(secret.error().at("credential " + names[i]));
        HALLMARK_CHECK(folder.write(names[i], secret->bytes()));
    }
    return {};
}

Status write_ocicrypt_config(const std::string& socket, const SecretFolder& folder) {
    Json config;
    config["key-providers"]["attestation-agent"]["ttrpc"] = socket;
    const std::string text = config.dump(-1, ' ', false, Json::error_handler_t::replace);
    return folder.write(std::string(kOcicryptConfig), as_bytes(text));
}

}  // namespace hallmark::hub
