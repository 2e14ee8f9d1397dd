# SPDX-License-Identifier: Apache-2.0
"""Disks, byte for byte: an MBR and its partitions. The guest's: partition 1 the data, partition 2 its verity hashes.

The layout that Kata's image builder makes (4.1.0), so that its runtimes find /dev/vda1 and /dev/vda2. Kata pads disks to
128 MiB for NVDIMM; confidential guests get virtio-blk, so ours ends at the next MiB.
Source of the table: UEFI 2.10, section 5.2.1 (legacy MBR).
"""

import shutil
import struct
from pathlib import Path
from typing import BinaryIO

from ci.lib.errors import Fault

SECTOR = 512
ALIGNMENT = 2048  # sectors: 1 MiB, which every storage's own block size divides
LINUX = 0x83
EFI_SYSTEM = 0xEF  # UEFI 2.10, section 13.3.1.1: firmware looks into these for something to boot
DATA_PARTITION, HASH_PARTITION = 1, 2
_NO_CHS = b"\xfe\xff\xff"  # "look at the LBA fields": the old addresses do not reach


def make(data: Path, hashes: Path, root_hash: str, disk: Path) -> None:
    """Writes the guest's disk. Its signature follows from the root hash."""
    write(disk, bytes.fromhex(root_hash)[:4], LINUX, [data, hashes])


def write(disk: Path, signature: bytes, kind: int, contents: list[Path]) -> None:
    """One partition of type `kind` for each content. Every byte is written: no holes whose reading could differ."""
    partitions, end = [], ALIGNMENT
    for content in contents:
        partitions.append((end, _sectors(content)))
        end = align(end + partitions[-1][1])
    with disk.open("wb") as file:
        file.write(boot_record(signature, kind, partitions))
        for (start, _), content in zip(partitions, contents, strict=True):
            _zeros_until(file, start)
            with content.open("rb") as source:
                shutil.copyfileobj(source, file, 1 << 20)
        _zeros_until(file, end)


def align(sector: int) -> int:
    """The next sector at which a partition may start."""
    return -(-sector // ALIGNMENT) * ALIGNMENT


def boot_record(signature: bytes, kind: int, partitions: list[tuple[int, int]]) -> bytes:
    """Sector 0 for up to four partitions of (first sector, sectors); no boot code, none of them active."""
    entries = b""
    for start, sectors in partitions:
        if start + sectors > 0xFFFFFFFF:
            raise Fault(f"disk: partition at sector {start} has {sectors} sectors; an MBR reaches 2^32 - 1")
        entries += struct.pack("<B3sB3sII", 0, _NO_CHS, kind, _NO_CHS, start, sectors)
    return bytes(440) + signature + bytes(2) + entries.ljust(64, b"\0") + b"\x55\xaa"


def _sectors(file: Path) -> int:
    sectors, rest = divmod(file.stat().st_size, SECTOR)
    if rest or not sectors:
        raise Fault(f"{file}: size is {file.stat().st_size} bytes, expected whole sectors of {SECTOR} and at least one")
    return sectors


def _zeros_until(file: BinaryIO, sector: int) -> None:
    left = sector * SECTOR - file.tell()
    while left > 0:
        left -= file.write(bytes(min(left, 1 << 20)))
