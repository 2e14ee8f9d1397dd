// SPDX-License-Identifier: Apache-2.0
#include "boot/simulated/tdx/td_report.hpp"

#include "common/bytes.hpp"
#include "common/digest.hpp"

namespace hallmark::boot {
namespace {

constexpr std::uint8_t kSvn = 2;              // of every component, as the simulated PCK certificate has it
constexpr std::uint64_t kXfam = 0x0006'02e7;  // x87, SSE, AVX, AVX-512, PKRU, AMX

}  // namespace

tdx::TdReport td_report(const TdFacts& facts, const std::array<std::uint8_t, 64>& report_data) {
    tdx::TdReport report;
    report.tee_tcb_info.valid.fill(0xff);
    report.tee_tcb_info.tee_tcb_svn.fill(kSvn);
    report.tee_tcb_info.tee_tcb_svn2.fill(kSvn);
    report.tee_tcb_info.mr_seam = sha384(as_bytes("hallmark simulated TDX module"));
    report.td_info.attributes = tdx::kAttributeSeptVeDisable;
    report.td_info.xfam = kXfam;
    report.td_info.mr_td = facts.mr_td;
    report.td_info.mr_config_id = facts.mr_config_id;
    report.td_info.rtmr = facts.rtmr;
    report.mac.report_data = report_data;
    report.mac.tee_tcb_info_hash = sha384(as_bytes(report.tee_tcb_info));
    report.mac.tee_info_hash = sha384(as_bytes(report.td_info));
    return report;
}

}  // namespace hallmark::boot
