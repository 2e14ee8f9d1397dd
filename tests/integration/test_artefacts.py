# SPDX-License-Identifier: Apache-2.0
"""ci/lib/artefacts.py on real images: a difference is named down to the file inside."""

import os
import shutil
from pathlib import Path

import pytest

from ci.lib import artefacts
from image import assemble, tree

ROOT = Path(__file__).resolve().parents[2]
GUEST = Path(os.environ.get("HALLMARK_BUILD", ROOT / "build")) / "guest"

def guest_disk(folder: Path, content: str) -> Path:
    """A disk as the build makes it, with one file of this content."""
    root = folder / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc" / "hallmark").write_text(content)
    (root / "etc" / "other").write_bytes(bytes(8192))
    tree.normalise(root, {})
    assemble.make_disk(root, tree.identity(root), folder)
    return folder / "guest.img"


def flipped(original: Path, copy: Path, offset: int) -> Path:
    shutil.copyfile(original, copy)
    with copy.open("r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 1]))
    return copy


def test_a_file_of_the_root_is_named(tmp_path: Path) -> None:
    disks = []
    for name, content in (("first", "text"), ("second", "tent")):
        (tmp_path / name).mkdir()
        disks.append(guest_disk(tmp_path / name, content))
    found = artefacts.disk(*disks)
    assert "partition 1, /etc/hallmark: first difference at byte 0x2, 1 bytes differ" in found
    assert not any("/etc/other" in line for line in found)
    assert any(line.startswith("partition 2 (hashes), first difference") for line in found)


def test_a_hash_and_the_boot_record_are_named(tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    first = guest_disk(tmp_path / "first", "text")
    start = first.read_bytes()[446 + 16 + 8 : 446 + 16 + 12]
    hashes = int.from_bytes(start, "little") * artefacts.SECTOR
    changed = flipped(first, tmp_path / "hashes", hashes + 7)
    assert artefacts.disk(first, changed) == ["partition 2 (hashes), first difference at byte 0x7, 1 bytes differ"]
    record = flipped(first, tmp_path / "record", 440)
    assert artefacts.disk(first, record) == ["boot record: first difference at byte 0x1b8, 1 bytes differ"]


@pytest.mark.skipif(not (GUEST / "guest-uki.img").is_file(), reason=f"{GUEST}/guest-uki.img was not built")
def test_the_program_of_the_system_partition_is_named(tmp_path: Path) -> None:
    first = GUEST / "guest-uki.img"
    place = first.read_bytes().index((GUEST / "guest.efi").read_bytes()[:4096])
    changed = flipped(first, tmp_path / "changed", place + 0x123)
    assert artefacts.system_partition(first, changed) == [
        "/EFI/BOOT/BOOTX64.EFI: first difference at byte 0x123, 1 bytes differ"
    ]
