// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "agent/evidence/source.hpp"

namespace hallmark::guest {

/// Evidence that proves nothing, for trying out relying parties where no TEE is. Only ever by request of the
/// configuration. Source: Confidential Containers, Trustee, deps/verifier/src/sample, revision 78962cd.
class SampleEvidence final : public EvidenceSource {
public:
    [[nodiscard]] std::string_view tee() const override { return "sample"; }
    [[nodiscard]] std::string name() const override { return "sample, which proves nothing"; }
    Result<Json> evidence(ByteSpan data) override;
    /// Any: sample evidence is bound to none, and vouches for none.
    Status check_init_data(ByteSpan digest) override;
};

}  // namespace hallmark::guest
