// SPDX-License-Identifier: Apache-2.0
// Attacker: a process in the guest that may call a daemon, with any payload; and a daemon, with any answer.
// Size cap: 16 KiB. The first byte chooses the message.
#include <proto/attestation_agent.pb.h>
#include <proto/confidential_data_hub.pb.h>
#include <proto/key_provider.pb.h>

#include <array>

#include "agent/ttrpc/envelope.hpp"
#include "agent/ttrpc/messages.hpp"
#include "tests/fuzz/target.hpp"

namespace hallmark::fuzz {
namespace {

/// What can be read is written so that it is read again as the same.
template <class Message>
void read(ByteSpan payload) {
    const auto message = ttrpc::parse<Message>(payload);
    if (!message) return;
    const Secret written = ttrpc::serialise(*message);
    const auto again = ttrpc::parse<Message>(written.bytes());
    require(again.has_value(), "what was written can be read");
    // A map has no order of its own; its size stays.
    require(again->ByteSizeLong() == written.bytes().size(), "nothing is lost on the way");
}

void read_envelopes(ByteSpan data) {
    if (const auto call = ttrpc::IncomingCall::decode(data))
        require(call->payload().size() <= data.size() && call->method().size() <= data.size(), "a part is no larger");
    if (const auto answer = ttrpc::decode_response(data))
        require(answer->bytes().size() <= data.size(), "a part is no larger");
}

constexpr std::array kMessages = {
    read_envelopes,
    read<attestation_agent::GetEvidenceRequest>,
    read<attestation_agent::GetTokenRequest>,
    read<attestation_agent::ExtendRuntimeMeasurementRequest>,
    read<attestation_agent::BindInitDataRequest>,
    read<attestation_agent::GetAdditionalTeesResponse>,
    read<api::UnsealSecretRequest>,
    read<api::GetResourceRequest>,
    read<api::SecureMountRequest>,
    read<api::PullImageRequest>,
    read<keyprovider::keyProviderKeyWrapProtocolInput>,
};

std::vector<Bytes> seeds() {
    attestation_agent::ExtendRuntimeMeasurementRequest extend;
    extend.set_domain("domain");
    extend.set_operation("operation");
    extend.set_content("content");
    extend.set_registerindex(17);
    api::SecureMountRequest mount;
    mount.set_volume_type("block-device");
    (*mount.mutable_options())["deviceId"] = "8:0";
    mount.add_flags("ro");
    mount.set_mount_point("/run/x");
    std::vector<Bytes> all;
    const auto add = [&all](std::uint8_t which, ByteSpan message) {
        all.push_back({which});
        append(all.back(), message);
    };
    add(0, ByteSpan(ttrpc::request_frame(1, "s", "m", as_bytes("payload"), {})).subspan(sizeof(ttrpc::Header)));
    add(0, ByteSpan(ttrpc::response_frame(1, ttrpc::failure(ttrpc::Code::kNotFound, "why")))
               .subspan(sizeof(ttrpc::Header)));
    add(3, ttrpc::serialise(extend).bytes());
    add(8, ttrpc::serialise(mount).bytes());
    return all;
}

void attempt(ByteSpan input) {
    if (!input.empty()) kMessages[input.front() % kMessages.size()](input.subspan(1));
}

}  // namespace

const Target kTarget{.largest = 16U << 10, .seeds = seeds, .attempt = attempt};

}  // namespace hallmark::fuzz
