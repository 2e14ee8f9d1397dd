// SPDX-License-Identifier: Apache-2.0
#include "agent/attestation/options.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include "agent/ttrpc/socket.hpp"

namespace hallmark::attestation {
namespace {

struct Option {
    std::string_view name;
    std::string Options::* into;
};
constexpr std::array<Option, 6> kOptions{{{"--attestation_sock", &Options::socket},
                                          {"-a", &Options::socket},
                                          {"--config-file", &Options::config},
                                          {"-c", &Options::config},
                                          {"--initdata-toml", &Options::init_data},
                                          {"--initdata-digest", &Options::init_data_digest}}};

std::unexpected<Error> unknown(std::string_view word) {
    return bad_input("'" + std::string(word.substr(0, 64)) +
                     "', expected --attestation_sock, --config-file, --initdata-toml or --initdata-digest; see --help");
}

Status use_socket(Options& options) {
    auto path = ttrpc::socket_path(options.socket);
    if (!path) return std::unexpected(path.error().at("--attestation_sock"));
    options.socket = std::move(*path);
    return {};
}

}  // namespace

Result<Options> parse_options(std::span<const char* const> words) {
    Options options;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string_view word = words[i];
        if (word == "--help" || word == "-h") {
            options.help = true;
            return options;
        }
        const auto equals = word.starts_with("--") ? word.find('=') : std::string_view::npos;
        const auto* const found = std::ranges::find(kOptions, word.substr(0, equals), &Option::name);
        if (found == kOptions.end()) return unknown(word);
        if (equals != std::string_view::npos) {
            options.*found->into = word.substr(equals + 1);
        } else if (++i < words.size()) {
            options.*found->into = words[i];
        } else {
            return bad_input(std::string(word) + " has no value; see --help");
        }
    }
    HALLMARK_CHECK(use_socket(options));
    if (!options.init_data.empty() && !options.init_data_digest.empty())
        return bad_input("--initdata-toml and --initdata-digest, expected one of them");
    return options;
}

const char* const kHelp =
    "attestation-agent: gives evidence of this guest, and gets tokens for it\n"
    "\n"
    "  -a, --attestation_sock unix:///PATH   where it listens (default\n"
    "                    unix:///run/confidential-containers/attestation-agent/attestation-agent.sock)\n"
    "  -c, --config-file FILE                its configuration, TOML or JSON; without one, the key broker's address "
    "comes\n"
    "                    from AA_KBC_PARAMS or the kernel's agent.aa_kbc_params: cc_kbc::https://HOST[:PORT]\n"
    "  --initdata-toml FILE                  stop unless the launch was bound to this init-data\n"
    "  --initdata-digest BASE64              the same, by its digest\n"
    "\n"
    "Example: attestation-agent -c /run/confidential-containers/initdata/aa.toml\n";

}  // namespace hallmark::attestation
