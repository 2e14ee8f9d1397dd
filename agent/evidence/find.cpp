// SPDX-License-Identifier: Apache-2.0
#include "agent/evidence/find.hpp"

#include "agent/evidence/configfs_tsm.hpp"
#include "agent/evidence/simulated.hpp"

namespace hallmark::guest {

Result<std::unique_ptr<Attester>> find_evidence(const Roots& roots, Deadline deadline) {
    HALLMARK_TRY(auto real, ConfigfsTsm::find(roots.sys + "/kernel/config/tsm/report"));
    if (real) return real;
    const auto path = find_port(roots, guest_port::kTeePort, deadline);
    if (!path) return nullptr;
    HALLMARK_TRY(auto port, FramedPort::open(*path));
    return std::make_unique<Simulated>(std::move(port));
}

}  // namespace hallmark::guest
