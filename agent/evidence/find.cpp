// SPDX-License-Identifier: Apache-2.0
#include "agent/evidence/find.hpp"

#include "agent/evidence/configfs_tsm.hpp"
#include "agent/evidence/simulated.hpp"
#include "agent/ports/framed_port.hpp"

namespace hallmark::guest {

Result<std::unique_ptr<Attester>> find_evidence(const Roots& roots, Deadline deadline) {
    HALLMARK_TRY(auto real, ConfigfsTsm::find(roots.sys + "/kernel/config/tsm/report"));
    if (real) return real;
    const auto path = find_port(roots, guest_port::kTeePort, deadline);
    if (!path) return nullptr;
    HALLMARK_CHECK(FramedPort::open(*path, after(SharedSimulated::kPortIsFree)));
    return std::make_unique<SharedSimulated>(*path);
}

}  // namespace hallmark::guest
