// SPDX-License-Identifier: Apache-2.0
// hallmark-kbs serve: the key broker, until it is told to stop.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/descriptor.hpp"
#include "common/hex.hpp"
#include "common/json.hpp"
#include "relying-party/broker/broker.hpp"
#include "relying-party/broker/server.hpp"
#include "relying-party/broker/tls_identity.hpp"
#include "relying-party/cli.hpp"
#include "relying-party/cli_relying_party.hpp"

namespace hallmark::cli {
namespace {

struct ServeOptions {
    RelyingPartyOptions relying_party;
    std::string data;
    std::string listen = "127.0.0.1:8080";
    std::string certificate;
    std::string key;
    std::vector<std::string> names;
    bool insecure_http = false;
    bool json = false;
};

struct Place {
    std::string address;
    std::uint16_t port = 0;
};

/// "127.0.0.1:8080", "[::1]:8080"
Result<Place> parse_place(const std::string& text) {
    const auto colon = text.rfind(':');
    if (colon == std::string::npos) return bad_input("--listen '" + text + "': expected ADDRESS:PORT");
    const auto port = parse_number(text.substr(colon + 1));
    if (!port || *port > 65535) return bad_input("--listen '" + text + "': expected a port from 0 to 65535");
    std::string address = text.substr(0, colon);
    if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
    return Place{std::move(address), static_cast<std::uint16_t>(*port)};
}

Result<std::optional<broker::TlsIdentity>> identity(const ServeOptions& options, const Place& place) {
    if (options.insecure_http) {
        if (!options.certificate.empty() || !options.key.empty())
            return bad_input("--insecure-http: goes without --certificate and --key");
        return std::nullopt;
    }
    if (options.certificate.empty() != options.key.empty())
        return bad_input("--certificate and --key: give both, or neither for a self-signed one");
    if (!options.certificate.empty()) return broker::read_tls_identity(options.certificate, options.key);
    auto names = options.names;
    for (const std::string& name :
         {std::string("localhost"), std::string("127.0.0.1"), std::string("::1"), place.address})
        if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    return broker::own_tls_identity(options.data, names);
}

void warn(const std::string& text) { std::fprintf(stderr, "hallmark-kbs: WARNING: %s\n", text.c_str()); }

/// What a caller needs to know before the first request, at once: a program may wait for it.
Status announce(const ServeOptions& options, const Place& place, std::uint16_t port, const std::string& fingerprint) {
    const bool is_v6 = place.address.find(':') != std::string::npos;
    const std::string url = std::string(options.insecure_http ? "http" : "https") + "://" + (is_v6 ? "[" : "") +
                            place.address + (is_v6 ? "]" : "") + ":" + std::to_string(port);
    std::string text;
    if (options.json) {
        Json json;
        json["url"] = url;
        if (!fingerprint.empty()) json["certificate_sha256"] = fingerprint;
        if (!fingerprint.empty() && options.certificate.empty())
            json["certificate"] = (std::filesystem::path(options.data) / "tls.crt").string();
        text = json.dump() + "\n";
    } else {
        text = "listening on " + url + "\n";
        if (!fingerprint.empty()) text += "certificate SHA-256 " + fingerprint + "\n";
    }
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
        return bad_input("standard output: can't be written");
    return {};
}

void tell_hangup(const std::string& text) { std::fprintf(stderr, "hallmark-kbs: SIGHUP: %s\n", text.c_str()); }

/// What the broker does on SIGHUP: everything that its owner may have put in another's place, and no more.
void reread(const ServeOptions& options, const Place& place, const RelyingParty& party, broker::Server& server) {
    for (const auto& line : party.reread()) tell_hangup(line);
    if (!options.insecure_http) {
        const auto found = identity(options, place);
        const auto shown = found ? server.show(**found) : Status(std::unexpected(found.error()));
        tell_hangup(shown ? "certificate: read again, SHA-256 " + (*found)->fingerprint
                          : "certificate: stays as it was: " + shown.error().message);
    }
    tell_hangup(
        "not read again: administrator's key, master key, roots and other certificates, collateral; for these "
        "start anew");
}

Result<Answer> serve(const ServeOptions& options) {
    ::umask(077);
    // Until the server takes it: whoever rotates logs must not end a broker that starts.
    if (std::signal(SIGHUP, SIG_IGN) == SIG_ERR) return std::unexpected(system_error("SIGHUP"));
    HALLMARK_TRY(const Place place, parse_place(options.listen));
    auto relying_party = options.relying_party;
    relying_party.data = options.data;
    HALLMARK_TRY(const auto party, open_relying_party(relying_party));
    for (const auto& root : relying_party.simulated_roots)
        warn("evidence under the simulated root " + root + " is accepted; no hardware vouches for it");
    if (relying_party.admin_key.empty()) warn("without --admin-key nobody can store resources or values over HTTP");
    broker::ServerOptions server;
    server.address = place.address;
    server.port = place.port;
    HALLMARK_TRY(server.tls, identity(options, place));
    if (!server.tls) warn("plain HTTP: tokens and what administrators send can be read on the way");
    const std::string fingerprint = server.tls ? server.tls->fingerprint : "";
    broker::Broker broker(party.services);
    std::unique_ptr<broker::Server> running;
    server.on_hangup = [&] { reread(options, place, party, *running); };
    HALLMARK_TRY(running, broker::Server::start(
                              server, [&broker](const broker::Request& request) { return broker.handle(request); }));
    HALLMARK_CHECK(announce(options, place, running->port(), fingerprint));
    running->run();
    return Answer("");
}

void add_texts(CLI::App& app, ServeOptions& options) {
    auto& party = options.relying_party;
    const auto text = [&app](const char* name, std::string& into, const char* type, const char* description) {
        return app.add_option(name, into, description)->type_name(type);
    };
    text("--data", options.data, "DIR", "Folder of store, keys, reference values, policies and audit log")->required();
    text("--listen", options.listen, "ADDRESS:PORT", "Where to listen (default 127.0.0.1:8080); port 0: any, printed");
    text("--certificate", options.certificate, "FILE", "TLS certificate, PEM (default self-signed, made in DIR)");
    text("--key", options.key, "FILE", "Its key, PEM");
    text("--master-key", party.master_key.name, "KEY",
         "What the store is encrypted under: a file of 32 bytes, credential:NAME for one of systemd's, or the PKCS#11 "
         "URI of a key in a token (default DIR/master.key, made)");
    text("--pkcs11-module", party.master_key.module, "FILE", "Library of the token");
    text("--pkcs11-pin", party.master_key.pin_file, "FILE", "File with the PIN of the token's user");
    text("--admin-key", party.admin_key, "FILE", "Public key (Ed25519, PEM) of who administrates");
    text("--policy", party.appraisal_policy, "FILE", "Appraisal policy, kept in DIR from now on");
    text("--release-policy", party.release_policy, "FILE", "Which guest may read what, kept in DIR from now on");
    text("--collateral", party.collateral, "DIR", "Intel's TCB info, QE identity and revocation lists");
    text("--pccs", party.pccs.url, "URL",
         "Fetch them from a PCCS or from https://api.trustedservices.intel.com instead");
    text("--pccs-certificate", party.pccs.certificate, "FILE",
         "Its TLS certificate or authority, PEM, where it signed its own");
    text("--kds", party.kds, "URL", "Fetch what is missing from AMD's key distribution service or a mirror of it");
    app.add_option("--trust-simulated", party.simulated_roots,
                   "Accept evidence under this simulated root, for tests; may be given more than once")
        ->type_name("FILE")
        ->allow_extra_args(false);
}

}  // namespace

void add_serve_options(CLI::App& app, Run& run) {
    const auto options = std::make_shared<ServeOptions>();
    add_texts(app, *options);
    app.add_option("--certs", options->relying_party.endorsements, "AMD's certificates and revocation lists")
        ->type_name("FILE-OR-DIR");
    app.add_option("--tls-name", options->names, "One more host name or address in the self-signed certificate")
        ->type_name("NAME");
    app.add_flag("--insecure-http", options->insecure_http, "Plain HTTP");
    app.add_flag("--json", options->json, "Print the address and fingerprint as JSON");
    app.callback([options, &run] { run = [options] { return serve(*options); }; });
}

}  // namespace hallmark::cli
