# SPDX-License-Identifier: Apache-2.0
"""What hallmark-measure tdx predicts, against what the real firmware, stub and kernel measure.

A TPM stands in for TDX: the same code measures the same events there, PCR 1 and 7 into RTMR0, 2 to 6 into RTMR1, and 8
to 15 into RTMR2 (UEFI 2.10, section 38.4.1). Only a TPM has a separator in each of PCR 0 to 6; TDX has one, in RTMR1.
"""

import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.boot.firmware_machine import GUEST, QEMU, Machine, disk
from tests.boot.tpm import SWTPM, Tpm

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("HALLMARK_BUILD", ROOT / "build")) / "measure" / "hallmark-measure"
SEPARATOR = hashlib.sha384(bytes(4)).hexdigest()

pytestmark = [pytest.mark.skipif(not (GUEST / "guest-uki.img").is_file(), reason=f"no guest-uki.img in {GUEST}"),
              pytest.mark.skipif(SWTPM is None, reason="swtpm is not installed")]


# Where OVMF puts the lowest 64-bit BAR of a CPU with 40 bits of physical address, which TCG's have: the last quarter.
PCI_WINDOW = hex(3 << 38)


def command_line() -> str:
    lines = json.loads((GUEST / "manifest.json").read_text())["command_lines"]
    return next(line["text"] for line in lines if line["name"] == "hallmark")


def predicted(*arguments: str | Path) -> list[dict[str, Any]]:
    done = subprocess.run([PROGRAM, "tdx", "--ovmf", GUEST / "OVMF.fd", "--memory", "512M", "--json", *arguments],
                          capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)["events"]


def acpi_digests(folder: Path) -> list[str]:
    """What a stock QEMU with the devices of our machine has, without any guest code."""
    with Tpm(folder) as tpm:
        devices = ("-nodefaults", *disk("root", GUEST / "guest.img"), "-device", "virtio-serial-pci", *tpm.arguments)
        events = predicted("--kernel", GUEST / "vmlinuz", "--acpi-from-qemu", QEMU, "--pci-window", PCI_WINDOW,
                           "--qemu-args", " ".join(map(str, devices)))
    return digests(events, "rtmr0", names=("acpi_",))


def digests(events: list[dict[str, Any]], register: str, *, names: tuple[str, ...] = (), but: tuple[str, ...] = ()) -> list[str]:
    """Those of a register in their order: all, or those whose names begin with one of these."""
    return [event["digest"] for event in events if event["register"] == register
            and (not names or event["name"].startswith(names)) and not (but and event["name"].startswith(but))]


def boot(folder: Path, system: Path | None, *more: str | Path) -> dict[int, list[str]]:
    with Tpm(folder) as tpm, Machine(folder, system, *tpm.arguments, *map(str, more)) as machine:
        assert machine.wait_ready().startswith("hallmark-guest ")
        assert machine.power_off() == 0
        return tpm.extended()


def assert_as_predicted(measured: dict[int, list[str]], events: list[dict[str, Any]]) -> None:
    exit_events = digests(events, "rtmr1", names=("exit_boot",))
    assert len(exit_events) == 2 and measured[5] == [SEPARATOR, *exit_events]
    assert measured[4] == digests(events, "rtmr1", but=("exit_boot",))
    assert measured[7] == digests(events, "rtmr0", names=("variable_", "separator"))
    assert measured[2] == measured[3] == measured[6] == [SEPARATOR]
    assert not {8, 10, 12, 13, 14, 15} & measured.keys()


@pytest.mark.parametrize("initrd", [False, True])
def test_direct_boot(tmp_path: Path, initrd: bool) -> None:
    file = tmp_path / "initrd"
    file.write_bytes(bytes(range(256)) * 100)
    kernel = ("-kernel", GUEST / "vmlinuz", "-append", command_line())
    measured = boot(tmp_path, None, *kernel, *(("-initrd", file) if initrd else ()))
    events = predicted("--kernel", GUEST / "vmlinuz", "--append", command_line(), *(("--initrd", file) if initrd else ()))
    assert_as_predicted(measured, events)
    assert measured[9] == digests(events, "rtmr2")
    assert 11 not in measured
    stock = tmp_path / "stock"
    stock.mkdir()
    tables = acpi_digests(stock)
    assert len(tables) >= 3 and measured[1][: len(tables)] == tables
    options = digests(events, "rtmr0", names=("boot_",))
    assert len(options) == 3 and measured[1][-4:] == [*options, SEPARATOR]


def test_unified_kernel_image(tmp_path: Path) -> None:
    measured = boot(tmp_path, GUEST / "guest-uki.img")
    events = predicted("--uki", GUEST / "guest.efi")
    assert_as_predicted(measured, events)
    assert measured[11] == digests(events, "rtmr2", names=("section_", "name_of_section_"))
    assert measured[9] == digests(events, "rtmr2", names=("load_options",))
    assert len(measured[11]) + len(measured[9]) == len(digests(events, "rtmr2"))
