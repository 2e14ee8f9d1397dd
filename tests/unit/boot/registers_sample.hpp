// SPDX-License-Identifier: Apache-2.0
// What QEMU 11.1.3 printed for "info registers -a" (FPU stack and vector registers shortened).
#pragma once

#include <string>

namespace hallmark::boot::test {

/// One CPU of a paused guest: -cpu EPYC-v4 under TCG. `halted` is 0 for the first CPU, 1 for the others.
inline std::string paused_cpu(int index, int halted) {
    return "\nCPU#" + std::to_string(index) +
           "\nEAX=00000000 EBX=00000000 ECX=00000000 EDX=00800f12\n"
           "ESI=00000000 EDI=00000000 EBP=00000000 ESP=00000000\n"
           "EIP=0000fff0 EFL=00000002 [-------] CPL=0 II=0 A20=1 SMM=0 HLT=" +
           std::to_string(halted) +
           "\nES =0000 00000000 0000ffff 00009300\n"
           "CS =f000 ffff0000 0000ffff 00009b00\n"
           "SS =0000 00000000 0000ffff 00009300\n"
           "DS =0000 00000000 0000ffff 00009300\n"
           "FS =0000 00000000 0000ffff 00009300\n"
           "GS =0000 00000000 0000ffff 00009300\n"
           "LDT=0000 00000000 0000ffff 00008200\n"
           "TR =0000 00000000 0000ffff 00008b00\n"
           "GDT=     00000000 0000ffff\n"
           "IDT=     00000000 0000ffff\n"
           "CR0=60000010 CR2=00000000 CR3=00000000 CR4=00000000\n"
           "DR0=0000000000000000 DR1=0000000000000000 DR2=0000000000000000 DR3=0000000000000000 \n"
           "DR6=00000000ffff0ff0 DR7=0000000000000400\n"
           "EFER=0000000000000000\n"
           "FCW=037f FSW=0000 [ST=0] FTW=00 MXCSR=00001f80\n"
           "FPR0=0000000000000000 0000 FPR1=0000000000000000 0000\n"
           "XMM00=0000000000000000 0000000000000000 XMM01=0000000000000000 0000000000000000\n";
}

/// A CPU in 64-bit mode, in the kernel's decompressor.
inline std::string running_cpu() {
    return "\nCPU#0\n"
           "RAX=00000000002e7526 RBX=000000000288f472 RCX=000000000000000a RDX=0000000000000003\n"
           "RSI=000000000000000f RDI=000000000000000a RBP=00000000ffffffff RSP=0000000002a8dd50\n"
           "R8 =0000000000000801 R9 =0000000002a8f5e8 R10=0000000000000001 R11=000000000aa3b302\n"
           "R12=0000000002a8f040 R13=0000000002a8ffc0 R14=0000000002a8f0a0 R15=0000000002a6e8ac\n"
           "RIP=0000000002a6f554 RFL=00000016 [----AP-] CPL=0 II=0 A20=1 SMM=0 HLT=0\n"
           "ES =0000 0000000000000000 00000000 00000000\n"
           "CS =0010 0000000000000000 ffffffff 00af9a00 DPL=0 CS64 [-R-]\n"
           "LDT=0000 0000000000000000 00000000 00008200 DPL=0 LDT\n"
           "TR =0020 0000000000000000 00000fff 00808900 DPL=0 TSS64-avl\n"
           "GDT=     0000000002a88010 0000002f\n";
}

/// The text with one part replaced.
inline std::string with(std::string text, const std::string& old, const std::string& replacement) {
    const auto at = text.find(old);
    return at == std::string::npos ? "" : text.replace(at, old.size(), replacement);
}

}  // namespace hallmark::boot::test
