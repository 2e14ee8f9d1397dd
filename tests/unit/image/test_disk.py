# SPDX-License-Identifier: Apache-2.0
"""image/disk.py: the layout as sfdisk of util-linux reads it, and the bytes where it says they are."""

import json
import os
import shutil
import subprocess

import pytest

from ci.lib.errors import Fault
from image import disk

ROOT_HASH = "04030201" + "5a" * 28
SFDISK = shutil.which("sfdisk", path=os.environ["PATH"] + ":/usr/sbin:/sbin")


@pytest.fixture
def made(tmp_path):
    """A disk whose data partition ends in the middle of a MiB."""
    data, hashes, image = tmp_path / "data", tmp_path / "hashes", tmp_path / "guest.img"
    data.write_bytes(bytes(range(256)) * 16 * 300)  # 300 blocks of 4096
    hashes.write_bytes(b"\x77" * 4096 * 4)
    disk.make(data, hashes, ROOT_HASH, image)
    return data, hashes, image


@pytest.mark.skipif(SFDISK is None, reason="sfdisk (package fdisk) is not installed")
def test_sfdisk_sees_the_partitions(made):
    output = subprocess.run([SFDISK, "--json", made[2]], check=True, capture_output=True, text=True)
    table = json.loads(output.stdout)["partitiontable"]
    assert (table["label"], table["id"], table["sectorsize"]) == ("dos", "0x01020304", 512)
    found = [(entry["start"], entry["size"], entry["type"], entry.get("bootable", False)) for entry in table["partitions"]]
    assert found == [(2048, 2400, "83", False), (6144, 32, "83", False)]


def test_content_lies_where_the_table_says(made):
    data, hashes, image = (file.read_bytes() for file in made)
    assert image[2048 * 512 : 2048 * 512 + len(data)] == data
    assert image[6144 * 512 : 6144 * 512 + len(hashes)] == hashes
    assert len(image) == 8192 * 512
    rest = image[512 : 2048 * 512] + image[2048 * 512 + len(data) : 6144 * 512] + image[6144 * 512 + len(hashes) :]
    assert not any(rest)


def test_no_holes(made):
    status = made[2].stat()
    assert status.st_blocks * 512 >= status.st_size


def test_boot_record_has_no_code_and_ends_with_its_mark():
    record = disk.boot_record(b"\x01\x02\x03\x04", disk.LINUX, [(2048, 8)])
    assert len(record) == 512
    assert record[:440] == bytes(440)
    assert record[446:462] == bytes.fromhex("00 feffff 83 feffff 00080000 08000000")
    assert record[462:] == bytes(48) + b"\x55\xaa"


def test_partition_beyond_the_reach_of_an_mbr_is_refused():
    with pytest.raises(Fault, match="reaches"):
        disk.boot_record(bytes(4), disk.LINUX, [(2048, 0xFFFFFFFF)])


@pytest.mark.parametrize("size", [0, 511, 4097])
def test_parts_that_are_not_whole_sectors_are_refused(tmp_path, size):
    data, hashes = tmp_path / "data", tmp_path / "hashes"
    data.write_bytes(bytes(size))
    hashes.write_bytes(bytes(4096))
    with pytest.raises(Fault, match="whole sectors"):
        disk.make(data, hashes, ROOT_HASH, tmp_path / "guest.img")
    assert not (tmp_path / "guest.img").exists()
