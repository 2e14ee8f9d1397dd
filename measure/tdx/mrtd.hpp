// SPDX-License-Identifier: Apache-2.0
// MRTD: what the TDX module measures while the hypervisor builds a trust domain.
// Source: Intel "TDX Module Base Architecture Specification", 348549-005, section 12.2.1 (MRTD); "TDX Module ABI
// Reference Specification", 348551-004, TDH.MEM.PAGE.ADD and TDH.MR.EXTEND.
#pragma once

#include <vector>

#include "common/bytes.hpp"
#include "common/digest.hpp"
#include "measure/ovmf/tdx_metadata.hpp"
#include "measure/trace.hpp"

namespace hallmark::tdx {

/// In which order a hypervisor adds and measures the pages of a section. The specification leaves it open.
enum class PageOrder {
    kSinglePass,  ///< each page is added, then measured: KVM since KVM_TDX_INIT_MEM_REGION, GCE, Cloud Hypervisor
    kTwoPass,     ///< all pages of a section are added, then all measured: QEMU forks before that, such as Ubuntu's 8.2
};

/// MRTD of an image whose sections parse_tdx_metadata() gave. With a trace: one step for each section.
[[nodiscard]] Sha384 mrtd(ByteSpan image, const std::vector<ovmf::TdxSection>& sections, PageOrder order,
                          Trace* trace = nullptr);

}  // namespace hallmark::tdx
