# SPDX-License-Identifier: Apache-2.0
"""image/uki.py: the sections as objdump of binutils sees them, and the same bytes wherever it is made."""

import os
import re
import struct

import pytest

from ci.lib.errors import Fault
from image import uki

LINE = 'dm-mod.create="dm-verity,,,ro,0 8 verity 1" root=/dev/dm-0 console=hvc0'
OS_RELEASE = 'ID=hallmark\nNAME="Hallmark guest"\n'
VERSION_AT = 0x3200


def bzimage(version=b"7.2.12-test (hallmark@host) #1\0"):
    """The least that is a kernel and, for ukify, a PE file: Linux's header stands where PE headers have ended."""
    optional = struct.pack("<H14xI4xQII", 0x20B, 0x1000, 0, 0x1000, 0x200).ljust(56, b"\0")
    optional += struct.pack("<II", 0x11000, 0x200).ljust(52, b"\0") + struct.pack("<I", 16) + bytes(128)
    section = struct.pack("<8sIIII12xI", b".text", 0x10000, 0x1000, 0x10000, 0x200, 0x60000020)
    headers = b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664, 1, 0, 0, 0, len(optional), 0x22E) + optional + section
    image = bytearray(b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x80)).ljust(0x80, b"\0") + headers
    assert len(image) <= 0x1F1
    image = image.ljust(0x10200, b"\x5a")
    image[0x202:0x206] = b"HdrS"
    struct.pack_into("<H", image, 0x20E, VERSION_AT - 0x200)
    image[VERSION_AT : VERSION_AT + len(version)] = version
    return bytes(image)


def parts(folder):
    folder.mkdir(parents=True)
    kernel, os_release = folder / "vmlinuz", folder / "os-release"
    kernel.write_bytes(bzimage())
    os_release.write_text(OS_RELEASE)
    return kernel, os_release


def sections(run, file):
    """Name to content, cut out where objdump says that it lies."""
    content = file.read_bytes()
    text = run(["objdump", "-h", f"/in/{file.name}"], [(file.parent, "/in", True)], "/in")
    rows = re.findall(r"^ +\d+ (\.\w+) +([0-9a-f]{8})  [0-9a-f]{16}  [0-9a-f]{16}  ([0-9a-f]{8})  ", text, re.MULTILINE)
    return {name: content[int(offset, 16) :][: int(size, 16)] for name, size, offset in rows}


def test_the_sections_are_what_went_in(tmp_path, run_in_build_root):
    kernel, os_release = parts(tmp_path / "in")
    made = tmp_path / "guest.efi"
    uki.make(kernel, LINE, os_release, made, run_in_build_root)
    found = sections(run_in_build_root, made)
    assert found[".linux"] == kernel.read_bytes()
    assert found[".cmdline"] == LINE.encode()
    assert found[".osrel"] == OS_RELEASE.encode()
    assert found[".uname"] == b"7.2.12-test"
    assert b"systemd-stub" in found[".sbat"] and b"systemd-stub" in found[".sdmagic"]
    assert set(found) == {
        ".text", ".rodata", ".data", ".reloc", ".sbat", ".sdmagic", ".linux", ".cmdline", ".osrel", ".uname",
    }  # fmt: skip


def test_two_runs_are_identical(tmp_path, run_in_build_root, monkeypatch):
    made = []
    for name, zone, mask, time in (("one", "UTC", 0o022, 1), ("another/place", "Asia/Tokyo", 0o077, 2000000000)):
        monkeypatch.setenv("TZ", zone)
        before = os.umask(mask)
        try:
            kernel, os_release = parts(tmp_path / name)
            os.utime(kernel, (time, time))
            uki.make(kernel, LINE, os_release, kernel.with_name("guest.efi"), run_in_build_root)
        finally:
            os.umask(before)
        made.append(kernel.with_name("guest.efi").read_bytes())
    assert made[0] == made[1]


def test_version_is_the_kernels_own(tmp_path):
    kernel, _ = parts(tmp_path / "in")
    assert uki.kernel_version(kernel) == "7.2.12-test"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "found nothing at 0x202"),
        (bytes(0x300), "found 00000000 at 0x202"),
        (bzimage(b"\0"), "no version at 0x3200"),
        (bzimage(b"7\xff (x)\0"), "no version at 0x3200"),
        (bzimage()[:0x3000], "no version at 0x3200"),
    ],
)
def test_what_is_no_kernel_is_refused(content, message, tmp_path):
    kernel = tmp_path / "vmlinuz"
    kernel.write_bytes(content)
    with pytest.raises(Fault, match=message):
        uki.kernel_version(kernel)
