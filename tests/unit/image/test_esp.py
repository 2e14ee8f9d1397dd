# SPDX-License-Identifier: Apache-2.0
"""image/esp.py: a partition that sfdisk sees, a file system that fsck.fat accepts, and the UKI in it, byte for byte."""

import hashlib
import json
import os
import re
import shutil
import subprocess

import pytest

from ci.lib.errors import Fault
from image import disk, esp

UKI = b"MZ" + bytes(range(256)) * 9000  # 2.2 MiB, with an end in the middle of a sector
SFDISK = shutil.which("sfdisk", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
START = disk.ALIGNMENT * disk.SECTOR


def make(folder, run, content=UKI):
    folder.mkdir(parents=True)
    (folder / "guest.efi").write_bytes(content)
    esp.make(folder / "guest.efi", folder / "guest-uki.img", run)
    assert sorted(os.listdir(folder)) == ["guest-uki.img", "guest.efi"]
    return folder / "guest-uki.img"


@pytest.fixture
def image(tmp_path, run_in_build_root):
    return make(tmp_path / "made", run_in_build_root)


@pytest.mark.skipif(SFDISK is None, reason="sfdisk (package fdisk) is not installed")
def test_sfdisk_sees_one_efi_system_partition(image):
    output = subprocess.run([SFDISK, "--json", image], check=True, capture_output=True, text=True)
    table = json.loads(output.stdout)["partitiontable"]
    identity = hashlib.sha256(UKI).digest()
    assert (table["label"], int(table["id"], 16)) == ("dos", int.from_bytes(identity[4:8], "little"))
    found = [(entry["start"], entry["size"], entry["type"]) for entry in table["partitions"]]
    assert found == [(2048, image.stat().st_size // 512 - 2048, "ef")]


def test_fsck_finds_nothing_wrong(image, tmp_path, run_in_build_root):
    partition = tmp_path / "esp.fat"
    partition.write_bytes(image.read_bytes()[START:])
    said = run_in_build_root(["fsck.fat", "-n", "-v", "/in/esp.fat"], [(tmp_path, "/in", True)], "/in")
    assert "2 FATs, 16 bit entries" in said
    assert re.search(r"^/in/esp.fat: 3 files, \d+/\d+ clusters$", said, re.MULTILINE)
    boot_sector = partition.read_bytes()[:512]
    # FAT specification 1.03, section 3.1: BS_VolID of FAT12 and FAT16 at 39.
    assert boot_sector[39:43][::-1] == hashlib.sha256(UKI).digest()[:4]


def test_the_uki_is_the_only_file_and_whole(image, tmp_path, run_in_build_root):
    (tmp_path / "out").mkdir()
    binds = [(image.parent, "/in", True), (tmp_path / "out", "/out", False)]
    fat = f"/in/{image.name}@@{START}"
    names = run_in_build_root(["mdir", "-b", "-/", "-i", fat, "::"], binds, "/out").split()
    assert names == ["::/EFI/", "::/EFI/BOOT/", "::/EFI/BOOT/BOOTX64.EFI"]
    run_in_build_root(["mcopy", "-i", fat, "::/EFI/BOOT/BOOTX64.EFI", "/out/copy"], binds, "/out")
    assert (tmp_path / "out/copy").read_bytes() == UKI


def test_all_times_are_the_build_roots(image, run_in_build_root):
    """What two runs in one second would not show."""
    said = run_in_build_root(["mdir", "-/", "-i", f"/in/{image.name}@@{START}", "::"], [(image.parent, "/in", True)], "/in")
    times = re.findall(r"(?:<DIR>|\d) +(\d{4}-\d\d-\d\d) +(\d+:\d\d)", said)
    assert len(times) == 7 and set(times) == {("2025-01-01", "0:00")}


def test_two_runs_are_identical(tmp_path, run_in_build_root, monkeypatch):
    made = []
    for name, zone, mask in (("one", "UTC", 0o022), ("another/place", "America/St_Johns", 0o077)):
        monkeypatch.setenv("TZ", zone)
        before = os.umask(mask)
        try:
            made.append(make(tmp_path / name, run_in_build_root).read_bytes())
        finally:
            os.umask(before)
    assert made[0] == made[1]


def test_another_uki_is_another_disk_and_volume(tmp_path, run_in_build_root):
    one, other = (make(tmp_path / name, run_in_build_root, UKI + name.encode()).read_bytes() for name in ("a", "b"))
    assert one[440:444] != other[440:444] and one[START + 39 : START + 43] != other[START + 39 : START + 43]


@pytest.mark.parametrize(("size", "mebibytes"), [(1, 3), (2 << 20, 3), (4 << 20, 5), (31 << 20, 32)])
def test_size_is_what_the_uki_needs(size, mebibytes, tmp_path):
    with (tmp_path / "guest.efi").open("wb") as file:
        file.truncate(size)
    if mebibytes > 31:
        with pytest.raises(Fault, match=r"guest.efi: 32505856 bytes, expected at most"):
            esp.sectors(tmp_path / "guest.efi")
    else:
        assert esp.sectors(tmp_path / "guest.efi") == mebibytes * 2048
