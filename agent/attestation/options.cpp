// SPDX-License-Identifier: Apache-2.0
#include "agent/attestation/options.hpp"

#include <utility>

#include "agent/ttrpc/socket.hpp"

namespace hallmark::attestation {
namespace {

constexpr const char* kDefaultSocket = "unix:///run/confidential-containers/attestation-agent/attestation-agent.sock";
constexpr const char* kHelp =
    "attestation-agent: gives evidence of this guest, and gets tokens for it\n"
    "\n"
    "Usage: attestation-agent [OPTIONS]\n"
    "\n"
    "  -a, --attestation_sock unix:///PATH   where it listens (default\n"
    "                    unix:///run/confidential-containers/attestation-agent/attestation-agent.sock)\n"
    "  -c, --config-file FILE                its configuration, TOML or JSON; without one, the key broker's address "
    "comes\n"
    "                    from AA_KBC_PARAMS or the kernel's agent.aa_kbc_params: cc_kbc::https://HOST[:PORT]\n"
    "  --initdata-toml FILE                  stop unless the launch was bound to this init-data\n"
    "  --initdata-digest BASE64              the same, by its digest\n"
    "  --version                             prints the version\n"
    "  -h, --help                            prints this\n"
    "\n"
    "Example: attestation-agent -c /run/confidential-containers/initdata/aa.toml\n";

}  // namespace

guest::Arguments accepted_arguments() {
    return {"attestation-agent",
            kHelp,
            {{"--attestation_sock", "unix:///PATH", "-a"},
             {"--config-file", "FILE", "-c"},
             {"--initdata-toml", "FILE"},
             {"--initdata-digest", "BASE64"}}};
}

Result<Options> options_of(const guest::Arguments& arguments) {
    auto socket = ttrpc::socket_path(arguments.value("--attestation_sock").value_or(kDefaultSocket));
    if (!socket) return std::unexpected(socket.error().at("--attestation_sock"));
    Options options{.socket = std::move(*socket),
                    .config = arguments.value("--config-file").value_or(""),
                    .init_data = arguments.value("--initdata-toml").value_or(""),
                    .init_data_digest = arguments.value("--initdata-digest").value_or("")};
    if (!options.init_data.empty() && !options.init_data_digest.empty())
        return bad_input("--initdata-toml and --initdata-digest, expected one of them");
    return options;
}

}  // namespace hallmark::attestation
