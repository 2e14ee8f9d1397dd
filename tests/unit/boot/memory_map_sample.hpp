// SPDX-License-Identifier: Apache-2.0
// What QEMU printed for "info mtree -f".
#pragma once

namespace hallmark::boot::test {

// QEMU 11.1.3, -machine q35,memory-backend=ram0 -m 512M -smp 2 -bios OVMF.amdsev.fd, other views shortened.
inline constexpr const char* kMemoryMapSample = R"(FlatView #0
 AS "cpu-smm-1", root: memory
 Root memory region: memory
  0000000000000000-00000000ffffffff (prio 0, rom): not-this-view

FlatView #1
 AS "memory", root: system
 AS "cpu-memory-0", root: system
 AS "cpu-memory-1", root: system
 Root memory region: system
  0000000000000000-00000000000bffff (prio 0, ram): ram0
  00000000000c0000-00000000000dffff (prio 1, rom): pc.rom
  00000000000e0000-00000000000fffff (prio 0, rom): pc.bios @00000000003e0000
  0000000000100000-000000001fffffff (prio 0, ram): ram0 @0000000000100000
  00000000fec00000-00000000fec00fff (prio 0, i/o): ioapic
  00000000fee00000-00000000feefffff (prio 4096, i/o): apic-msi
  00000000ffc00000-00000000ffffffff (prio 0, rom): pc.bios

FlatView #2
 AS "I/O", root: io
 Root memory region: io
  0000000000000000-0000000000000007 (prio 0, i/o): dma-chan
)";

}  // namespace hallmark::boot::test
