// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/tdx/trust_domain.hpp"

#include <string>
#include <utility>

namespace hallmark::boot {

using guest_port::Frame;
using guest_port::Type;

Result<TrustDomain> TrustDomain::make(const TdxChain& chain, const tdx::Measurement& mr_td,
                                      const tdx::Measurement& mr_config_id, std::vector<Extension> extensions,
                                      Attack attack) {
    HALLMARK_TRY(auto enclave, QuotingEnclave::make(chain));
    TrustDomain domain(std::move(enclave), std::move(extensions));
    domain.mr_td_ = mr_td;
    domain.mr_config_id_ = mr_config_id;
    domain.attack_ = attack;
    return domain;
}

TdFacts TrustDomain::facts() const {
    TdFacts facts{.mr_td = mr_td_, .mr_config_id = mr_config_id_, .rtmr = replay(extensions_)};
    facts.rtmr.at(guest_port::kGuestRegister) = rtmr3_;
    return facts;
}

Result<Frame> TrustDomain::answer(const Frame& request) {
    switch (request.type) {
        case Type::kAttestRequest:
            return attested(request);
        case Type::kExtendRequest:
            return extended(request);
        default:
            return guest_port::failure(request.request, "unknown request; this processor makes TDX quotes");
    }
}

Result<Frame> TrustDomain::attested(const Frame& request) const {
    const auto wanted = guest_port::parse_attest_request(request.payload);
    if (!wanted) return guest_port::failure(request.request, wanted.error().message);
    if (wanted->vmpl != 0) return guest_port::failure(request.request, "a VMPL, which TDX does not have");
    guest_port::Evidence evidence{.source = guest_port::Source::kSimulated, .kind = guest_port::Kind::kTdxQuote};
    HALLMARK_TRY(evidence.report, enclave_.quote(td_report(facts(), wanted->report_data), version_));
    evidence.event_log = guest_log(extensions_);
    HALLMARK_CHECK(change_served_log(attack_, evidence.event_log));
    Bytes payload = guest_port::encode_evidence(evidence);
    if (payload.size() > guest_port::kLargestPayload)
        return guest_port::failure(request.request, "an event log of " + std::to_string(evidence.event_log.size()) +
                                                        " bytes, which does not fit into a message with the quote");
    return Frame{Type::kAttested, request.request, std::move(payload)};
}

// "TDG.MR.RTMR.EXTEND": all four registers are a guest's to extend there; here the firmware's are closed once the guest
// runs, since what it would extend into them is what the firmware had to.
Frame TrustDomain::extended(const Frame& request) {
    const auto wanted = guest_port::parse_extend_request(request.payload);
    if (!wanted) return guest_port::failure(request.request, wanted.error().message);
    Hasher<Sha384> hasher;
    hasher.update(rtmr3_);
    hasher.update(wanted->digest);
    rtmr3_ = hasher.finish();
    return {Type::kExtended, request.request, {}};
}

}  // namespace hallmark::boot
