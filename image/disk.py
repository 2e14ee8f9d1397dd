# SPDX-License-Identifier: Apache-2.0
"""The guest's disk, byte for byte: an MBR, partition 1 with the data, partition 2 with its verity hashes.

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
DATA_PARTITION, HASH_PARTITION = 1, 2
_NO_CHS = b"\xfe\xff\xff"  # "look at the LBA fields": the old addresses do not reach


def make(data: Path, hashes: Path, root_hash: str, disk: Path) -> None:
    """Writes `disk`. Its signature follows from the root hash. Every byte is written: no holes whose reading could differ."""
    data_sectors, hash_sectors = _sectors(data), _sectors(hashes)
    data_start = ALIGNMENT
    hash_start = _align(data_start + data_sectors)
    end = _align(hash_start + hash_sectors)
    signature = bytes.fromhex(root_hash)[:4]
    with disk.open("wb") as file:
        file.write(boot_record(signature, [(data_start, data_sectors), (hash_start, hash_sectors)]))
        for start, content in ((data_start, data), (hash_start, hashes)):
            _zeros_until(file, start)
            with content.open("rb") as source:
                shutil.copyfileobj(source, file, 1 << 20)
        _zeros_until(file, end)


def boot_record(signature: bytes, partitions: list[tuple[int, int]]) -> bytes:
    """Sector 0 for up to four partitions of (first sector, sectors); no boot code, none of them active."""
    entries = b""
    for start, sectors in partitions:
        if start + sectors > 0xFFFFFFFF:
            raise Fault(f"disk: partition at sector {start} has {sectors} sectors; an MBR reaches 2^32 - 1")
        entries += struct.pack("<B3sB3sII", 0, _NO_CHS, LINUX, _NO_CHS, start, sectors)
    return bytes(440) + signature + bytes(2) + entries.ljust(64, b"\0") + b"\x55\xaa"


def _sectors(file: Path) -> int:
    sectors, rest = divmod(file.stat().st_size, SECTOR)
    if rest or not sectors:
        raise Fault(f"{file}: size is {file.stat().st_size} bytes, expected whole sectors of {SECTOR} and at least one")
    return sectors


def _align(sector: int) -> int:
    return -(-sector // ALIGNMENT) * ALIGNMENT


def _zeros_until(file: BinaryIO, sector: int) -> None:
    left = sector * SECTOR - file.tell()
    while left > 0:
        left -= file.write(bytes(min(left, 1 << 20)))
