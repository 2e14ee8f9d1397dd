// SPDX-License-Identifier: Apache-2.0
#include "agent/init/daemons.hpp"

#include <unistd.h>

#include "agent/daemon/step.hpp"

namespace hallmark::guest {
namespace {

const std::string kPrograms = "/usr/local/bin/";  // links to hallmark-guest
constexpr std::uint16_t kRestPort = 8006;
/// 48 zero bytes in base64: what HOSTDATA (its first 32) or MRCONFIGID holds of a launch that is bound to nothing.
const std::string kBoundToNothing(64, 'A');

/// Of whoever asks servers; libcurl takes these names in lower case.
std::vector<std::string> environment(const InitData* data) {
    std::vector<std::string> all{"PATH=/usr/sbin:/usr/bin"};
    if (data != nullptr && data->settings.pod && data->settings.pod->steps)
        all.push_back(std::string(kStepsWanted) + "=1");
    if (data == nullptr || !data->settings.network) return all;
    const auto& network = *data->settings.network;
    if (!network.https_proxy.empty()) all.push_back("https_proxy=" + network.https_proxy);
    if (!network.http_proxy.empty()) all.push_back("http_proxy=" + network.http_proxy);
    if (!network.no_proxy.empty()) all.push_back("no_proxy=" + network.no_proxy);
    return all;
}

}  // namespace

std::string Daemon::name() const { return argv.front().substr(argv.front().rfind('/') + 1); }

bool is_installed(const Daemon& daemon) { return ::access(daemon.argv.front().c_str(), X_OK) == 0; }

Daemon attestation_agent(const InitData* data) {
    const std::string folder = kInitDataFolder;
    Daemon daemon{
        .argv = {kPrograms + "attestation-agent", "--attestation_sock", std::string("unix://") + kAgentSocket},
        .environment = environment(data),
        .socket = kAgentSocket,
        .essential = true};
    auto& argv = daemon.argv;
    // The host must not leave away what the launch names: then the agent ends as it does where something else lies
    // there.
    if (data == nullptr) argv.insert(argv.end(), {"--initdata-digest", kBoundToNothing});
    if (data != nullptr) argv.insert(argv.end(), {"--initdata-toml", folder + "/initdata.toml"});
    if (data != nullptr && data->has_agent_config) argv.insert(argv.end(), {"-c", folder + "/aa.toml"});
    return daemon;
}

Daemon confidential_data_hub(const InitData* data) {
    Daemon daemon{
        .argv = {kPrograms + "confidential-data-hub"}, .environment = environment(data), .socket = kHubSocket};
    if (data != nullptr && data->has_hub_config)
        daemon.argv.insert(daemon.argv.end(), {"-c", std::string(kInitDataFolder) + "/cdh.toml"});
    daemon.environment.emplace_back("OCICRYPT_KEYPROVIDER_CONFIG=/etc/ocicrypt_config.json");
    return daemon;
}

Daemon api_server_rest() {
    return {.argv = {kPrograms + "api-server-rest", "--features", "resource"},
            .environment = environment(nullptr),
            .port = kRestPort};
}

}  // namespace hallmark::guest
