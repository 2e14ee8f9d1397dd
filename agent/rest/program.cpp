// SPDX-License-Identifier: Apache-2.0
#include "agent/rest/program.hpp"

#include <string>
#include <utility>

#include "agent/confinement/daemons.hpp"
#include "agent/confinement/privileges.hpp"
#include "agent/daemon/arguments.hpp"
#include "agent/daemon/say.hpp"
#include "agent/daemon/stop.hpp"
#include "agent/rest/server.hpp"
#include "agent/rest/ttrpc_services.hpp"
#include "agent/ttrpc/socket.hpp"

namespace hallmark::rest {
namespace {

constexpr const char* kProgram = "api-server-rest";
constexpr const char* kHelp =
    "api-server-rest: secrets, tokens and evidence over HTTP, for the containers of this guest\n"
    "\n"
    "Usage: api-server-rest [OPTIONS]\n"
    "\n"
    "  --features X     resource (default), attestation or all\n"
    "  --bind A:P       address and port (default 127.0.0.1:8006); only loopback peers are answered\n"
    "  --cdh_addr A     the data hub's socket (default unix:///run/confidential-containers/cdh.sock)\n"
    "  --aa_addr A      the attestation agent's (default unix:///run/confidential-containers/attestation-agent/\n"
    "                   attestation-agent.sock)\n"
    "  --version        prints the version\n"
    "  --help           prints this\n"
    "\n"
    "Example: api-server-rest --features all, then in a container:\n"
    "  curl http://127.0.0.1:8006/cdh/resource/default/key/one\n";

Status serve(const guest::Arguments& arguments) {
    HALLMARK_TRY(const guest::StopSignal stop, guest::StopSignal::open());
    HALLMARK_TRY(Features features, Features::parse(arguments.value("--features").value_or("resource")));
    HALLMARK_TRY(
        std::string hub,
        ttrpc::socket_path(arguments.value("--cdh_addr").value_or("unix:///run/confidential-containers/cdh.sock")));
    HALLMARK_TRY(std::string agent,
                 ttrpc::socket_path(arguments.value("--aa_addr")
                                        .value_or("unix:///run/confidential-containers/attestation-agent/"
                                                  "attestation-agent.sock")));
    TtrpcServices services{ttrpc::Client(std::move(agent)), ttrpc::Client(std::move(hub))};
    const Router router(services, std::move(features));
    HALLMARK_TRY(Server server, Server::listen(arguments.value("--bind").value_or("127.0.0.1:8006"),
                                               [&router](const Request& request) { return router.answer(request); }));
    HALLMARK_CHECK(confinement::give_up_privileges());
    HALLMARK_CHECK(confinement::confine_api_server());
    return server.run(stop.fd());
}

}  // namespace

int run_api_server(std::span<const char* const> words) {
    guest::Arguments arguments(kProgram, kHelp,
                               {{"--features", "resource, attestation or all", "-f"},
                                {"--bind", "ADDRESS:PORT", "-b"},
                                {"--cdh_addr", "unix://PATH", "-c"},
                                {"--aa_addr", "unix://PATH", "-a"}});
    if (const auto status = arguments.parse(words)) return *status;
    const auto done = serve(arguments);
    if (done) return 0;
    guest::say(kProgram, done.error().message);
    return done.error().exit_status();
}

}  // namespace hallmark::rest
