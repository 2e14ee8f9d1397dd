# SPDX-License-Identifier: Apache-2.0
"""Boots of guest-uki.img by the generic firmware, and what is measured of them.

A TPM stands in for TDX: the same code of firmware, stub and kernel measures the same events there, PCR 4 into RTMR1, and
9, 11 and 12 into RTMR2 (UEFI 2.10, section 38.4.1). What each must hold is worked out here from the files alone.
"""

import hashlib
import json
import shutil
import struct
from pathlib import Path

import pytest

from ci.lib.errors import Fault
from image import tools
from tests.boot import predicted
from tests.boot.firmware_machine import GUEST, Machine
from tests.boot.tpm import SWTPM, Tpm

pytestmark = pytest.mark.skipif(not (GUEST / "guest-uki.img").is_file(), reason=f"no guest-uki.img in {GUEST}")
with_tpm = pytest.mark.skipif(SWTPM is None, reason="swtpm is not installed")

# In the order in which the stub measures them: unified_sections in systemd's src/fundamental/uki.c.
SECTIONS = (".linux", ".osrel", ".cmdline", ".uname", ".sbat")
PARTITION = 2048 * 512
ADDON_STUB = "/usr/lib/systemd/boot/efi/addonx64.efi.stub"
EXTRA = "hallmark.extra=1 loglevel=5"


def sha384(content: bytes) -> str:
    return hashlib.sha384(content).hexdigest()


def utf16(text: str) -> bytes:
    """As UEFI hands over command lines, with the final NUL."""
    return (text + "\0").encode("utf-16-le")


def command_line() -> str:
    lines = json.loads((GUEST / "manifest.json").read_text())["command_lines"]
    return next(line["text"] for line in lines if line["name"] == "hallmark")


def section_table(image: bytes) -> dict[str, tuple[int, int]]:
    """Name to file offset and size. Microsoft PE format, "COFF file header" and "section table"."""
    header = struct.unpack_from("<I", image, 0x3C)[0]
    count, optional = struct.unpack_from("<H12xH", image, header + 6)
    table = {}
    for at in range(header + 24 + optional, header + 24 + optional + 40 * count, 40):
        name, size, offset = struct.unpack_from("<8sI8xI", image, at)
        table[name.rstrip(b"\0").decode()] = (offset, size)
    return table


def authenticode(image: bytes) -> str:
    """All but the checksum and the entry of the certificate table. Windows Authenticode PE signature format 1.0."""
    optional = struct.unpack_from("<I", image, 0x3C)[0] + 24
    checksum, security = optional + 64, optional + 112 + 4 * 8
    assert image[security : security + 8] == bytes(8), "not signed"
    return sha384(image[:checksum] + image[checksum + 4 : security] + image[security + 8 :])


def expected_pcr4(uki: bytes) -> list[str]:
    """The firmware's own words, then each image that is loaded: the UKI, and by the stub the kernel in it."""
    offset, size = section_table(uki)[".linux"]
    action = b"Calling EFI Application from Boot Option"
    return [sha384(action), sha384(bytes(4)), authenticode(uki), authenticode(uki[offset : offset + size])]


def expected_pcr11(uki: bytes) -> list[str]:
    table = section_table(uki)
    found = []
    for name in SECTIONS:
        offset, size = table[name]
        found += [sha384(name.encode() + b"\0"), sha384(uki[offset : offset + size])]
    return found


def boot(folder: Path, system: Path, *more: str) -> dict[int, list[str]]:
    """Starts the guest, waits for init, powers off; what was measured by then."""
    with Tpm(folder) as tpm, Machine(folder, system, *tpm.arguments, *more) as machine:
        assert machine.wait_ready().startswith("hallmark-guest ")
        assert machine.power_off() == 0
        return tpm.extended()


def changed(folder: Path, old: bytes, new: bytes) -> tuple[bytes, Path]:
    """guest.efi with `old`, which it has once, replaced, and a disk that carries it."""
    uki = (GUEST / "guest.efi").read_bytes()
    image = (GUEST / "guest-uki.img").read_bytes()
    assert len(old) == len(new) and uki.count(old) == 1 and image.count(old) == 1
    disk = folder / "changed.img"
    disk.write_bytes(image.replace(old, new))
    return uki.replace(old, new), disk


def test_the_uki_boots_to_init(tmp_path: Path) -> None:
    with Machine(tmp_path, GUEST / "guest-uki.img") as machine:
        assert machine.wait_ready().startswith("hallmark-guest ")
        assert machine.power_off() == 0
        assert "Kernel panic" not in machine.console()


@with_tpm
def test_what_is_measured_is_the_files(tmp_path: Path) -> None:
    measured = boot(tmp_path, GUEST / "guest-uki.img")
    uki = (GUEST / "guest.efi").read_bytes()
    offset, size = section_table(uki)[".linux"]
    assert uki[offset : offset + size] == (GUEST / "vmlinuz").read_bytes()
    assert measured[4] == expected_pcr4(uki)
    assert measured[11] == expected_pcr11(uki)
    assert measured[9] == [sha384(utf16(command_line()))]
    assert 12 not in measured and 13 not in measured


@with_tpm
def test_a_changed_kernel_boots_but_is_another_measurement(tmp_path: Path) -> None:
    """In the kernel's old start-up code, which firmware does not run: nothing but a measurement can see it."""
    kernel = (GUEST / "vmlinuz").read_bytes()
    old = kernel[0x200 + struct.unpack_from("<H", kernel, 0x20E)[0] :].split(b"\0")[0]  # what it says of its version
    uki, disk = changed(tmp_path, old, bytes([old[0] ^ 1]) + old[1:])
    measured = boot(tmp_path, disk)
    honest = (GUEST / "guest.efi").read_bytes()
    assert measured[4] == expected_pcr4(uki) and measured[11] == expected_pcr11(uki)
    assert measured[4][:2] == expected_pcr4(honest)[:2]
    assert not set(measured[4][2:]) & set(expected_pcr4(honest))
    assert [one != other for one, other in zip(measured[11], expected_pcr11(honest), strict=True)] == [
        False, True, *[False] * 8]
    assert measured[9] == [sha384(utf16(command_line()))]


@with_tpm
def test_a_changed_command_line_is_another_measurement(tmp_path: Path) -> None:
    old, new = command_line(), command_line().replace("loglevel=4", "loglevel=5")
    uki, disk = changed(tmp_path, old.encode(), new.encode())
    measured = boot(tmp_path, disk)
    assert measured[4] == expected_pcr4(uki) != expected_pcr4((GUEST / "guest.efi").read_bytes())
    assert measured[11] == expected_pcr11(uki) != expected_pcr11((GUEST / "guest.efi").read_bytes())
    assert measured[9] == [sha384(utf16(new))] and old != new


@with_tpm
def test_an_addition_by_smbios_leaves_pcr_4_and_11_but_not_9_and_12(tmp_path: Path) -> None:
    """Outside of a confidential guest the stub takes it; there it must show."""
    measured = boot(tmp_path, GUEST / "guest-uki.img", "-smbios",
                    f"type=11,value=io.systemd.stub.kernel-cmdline-extra={EXTRA}")
    uki = (GUEST / "guest.efi").read_bytes()
    assert measured[4] == expected_pcr4(uki) and measured[11] == expected_pcr11(uki)
    assert measured[12] == [sha384(utf16(EXTRA))]
    assert measured[9] == [sha384(utf16(f"{command_line()} {EXTRA}"))]


@with_tpm
def test_an_addon_beside_the_uki_shows_in_pcr_4_9_and_12(tmp_path: Path) -> None:
    disk, addon = tmp_path / "system.img", tmp_path / "extra.addon.efi"
    shutil.copy(GUEST / "guest-uki.img", disk)
    fat, binds = f"/out/{disk.name}@@{PARTITION}", [(tmp_path, "/out", False)]
    try:
        tools.run(["ukify", "build", f"--stub={ADDON_STUB}", f"--cmdline={EXTRA}", f"--output=/out/{addon.name}"],
                  binds, "/out")
    except Fault as fault:
        pytest.skip(f"no addon can be made: {fault}")
    tools.run(["mmd", "-i", fat, "::/loader", "::/loader/addons"], binds, "/out")
    tools.run(["mcopy", "-i", fat, f"/out/{addon.name}", "::/loader/addons"], binds, "/out")
    measured = boot(tmp_path, disk)
    uki = (GUEST / "guest.efi").read_bytes()
    calling, separator, image, kernel = expected_pcr4(uki)
    assert measured[4] == [calling, separator, image, authenticode(addon.read_bytes()), kernel]
    foretold = predicted.predict("--uki", GUEST / "guest.efi", "--addon", addon).events
    assert all(measured[pcr] == [one["sha384"] for one in foretold[pcr]] for pcr in (4, 9, 11, 12))
    assert measured[11] == expected_pcr11(uki)
    assert measured[12] == [sha384(utf16(EXTRA))]
    assert measured[9] == [sha384(utf16(f"{command_line()} {EXTRA}"))]


@pytest.mark.parametrize(("at", "content"), [
    (446 + 4, b"\x00"),  # the partition's type: none
    (PARTITION, bytes(512)),  # its boot sector
], ids=["no partition", "no file system"])
def test_without_the_system_partition_nothing_boots(tmp_path: Path, at: int, content: bytes) -> None:
    image = bytearray((GUEST / "guest-uki.img").read_bytes())
    image[at : at + len(content)] = content
    (tmp_path / "broken.img").write_bytes(image)
    with Machine(tmp_path, tmp_path / "broken.img") as machine:
        machine.wait_for_console("No bootable option or device was found")
        assert "hallmark-guest" not in machine.console()
