# SPDX-License-Identifier: Apache-2.0
"""guest-uki.img: a disk with nothing but an EFI system partition, and in that the UKI where firmware looks by itself.

It is attached behind the guest's disk, which stays /dev/vda.
Sources: UEFI 2.10, sections 3.5.1.1 (EFI/BOOT/BOOTX64.EFI) and 13.3 (file system); Microsoft FAT specification 1.03.
"""

import hashlib
from pathlib import Path

from ci.lib.errors import Fault

from image import disk
from image.tools import Run

BOOT_FILE = "::/EFI/BOOT/BOOTX64.EFI"

# FAT16 with clusters of one sector: the smallest file system that firmware must take on a disk. What it is, FAT12, 16 or
# 32, follows from the number of clusters alone: 4085 to 65524.
_LEAST, _MOST = 4085, 65524
_FOLDERS = 2  # clusters, one each for EFI and EFI/BOOT
_OVERHEAD = 1 + 2 * 256 + 32  # sectors: boot sector, two FATs of the largest size, root directory of 512 entries


def make(uki: Path, image: Path, run: Run) -> None:
    """Writes `image`. Volume ID and disk signature follow from the UKI. `image.parent` must be writable in the build root."""
    with uki.open("rb") as file:
        identity = hashlib.file_digest(file, "sha256").digest()
    partition = image.with_name("esp.fat")
    with partition.open("wb") as file:
        file.truncate(sectors(uki) * disk.SECTOR)
    fat = f"/out/{partition.name}"
    binds = [(uki, "/in/uki", True), (image.parent, "/out", False)]
    # Times in the folders are the build root's SOURCE_DATE_EPOCH, in its time zone.
    run(["mkfs.fat", "--invariant", "-F16", "-s1", "-i", identity[:4].hex(), fat], binds, "/out")
    run(["mmd", "-i", fat, "::/EFI", "::/EFI/BOOT"], binds, "/out")
    run(["mcopy", "-i", fat, "/in/uki", BOOT_FILE], binds, "/out")
    disk.write(image, identity[4:8], disk.EFI_SYSTEM, [partition])
    partition.unlink()


def sectors(uki: Path) -> int:
    """The size of the partition: whole MiB, and no more free space than that makes."""
    clusters = -(-uki.stat().st_size // disk.SECTOR) + _FOLDERS
    whole = disk.align(max(clusters, _LEAST) + _OVERHEAD)
    if whole > _MOST:
        raise Fault(f"{uki}: {uki.stat().st_size} bytes, expected at most 31 MiB; a partition that holds it is not FAT16")
    return whole
