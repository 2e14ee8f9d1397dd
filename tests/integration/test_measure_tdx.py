# SPDX-License-Identifier: Apache-2.0
"""hallmark-measure tdx as its users call it: on firmware that Debian published, and against what QEMU itself does."""

import hashlib
import json
import os
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.integration import debian_firmware
from tests.integration.qtest import QEMU, Qtest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("HALLMARK_BUILD", ROOT / "build"))
GUEST = Path(os.environ.get("HALLMARK_GUEST", BUILD / "guest"))
PROGRAM = BUILD / "measure" / "hallmark-measure"

# Of OVMF.fd in ovmf 2025.02-8+deb13u1; two other implementations agree on the first.
SINGLE_PASS = "bdc6fb145880f06f30c8b346b8dce2a99d9351b56892df22f80fcf6574caa9f9c31df8e8576d53b4d0cd1c3f28910e11"
TWO_PASS = "456f07902150d008bb913c3e1e84e9297f735a6c83cd2a957a1f0a8bbedb06df188e3837ae48d32c73d473d097dc0db2"
# A 4 MiB image's variables as they are shipped, in logs of several distributions.
BLANK_VARIABLES = "344bc51c980ba621aaa00da3ed7436f7d6e549197dfe699515dfa2c6583d95e6412af21c097d473155875ffd561d6790"
LINE = "console=ttyS0 vga=0x317"

needs_guest = pytest.mark.skipif(not (GUEST / "vmlinuz").is_file(), reason=f"no kernel in {GUEST}")
needs_qemu = pytest.mark.skipif(not QEMU.is_file(), reason=f"no QEMU at {QEMU}")


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, "tdx", *arguments], capture_output=True, text=True, timeout=60, check=False)


def predicted(*arguments: str | Path) -> dict[str, Any]:
    done = run(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def refused(*arguments: str | Path) -> str:
    done = run(*arguments)
    assert done.returncode == 2 and done.stdout == "" and done.stderr.count("\n") == 1, done
    return done.stderr


def event(answer: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in answer["events"] if one["name"] == name)


@pytest.fixture(scope="session")
def trixie(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return debian_firmware.unpacked(debian_firmware.TRIXIE, tmp_path_factory.mktemp("trixie"))


@pytest.fixture(scope="session")
def tdx_only(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from IntelTdxX64.dsc, with Microsoft's keys."""
    return debian_firmware.unpacked(debian_firmware.TDX_ONLY, tmp_path_factory.mktemp("inteltdx"))


def test_mrtd_of_debians_firmware(trixie: Path) -> None:
    firmware = trixie / "ovmf/OVMF.fd"
    assert hashlib.sha256(firmware.read_bytes()).hexdigest().startswith("14954040")
    assert predicted("--ovmf", firmware)["mrtd"] == {"single_pass": SINGLE_PASS, "two_pass": TWO_PASS}
    assert run("--ovmf", firmware, "--only", "mrtd.single_pass").stdout == SINGLE_PASS + "\n"
    assert run("--ovmf", firmware, "--only", "mrtd.two_pass").stdout == TWO_PASS + "\n"
    trace = predicted("--ovmf", firmware, "--trace")["trace"]
    assert trace[-1]["value"] == SINGLE_PASS and len(trace) == 6


@pytest.mark.parametrize("code", ["OVMF_CODE_4M.fd", "OVMF_CODE_4M.secboot.fd"])
def test_code_without_variables_is_told_apart(trixie: Path, tmp_path: Path, code: str) -> None:
    parts = trixie / "OVMF"
    line = refused("--ovmf", parts / code)
    assert "without its variables" in line and "cat OVMF_VARS.fd OVMF_CODE.fd" in line
    whole = tmp_path / "whole.fd"
    whole.write_bytes((parts / "OVMF_VARS_4M.fd").read_bytes() + (parts / code).read_bytes())
    assert len(predicted("--ovmf", whole)["mrtd"]["single_pass"]) == 96


@needs_guest
def test_releases_are_recognised(trixie: Path, tdx_only: Path) -> None:
    kernel = ("--kernel", GUEST / "vmlinuz", "--append", "quiet")
    old = predicted("--ovmf", trixie / "ovmf/OVMF.fd", *kernel)
    assert any("edk2 202502" in one for one in old["assumptions"])
    assert event(old, "cfv")["digest"] == BLANK_VARIABLES
    assert [one["name"] for one in old["events"]].count("smbios") == 0
    new = predicted("--ovmf", tdx_only / "ovmf/OVMF.inteltdx.ms.fd", *kernel)
    assert any("edk2 202608" in one for one in new["assumptions"])
    assert any("Secure Boot is on" in one for one in new["assumptions"])
    # What only builds for TDX alone measure: BootMenu and the boot order that names the kernel.
    assert event(new, "fw_cfg_boot_menu")["digest"].startswith("1dd6f7b457ad880d")
    assert event(new, "fw_cfg_boot_order")["digest"].startswith("53d3dbc006913283")
    assert event(new, "variable_SecureBoot")["digest"].startswith("2cded0c6f453d4c6")


def stored(volume: bytes, name: str) -> bytes:
    """The value of a variable, read without the program: 60 bytes of header, name, data; see edk2's VariableFormat.h."""
    at = volume.index(name.encode("utf-16-le") + b"\0\0") - 60
    size, data = struct.unpack_from("<II", volume, at + 36)
    return volume[at + 60 + size : at + 60 + size + data]


@needs_guest
@pytest.mark.parametrize(("name", "vendor"), [
    ("PK", "61dfe48bca93d211aa0d00e098032b8c"), ("KEK", "61dfe48bca93d211aa0d00e098032b8c"),
    ("db", "cbb219d73a3d9645a3bcdad00e67656f"), ("dbx", "cbb219d73a3d9645a3bcdad00e67656f"),
])
def test_enrolled_keys_are_measured(tdx_only: Path, name: str, vendor: str) -> None:
    firmware = tdx_only / "ovmf/OVMF.inteltdx.ms.fd"
    value = stored(firmware.read_bytes(), name)
    assert len(value) > 1000
    data = bytes.fromhex(vendor) + struct.pack("<QQ", len(name), len(value)) + name.encode("utf-16-le") + value
    answer = predicted("--ovmf", firmware, "--kernel", GUEST / "vmlinuz")
    assert event(answer, f"variable_{name}")["digest"] == hashlib.sha384(data).hexdigest()


@needs_guest
@needs_qemu
@pytest.mark.parametrize("memory", ["512M", "2G", "3G"])
@pytest.mark.parametrize("initrd", [False, True])
def test_kernel_is_what_qemu_hands_to_firmware(trixie: Path, tmp_path: Path, memory: str, initrd: bool) -> None:
    """A QEMU without a confidential guest still writes into the kernel as older ones did for TDX."""
    file = tmp_path / "initrd"
    file.write_bytes(bytes(range(256)) * 77 + b"odd")
    more: list[str | Path] = ["-initrd", file] if initrd else []
    with Qtest("-nodefaults", "-machine", "q35", "-m", memory, "-kernel", GUEST / "vmlinuz", "-append", LINE,
               *more) as qemu:
        handed_over = qemu.kernel()
        assert qemu.file("etc/boot/kernel") == (GUEST / "vmlinuz").read_bytes() != handed_over
    patched = tmp_path / "patched"
    patched.write_bytes(handed_over)
    firmware = ("--ovmf", trixie / "ovmf/OVMF.fd", "--memory", memory)
    more = ["--initrd", file] if initrd else []
    kernel = ("--kernel", GUEST / "vmlinuz", "--append", LINE, *more)
    old = predicted(*firmware, *kernel, "--qemu", "9.2")
    assert event(old, "kernel")["digest"] == event(predicted(*firmware, "--kernel", patched), "kernel")["digest"]
    new = predicted(*firmware, *kernel, "--qemu", "11.1")
    assert event(old, "kernel")["digest"] != event(new, "kernel")["digest"]
    assert old["rtmr2"] == new["rtmr2"]


STOCK_MACHINE = ("-nodefaults", "-smp", "3", "-device", "virtio-serial-pci")


def stock(*more: str | Path, machine: tuple[str, ...] = STOCK_MACHINE) -> tuple[str | Path, ...]:
    return ("--ovmf", GUEST / "OVMF.fd", "--kernel", GUEST / "vmlinuz", "--memory", "2G", "--acpi-from-qemu", QEMU,
            "--qemu-args", " ".join(machine), *more)


def acpi_files(machine: tuple[str, ...], *registers: tuple[int, int]) -> dict[str, str]:
    """Digests of what QEMU makes for this machine, when the firmware has written these registers of device 1: asked for by
    another client of the same protocol."""
    with Qtest("-machine", "q35", "-m", "2G", *machine) as qemu:
        qemu.pci(0, 0, 0x64, 0)
        qemu.pci(0, 0, 0x60, 0xE0000001)
        qemu.pci(31, 0, 0x40, 0x601)
        qemu.pci(31, 0, 0x44, 0x80)
        for register, value in registers:
            qemu.pci(1, 0, register, value)
        return {name: hashlib.sha384(qemu.file(name)).hexdigest()
                for name in ("etc/table-loader", "etc/acpi/rsdp", "etc/acpi/tables")}


@needs_guest
@needs_qemu
def test_acpi_tables_are_those_of_a_stock_qemu() -> None:
    """Where the BAR is placed decides about the tables alone."""
    files = acpi_files(STOCK_MACHINE, (0x20, 0), (0x24, 0x38), (0x04, 2))
    answer = predicted(*stock("--pci-window", "0x3800000000"))
    shown = {one["what"].removeprefix("fw_cfg file "): one["digest"]
             for one in answer["events"] if one["name"].startswith("acpi_")}
    assert shown == files
    assert any("0x3800000000" in one for one in answer["assumptions"])
    without = predicted(*stock())
    assert event(without, "acpi_rsdp")["digest"] == files["etc/acpi/rsdp"]
    assert event(without, "acpi_table_loader")["digest"] == files["etc/table-loader"]
    assert event(without, "acpi_tables")["digest"] is None and without["rtmr0"] is None
    assert "--pci-window" in event(without, "acpi_tables")["not_predicted"]
    # What can't be placed above 4 GiB asks for no window.
    assert len(event(predicted(*stock(machine=("-nodefaults",))), "acpi_tables")["digest"]) == 96
    elsewhere = event(predicted(*stock("--pci-window", "0x4000000000")), "acpi_tables")["digest"]
    assert elsewhere != files["etc/acpi/tables"]


@needs_guest
@needs_qemu
def test_a_bridge_has_a_window_too() -> None:
    """Base and limit hold bits 20 to 31 of the window, the registers behind them the upper halves: PCI-to-PCI Bridge
    Architecture Specification 1.2, sections 3.2.5.9 and 3.2.5.10."""
    machine = ("-nodefaults", "-device", "pcie-root-port,id=root1,chassis=1")
    assert event(predicted(*stock(machine=machine)), "acpi_tables")["digest"] is None
    digests = {event(predicted(*stock("--pci-window", window, machine=machine)), "acpi_tables")["digest"]
               for window in ("0x3800000000", "0x4000000000")}
    assert len(digests) == 2
    files = acpi_files(machine, (0x24, 0x00100010), (0x28, 0x38), (0x2C, 0x38), (0x04, 2))
    answer = predicted(*stock("--pci-window", "0x3800100000", machine=machine))
    assert event(answer, "acpi_tables")["digest"] == files["etc/acpi/tables"]


@needs_guest
@needs_qemu
@pytest.mark.parametrize(("arguments", "words"), [
    (stock(machine=("-machine", "pc")), ["host bridge", "q35"]),
    (stock(machine=("-device", "no-such-device")), ["it says:", "no-such-device"]),
    (stock("--pci-window", "0x380000000000", machine=("-nodefaults",)), ["--pci-window", "no device"]),
    (stock("--pci-window", "0x38000"), ["--pci-window", "above 4 GiB"]),
    (stock("--acpi", "/nonexistent"), ["--acpi and --acpi-from-qemu"]),
    (stock(machine=("-name", "'x")), ["--qemu-args", "isn't closed"]),
    (stock("--acpi-from-qemu", "/bin/true"), ["/bin/true", "qtest"]),
    (stock("--acpi-from-qemu", "/nonexistent/qemu"), ["/nonexistent/qemu", "No such file"]),
    (stock("--acpi-from-qemu", "qemu"), ["path of a QEMU"]),
])
def test_wrong_stock_qemu(arguments: tuple[str | Path, ...], words: list[str]) -> None:
    at = len(arguments) - 1 - arguments[::-1].index("--acpi-from-qemu")
    first = arguments.index("--acpi-from-qemu")
    if at != first:  # the last one counts
        arguments = arguments[:first] + arguments[first + 2 :]
    line = refused(*arguments)
    assert all(word in line for word in words), line


@needs_guest
def test_answers(trixie: Path, tmp_path: Path) -> None:
    firmware = ("--ovmf", trixie / "ovmf/OVMF.fd", "--kernel", GUEST / "vmlinuz")
    answer = predicted(*firmware)
    assert answer["rtmr0"] is None and answer["rtmr3"] == "0" * 96
    assert answer["rtmr2"] == "0" * 96, "no command line and no initrd: nothing is measured of them"
    assert "--acpi" in event(answer, "acpi_tables")["not_predicted"]
    lines = run(*firmware).stdout.splitlines()
    assert lines[3] == f"rtmr1 {answer['rtmr1']}" and "not predicted" in lines[2]
    alone = run(*firmware, "--only", "rtmr0")
    assert alone.returncode == 1 and "not predicted" in alone.stderr
    known = [f"--known={name}={'ab' * 48}" for name in ("td_hob", "acpi_table_loader", "acpi_rsdp", "acpi_tables")]
    assert len(predicted(*firmware, *known)["rtmr0"]) == 96
    events = tmp_path / "events"
    events.write_text("cd" * 48 + "\n")
    value = hashlib.sha384(bytes(48) + bytes.fromhex("cd" * 48)).hexdigest()
    assert predicted(*firmware, "--runtime-events", events)["rtmr3"] == value
    # What hallmark-guest's log begins with.
    first = "INIT sha384/" + "0" * 96
    events.write_text(first + "\n")
    entry = b"LEAA" + struct.pack("<I", len(first)) + first.encode()
    value = hashlib.sha384(bytes(48) + hashlib.sha384(entry).digest()).hexdigest()
    assert predicted(*firmware, "--runtime-events", events)["rtmr3"] == value
    trace = predicted(*firmware, "--trace")["trace"]
    assert [one["value"] for one in trace if one["what"].startswith("rtmr1")][-1] == answer["rtmr1"]


@needs_guest
@pytest.mark.parametrize(("more", "words"), [
    (["--initrd", "/nonexistent/i"], ["/nonexistent/i", "No such file"]),
    (["--initrd", ""], ["--initrd", "empty"]),
    (["--acpi", "/nonexistent"], ["/nonexistent", "table-loader"]),
    (["--edk2", "2020"], ["2020", "202502"]),
    (["--qemu", "ten"], ["ten", "10.1"]),
    (["--memory", "lots"], ["lots", "2G"]),
    (["--memory", "4M"], ["more memory"]),
    (["--known", "smbios"], ["--known", "NAME=HEX"]),
    (["--known", "cfv=12"], ["cfv", "96 digits"]),
    (["--known", f"other={'00' * 48}"], ["other", "td_hob"]),
    (["--edk2", "202411"], ["--qemu", "setup"]),
    (["--only", "rtmr9"], ["rtmr9"]),
])
def test_wrong_request(trixie: Path, more: list[str], words: list[str]) -> None:
    line = refused("--ovmf", trixie / "ovmf/OVMF.fd", "--kernel", GUEST / "vmlinuz", *more)
    assert all(word in line for word in words), line


@pytest.mark.parametrize(("arguments", "words"), [
    ([], ["--ovmf"]),
    (["--ovmf", ""], ["--ovmf", "empty"]),
    (["--ovmf", "/nonexistent/F"], ["/nonexistent/F"]),
    (["--ovmf", "/bin/true", "--append", "x"], ["--append", "--kernel"]),
    (["--ovmf", "/bin/true", "--initrd", "x"], ["--initrd", "--kernel"]),
    (["--ovmf", "/bin/true", "--kernel", "k", "--uki", "u"], ["--kernel and --uki"]),
    (["--ovmf", "/bin/true", "--boot-variables", "d"], ["--boot-variables", "--uki"]),
    (["--ovmf", "/bin/true", "--qemu-args", "x"], ["--qemu-args", "--acpi-from-qemu"]),
    (["--ovmf", "/bin/true", "--pci-window", "1"], ["--pci-window", "--acpi-from-qemu"]),
    (["--ovmf", "/bin/true", "--acpi-from-qemu", "/q"], ["--acpi-from-qemu", "--kernel"]),
    (["--ovmf", "/bin/true", "--runtime-events", "f"], ["--runtime-events", "--kernel"]),
    (["--ovmf", "/bin/true"], ["/bin/true", "GUIDed table"]),
])
def test_wrong_firmware(arguments: list[str], words: list[str]) -> None:
    line = refused(*arguments)
    assert all(word in line for word in words), line


def test_help_shows_an_example() -> None:
    done = run("--help")
    assert done.returncode == 0 and "Example:\n  hallmark-measure tdx" in done.stdout
