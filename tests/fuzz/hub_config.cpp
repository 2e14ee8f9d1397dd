// SPDX-License-Identifier: Apache-2.0
// Attacker: nobody by rights, since the configuration comes with init-data that the launch is bound to; but whoever
// writes init-data for others, and a host in front of a guest that does not check it.
// Size cap: 16 KiB; the program's own is 1 MiB, which only makes longer strings.
#include <optional>
#include <string>

#include "agent/data-hub/config.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

std::vector<Bytes> seeds() {
    return {
        seed("socket = 'unix:///a'\n[kbc]\nname = 'cc_kbc'\nurl = 'https://k'\nkbs_cert = ''\n[[credentials]]\n"
             "path = '/run/x'\nresource_uri = 'kbs:///a/b/c'\n[image]\nextra_root_certificates = ['x']\n"
             "[image.image_pull_proxy]\nhttps_proxy = 'x'\n[[image.registry_config.registry]]\nprefix = 'x'\n"
             "[[image.registry_config.registry.mirror]]\nlocation = 'x'\n"),
        seed(R"({"kbc":{"name":"offline_fs_kbc"},"log":{"level":"info"},"aa":{"aa_socket":"unix:///a"}})"),
        seed("agent.aa_kbc_params=cc_kbc::https://k cdh.kbs_resources=kbs:///a/b/c::/x,kbs:///a/b/d::/y"),
    };
}

void attempt(ByteSpan input) {
    const auto text = text_of(input);
    if (const auto config = hub::parse_config(text, "cdh.toml")) {
        require(config->kbc.name == "cc_kbc" || config->kbc.name == "offline_fs_kbc", "the source is one of two");
        require(config->kbc.name != "cc_kbc" || !config->kbc.url.empty(), "a broker has an address");
        const auto downloads = config->image.layers_at_once;
        require(downloads >= 1 && downloads <= 64, "bounds hold");
    }
    hub::Config config;
    const auto none = [](const char*) -> std::optional<std::string> { return std::nullopt; };
    if (!hub::apply_surroundings(config, false, {none, std::string(text)})) return;
    require(config.kbc.name == "cc_kbc" || config.kbc.url.empty(), "only a broker has an address");
}

}  // namespace

const Target kTarget{.largest = 16 * 1024, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
