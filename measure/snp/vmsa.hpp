// SPDX-License-Identifier: Apache-2.0
// VMSA: the saved state of one CPU of an SEV-ES or SEV-SNP guest; at launch its content is measured.
// Source: AMD64 Architecture Programmer's Manual, volume 2, publication 24593, revision 3.42, appendix B,
// table B-4 ("VMSA Layout, State Save Area for SEV-ES").
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "common/bytes.hpp"
#include "common/endian.hpp"

namespace hallmark::snp {

/// A segment or descriptor-table register.
struct Segment {
    Le16 selector;    // 00
    Le16 attributes;  // 02: access byte in bits 0-7, AVL, L, D/B, G in bits 8-11
    Le32 limit;       // 04
    Le64 base;        // 08
};
static_assert(sizeof(Segment) == 16 && alignof(Segment) == 1);
static_assert(offsetof(Segment, attributes) == 2 && offsetof(Segment, limit) == 4 && offsetof(Segment, base) == 8);

/// Bits of `sev_features`.
constexpr std::uint64_t kFeatureSnpActive = 1ULL << 0;
constexpr std::uint64_t kFeatureDebugSwap = 1ULL << 5;

struct Vmsa {
    Segment es;                                        // 000
    Segment cs;                                        // 010
    Segment ss;                                        // 020
    Segment ds;                                        // 030
    Segment fs;                                        // 040
    Segment gs;                                        // 050
    Segment gdtr;                                      // 060
    Segment ldtr;                                      // 070
    Segment idtr;                                      // 080
    Segment tr;                                        // 090
    Le64 pl0_ssp;                                      // 0a0
    Le64 pl1_ssp;                                      // 0a8
    Le64 pl2_ssp;                                      // 0b0
    Le64 pl3_ssp;                                      // 0b8
    Le64 u_cet;                                        // 0c0
    std::array<std::uint8_t, 2> reserved_0c8{};        // 0c8
    std::uint8_t vmpl = 0;                             // 0ca
    std::uint8_t cpl = 0;                              // 0cb
    std::array<std::uint8_t, 4> reserved_0cc{};        // 0cc
    Le64 efer;                                         // 0d0
    std::array<std::uint8_t, 104> reserved_0d8{};      // 0d8
    Le64 xss;                                          // 140
    Le64 cr4;                                          // 148
    Le64 cr3;                                          // 150
    Le64 cr0;                                          // 158
    Le64 dr7;                                          // 160
    Le64 dr6;                                          // 168
    Le64 rflags;                                       // 170
    Le64 rip;                                          // 178
    Le64 dr0;                                          // 180
    Le64 dr1;                                          // 188
    Le64 dr2;                                          // 190
    Le64 dr3;                                          // 198
    Le64 dr0_address_mask;                             // 1a0
    Le64 dr1_address_mask;                             // 1a8
    Le64 dr2_address_mask;                             // 1b0
    Le64 dr3_address_mask;                             // 1b8
    std::array<std::uint8_t, 24> reserved_1c0{};       // 1c0
    Le64 rsp;                                          // 1d8
    Le64 s_cet;                                        // 1e0
    Le64 ssp;                                          // 1e8
    Le64 interrupt_ssp_table;                          // 1f0
    Le64 rax;                                          // 1f8
    Le64 star;                                         // 200
    Le64 lstar;                                        // 208
    Le64 cstar;                                        // 210
    Le64 sfmask;                                       // 218
    Le64 kernel_gs_base;                               // 220
    Le64 sysenter_cs;                                  // 228
    Le64 sysenter_esp;                                 // 230
    Le64 sysenter_eip;                                 // 238
    Le64 cr2;                                          // 240
    std::array<std::uint8_t, 32> reserved_248{};       // 248
    Le64 g_pat;                                        // 268
    Le64 dbgctl;                                       // 270
    Le64 br_from;                                      // 278
    Le64 br_to;                                        // 280
    Le64 last_exception_from;                          // 288
    Le64 last_exception_to;                            // 290
    std::array<std::uint8_t, 80> reserved_298{};       // 298
    Le32 pkru;                                         // 2e8
    Le32 tsc_aux;                                      // 2ec
    Le64 guest_tsc_scale;                              // 2f0
    Le64 guest_tsc_offset;                             // 2f8
    Le64 register_protection_nonce;                    // 300
    Le64 rcx;                                          // 308
    Le64 rdx;                                          // 310
    Le64 rbx;                                          // 318
    Le64 secure_avic_control;                          // 320
    Le64 rbp;                                          // 328
    Le64 rsi;                                          // 330
    Le64 rdi;                                          // 338
    Le64 r8;                                           // 340
    Le64 r9;                                           // 348
    Le64 r10;                                          // 350
    Le64 r11;                                          // 358
    Le64 r12;                                          // 360
    Le64 r13;                                          // 368
    Le64 r14;                                          // 370
    Le64 r15;                                          // 378
    std::array<std::uint8_t, 16> reserved_380{};       // 380
    Le64 guest_exit_info_1;                            // 390
    Le64 guest_exit_info_2;                            // 398
    Le64 guest_exit_interrupt_info;                    // 3a0
    Le64 guest_nrip;                                   // 3a8
    Le64 sev_features;                                 // 3b0
    Le64 virtual_interrupt_control;                    // 3b8
    Le64 guest_exit_code;                              // 3c0
    Le64 virtual_tom;                                  // 3c8
    Le64 tlb_id;                                       // 3d0
    Le64 pcpu_id;                                      // 3d8
    Le64 event_injection;                              // 3e0
    Le64 xcr0;                                         // 3e8
    std::array<std::uint8_t, 16> reserved_3f0{};       // 3f0
    Le64 x87_dp;                                       // 400
    Le32 mxcsr;                                        // 408
    Le16 x87_ftw;                                      // 40c
    Le16 x87_fsw;                                      // 40e
    Le16 x87_fcw;                                      // 410
    Le16 x87_fop;                                      // 412
    Le16 x87_ds;                                       // 414
    Le16 x87_cs;                                       // 416
    Le64 x87_rip;                                      // 418
    std::array<std::uint8_t, 80> fp_registers_x87{};   // 420
    std::array<std::uint8_t, 256> fp_registers_xmm{};  // 470
    std::array<std::uint8_t, 256> fp_registers_ymm{};  // 570
    std::array<std::uint8_t, 2448> reserved_670{};     // 670
};

static_assert(sizeof(Vmsa) == 0x1000 && alignof(Vmsa) == 1);
static_assert(offsetof(Vmsa, es) == 0x000);
static_assert(offsetof(Vmsa, cs) == 0x010);
static_assert(offsetof(Vmsa, ss) == 0x020);
static_assert(offsetof(Vmsa, ds) == 0x030);
static_assert(offsetof(Vmsa, fs) == 0x040);
static_assert(offsetof(Vmsa, gs) == 0x050);
static_assert(offsetof(Vmsa, gdtr) == 0x060);
static_assert(offsetof(Vmsa, ldtr) == 0x070);
static_assert(offsetof(Vmsa, idtr) == 0x080);
static_assert(offsetof(Vmsa, tr) == 0x090);
static_assert(offsetof(Vmsa, pl0_ssp) == 0x0a0);
static_assert(offsetof(Vmsa, pl1_ssp) == 0x0a8);
static_assert(offsetof(Vmsa, pl2_ssp) == 0x0b0);
static_assert(offsetof(Vmsa, pl3_ssp) == 0x0b8);
static_assert(offsetof(Vmsa, u_cet) == 0x0c0);
static_assert(offsetof(Vmsa, reserved_0c8) == 0x0c8);
static_assert(offsetof(Vmsa, vmpl) == 0x0ca);
static_assert(offsetof(Vmsa, cpl) == 0x0cb);
static_assert(offsetof(Vmsa, reserved_0cc) == 0x0cc);
static_assert(offsetof(Vmsa, efer) == 0x0d0);
static_assert(offsetof(Vmsa, reserved_0d8) == 0x0d8);
static_assert(offsetof(Vmsa, xss) == 0x140);
static_assert(offsetof(Vmsa, cr4) == 0x148);
static_assert(offsetof(Vmsa, cr3) == 0x150);
static_assert(offsetof(Vmsa, cr0) == 0x158);
static_assert(offsetof(Vmsa, dr7) == 0x160);
static_assert(offsetof(Vmsa, dr6) == 0x168);
static_assert(offsetof(Vmsa, rflags) == 0x170);
static_assert(offsetof(Vmsa, rip) == 0x178);
static_assert(offsetof(Vmsa, dr0) == 0x180);
static_assert(offsetof(Vmsa, dr1) == 0x188);
static_assert(offsetof(Vmsa, dr2) == 0x190);
static_assert(offsetof(Vmsa, dr3) == 0x198);
static_assert(offsetof(Vmsa, dr0_address_mask) == 0x1a0);
static_assert(offsetof(Vmsa, dr1_address_mask) == 0x1a8);
static_assert(offsetof(Vmsa, dr2_address_mask) == 0x1b0);
static_assert(offsetof(Vmsa, dr3_address_mask) == 0x1b8);
static_assert(offsetof(Vmsa, reserved_1c0) == 0x1c0);
static_assert(offsetof(Vmsa, rsp) == 0x1d8);
static_assert(offsetof(Vmsa, s_cet) == 0x1e0);
static_assert(offsetof(Vmsa, ssp) == 0x1e8);
static_assert(offsetof(Vmsa, interrupt_ssp_table) == 0x1f0);
static_assert(offsetof(Vmsa, rax) == 0x1f8);
static_assert(offsetof(Vmsa, star) == 0x200);
static_assert(offsetof(Vmsa, lstar) == 0x208);
static_assert(offsetof(Vmsa, cstar) == 0x210);
static_assert(offsetof(Vmsa, sfmask) == 0x218);
static_assert(offsetof(Vmsa, kernel_gs_base) == 0x220);
static_assert(offsetof(Vmsa, sysenter_cs) == 0x228);
static_assert(offsetof(Vmsa, sysenter_esp) == 0x230);
static_assert(offsetof(Vmsa, sysenter_eip) == 0x238);
static_assert(offsetof(Vmsa, cr2) == 0x240);
static_assert(offsetof(Vmsa, reserved_248) == 0x248);
static_assert(offsetof(Vmsa, g_pat) == 0x268);
static_assert(offsetof(Vmsa, dbgctl) == 0x270);
static_assert(offsetof(Vmsa, br_from) == 0x278);
static_assert(offsetof(Vmsa, br_to) == 0x280);
static_assert(offsetof(Vmsa, last_exception_from) == 0x288);
static_assert(offsetof(Vmsa, last_exception_to) == 0x290);
static_assert(offsetof(Vmsa, reserved_298) == 0x298);
static_assert(offsetof(Vmsa, pkru) == 0x2e8);
static_assert(offsetof(Vmsa, tsc_aux) == 0x2ec);
static_assert(offsetof(Vmsa, guest_tsc_scale) == 0x2f0);
static_assert(offsetof(Vmsa, guest_tsc_offset) == 0x2f8);
static_assert(offsetof(Vmsa, register_protection_nonce) == 0x300);
static_assert(offsetof(Vmsa, rcx) == 0x308);
static_assert(offsetof(Vmsa, rdx) == 0x310);
static_assert(offsetof(Vmsa, rbx) == 0x318);
static_assert(offsetof(Vmsa, secure_avic_control) == 0x320);
static_assert(offsetof(Vmsa, rbp) == 0x328);
static_assert(offsetof(Vmsa, rsi) == 0x330);
static_assert(offsetof(Vmsa, rdi) == 0x338);
static_assert(offsetof(Vmsa, r8) == 0x340);
static_assert(offsetof(Vmsa, r9) == 0x348);
static_assert(offsetof(Vmsa, r10) == 0x350);
static_assert(offsetof(Vmsa, r11) == 0x358);
static_assert(offsetof(Vmsa, r12) == 0x360);
static_assert(offsetof(Vmsa, r13) == 0x368);
static_assert(offsetof(Vmsa, r14) == 0x370);
static_assert(offsetof(Vmsa, r15) == 0x378);
static_assert(offsetof(Vmsa, reserved_380) == 0x380);
static_assert(offsetof(Vmsa, guest_exit_info_1) == 0x390);
static_assert(offsetof(Vmsa, guest_exit_info_2) == 0x398);
static_assert(offsetof(Vmsa, guest_exit_interrupt_info) == 0x3a0);
static_assert(offsetof(Vmsa, guest_nrip) == 0x3a8);
static_assert(offsetof(Vmsa, sev_features) == 0x3b0);
static_assert(offsetof(Vmsa, virtual_interrupt_control) == 0x3b8);
static_assert(offsetof(Vmsa, guest_exit_code) == 0x3c0);
static_assert(offsetof(Vmsa, virtual_tom) == 0x3c8);
static_assert(offsetof(Vmsa, tlb_id) == 0x3d0);
static_assert(offsetof(Vmsa, pcpu_id) == 0x3d8);
static_assert(offsetof(Vmsa, event_injection) == 0x3e0);
static_assert(offsetof(Vmsa, xcr0) == 0x3e8);
static_assert(offsetof(Vmsa, reserved_3f0) == 0x3f0);
static_assert(offsetof(Vmsa, x87_dp) == 0x400);
static_assert(offsetof(Vmsa, mxcsr) == 0x408);
static_assert(offsetof(Vmsa, x87_ftw) == 0x40c);
static_assert(offsetof(Vmsa, x87_fsw) == 0x40e);
static_assert(offsetof(Vmsa, x87_fcw) == 0x410);
static_assert(offsetof(Vmsa, x87_fop) == 0x412);
static_assert(offsetof(Vmsa, x87_ds) == 0x414);
static_assert(offsetof(Vmsa, x87_cs) == 0x416);
static_assert(offsetof(Vmsa, x87_rip) == 0x418);
static_assert(offsetof(Vmsa, fp_registers_x87) == 0x420);
static_assert(offsetof(Vmsa, fp_registers_xmm) == 0x470);
static_assert(offsetof(Vmsa, fp_registers_ymm) == 0x570);
static_assert(offsetof(Vmsa, reserved_670) == 0x670);

}  // namespace hallmark::snp
