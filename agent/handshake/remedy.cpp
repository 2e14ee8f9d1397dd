// SPDX-License-Identifier: Apache-2.0
#include "agent/handshake/remedy.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace hallmark::handshake {
namespace {

constexpr int kFirstFault = 500;

struct Remedy {
    std::string_view type;  ///< of the broker's error
    std::string_view words;
};
// Source of the types: Confidential Containers, Trustee's kbs/docs/kbs_attestation_protocol.md, "Error handling".
constexpr std::array<Remedy, 8> kRemedies{{
    {"AttestationError",
     "the reason is the broker's: a root that it does not trust (a simulated TEE needs --trust-simulated), a "
     "certificate or collateral that is missing, or evidence that was changed; hallmark-kbs verify says more"},
    {"InvalidRequestPath", "name the secret as REPOSITORY/TYPE/TAG"},
    {"PluginInternalError", "ask whoever owns the broker whether the secret is stored (hallmark-kbs set-resource)"},
    {"PluginNotFound", "this broker gives out no resources: check the address"},
    {"PolicyDeny",
     "if the verdict is not affirming, register the reference values of this image and platform (hallmark-kbs "
     "reference-values add); else change the rule for this path (hallmark-kbs set-release-policy)"},
    {"PolicyEngineError", "correct the broker's release policy (hallmark-kbs set-release-policy)"},
    {"TokenNotFound", "the session is over or the broker was started anew: run this once more"},
    {"TokenVerifierError", "the token is over, or not this broker's; compare its clock with the one here"},
}};

std::string_view of_cause(http::Cause cause) {
    switch (cause) {
        case http::Cause::kName:
            return "check the host's name in the address, and that this guest has a name server";
        case http::Cause::kConnection:
            return "check that the broker runs at this address and port, and that no firewall is between";
        case http::Cause::kTime:
            return "the broker is slow, or packets are dropped on the way: check the route and the broker's load";
        case http::Cause::kTls:
            return "check that TLS is spoken at this address; a broker that speaks plain HTTP is at http://, and "
                   "needs --insecure-http";
        case http::Cause::kCertificate:
            return "give the broker's certificate with --kbs-cert, and use the host name or address that is in it";
        case http::Cause::kClock:
            return "set the clock here, or renew the broker's certificate; openssl x509 -noout -dates -in FILE shows "
                   "its dates";
        case http::Cause::kOther:
            break;
    }
    return "check the address";
}

}  // namespace

std::string remedy_for(const kbs::Exchange& exchange) {
    if (exchange.cause) return std::string(of_cause(*exchange.cause));
    if (exchange.may_pass) return "the broker is busy: try again later";
    const auto* const found = std::ranges::find(kRemedies, exchange.refusal.type, &Remedy::type);
    if (found != kRemedies.end()) return std::string(found->words);
    if (exchange.status >= kFirstFault) return "the fault is the broker's, or a proxy's in front of it: see its log";
    return "check that a key broker of this protocol is at this address";
}

}  // namespace hallmark::handshake
