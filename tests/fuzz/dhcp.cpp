// SPDX-License-Identifier: Apache-2.0
// Attacker: anyone on the guest's network, the host first of all, who answers its DHCP questions.
// Size cap: 1500 bytes, the longest answer that is read.
#include "agent/network/dhcp_message.hpp"

#include "tests/fuzz/target.hpp"
#include "tests/support/synthetic_dhcp.hpp"

namespace hallmark::fuzz {
namespace {

using namespace hallmark::test;
namespace dhcp = guest::dhcp;

std::vector<Bytes> seeds() {
    return {dhcp_answer({kOffer, kServer, kMask, kRouter, kNames, kLease}),
            dhcp_answer({kAck, kServer, kMask, kRouter, kNames, kLease}), dhcp_answer({"350106", kServer}),
            dhcp_answer({"00", kOffer, kServer, "0102ffff", "0102ff00", kLease}),
            dhcp_answer({kOffer, kServer, kMask, kLease, "06100a0000010a0000020a0000030a000004"})};
}

/// Whether other machines can have it.
bool is_host(ByteSpan address) { return address[0] != 0 && address[0] != 127 && address[0] < 224; }

void attempt(ByteSpan input) {
    for (const bool offered : {false, true}) {
        const auto answer = dhcp::parse(input, dhcp_question(offered));
        if (!answer) continue;
        require(offered || answer->kind == dhcp::Kind::kOffer, "an answer is one to the question");
        if (answer->kind == dhcp::Kind::kNak) continue;
        require(is_host(answer->subnet.address.span()), "the address is that of a host");
        require(answer->subnet.prefix >= 1 && answer->subnet.prefix <= 30, "the prefix is that of a network");
        require(!answer->gateway || (is_host(answer->gateway->span()) && *answer->gateway != answer->subnet.address),
                "the gateway is another host");
        require(answer->name_servers.size() <= dhcp::kMostNameServers, "name servers are few");
        for (const auto& server : answer->name_servers) require(is_host(server.span()), "name servers are hosts");
        require(answer->lease >= dhcp::kShortestLease && answer->lease <= dhcp::kLongestLease, "leases are bounded");
    }
}

}  // namespace

const Target kTarget{.largest = dhcp::kLargest, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
