# SPDX-License-Identifier: Apache-2.0
"""hallmark-measure explain tdx and pcr: what the ordinary command prints with one flag changed is explained as that flag."""

import json
import os
import struct
from pathlib import Path
from typing import Any

import pytest

from tests.integration import explaining
from tests.integration.explaining import Option, changes, explained, flags, refused, run

GUEST = Path(os.environ.get("HALLMARK_GUEST", explaining.BUILD / "guest"))
VECTORS = explaining.VECTORS / "intel-tdx"
LINE = 'console=hvc0 a="b c"'

pytestmark = pytest.mark.skipif(not (GUEST / "vmlinuz").is_file(), reason=f"no kernel in {GUEST}")


@pytest.fixture(scope="module")
def acpi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Any tables: they are measured as they are."""
    folder = tmp_path_factory.mktemp("acpi")
    (folder / "table-loader").write_bytes(struct.pack("<I56s68x", 1, b"etc/acpi/tables"))
    (folder / "tables").write_bytes(b"tables" * 100)
    return folder


@pytest.fixture
def base(acpi: Path, tmp_path: Path) -> Option:
    (tmp_path / "initrd").write_bytes(b"initrd" * 1000)
    return {"--ovmf": str(GUEST / "OVMF.fd"), "--kernel": str(GUEST / "vmlinuz"), "--initrd": str(tmp_path / "initrd"),
            "--append": LINE, "--memory": "2G", "--acpi": str(acpi), "--edk2": "202502", "--qemu": "10.1"}


def value(name: str, options: Option) -> str:
    done = run("tdx", *flags(options), "--only", name)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(("name", "change"), [
    *[("rtmr0", {"--memory": size}) for size in ("4G", "512M", "24G", "1024G")],
    *[("rtmr1", {"--qemu": "9.2", "--edk2": "202411", "--memory": size}) for size in ("2G", "1536M")],
    ("rtmr0", {"--edk2": "202405"}), ("rtmr1", {"--edk2": "202405"}), ("rtmr2", {"--edk2": "202508"}),
    ("rtmr1", {"--qemu": "9.2"}), ("rtmr2", {"--initrd": None}),
    *[("rtmr2", {"--append": line}) for line in (LINE + "\n", "console=hvc0 a=b c", f'"{LINE}"', LINE + " ", "")],
    ("rtmr2", {"--append": LINE + "\n", "--initrd": None}), ("rtmr0", {"--memory": "8G", "--edk2": "202405"}),
], ids=str)
def test_changes_are_explained_as_themselves(name: str, change: Option, base: Option) -> None:
    seen = value(name, base | change)
    if seen == value(name, base):
        pytest.fail("the change is none")
    # What a change needs to matter at all is part of the request.
    given = base | {"--edk2": "202411", "--qemu": "9.2"} if len(change) == 3 else base
    asked = {option: text for option, text in change.items() if given[option] != text}
    if not asked:
        asked, given = {"--qemu": "9.2"}, given | {"--qemu": "10.2"}
    answer = explained("tdx", seen, given)
    assert {option: (given[option], text) for option, text in asked.items()} in changes(answer["registers"][name])


def test_page_order_is_explained(base: Option) -> None:
    seen = json.loads(run("tdx", *flags(base), "--json").stdout)["mrtd"]
    assert explained("tdx", seen["single_pass"], base)["equal"]
    answer = explained("tdx", seen["two_pass"], base)
    assert changes(answer["registers"]["mrtd"]) == [{"page order": ("single-pass", "two-pass")}]
    done = run("explain", "tdx", *flags(base), "--expected", seen["two_pass"])
    assert done.returncode == 1
    assert done.stdout == "mrtd is that of page order two-pass (QEMU forks before 9.0) instead of single-pass\n"


def test_firmware_is_found_in_a_folder(base: Option, tmp_path: Path) -> None:
    folder = tmp_path / "firmwares"
    folder.mkdir()
    image = bytearray((GUEST / "OVMF.fd").read_bytes())
    image[len(image) // 2] ^= 1
    (folder / "other.fd").write_bytes(image)
    (folder / "README").write_text("not a firmware")
    seen = value("mrtd.single_pass", base | {"--ovmf": str(folder / "other.fd")})
    answer = explained("tdx", seen, base, "--firmware-dir", folder)
    assert changes(answer["registers"]["mrtd"]) == [{"--ovmf": (base["--ovmf"], str(folder / "other.fd"))}]


@pytest.mark.parametrize("name", ["quote_v4.dat", "quote_v5.dat"])
def test_a_real_quote_is_read(name: str, base: Option) -> None:
    if not (VECTORS / name).is_file():
        pytest.skip(f"{VECTORS / name} is missing; set HALLMARK_VECTORS to the folder of the test vectors")
    answer = explained("tdx", VECTORS / name, base)
    body = json.loads(run("inspect", VECTORS / name, "--json").stdout)["body"]
    assert not answer["equal"]
    assert answer["registers"]["mrtd"]["expected"] == body["mr_td"]
    for i in range(4):
        assert answer["registers"][f"rtmr{i}"]["expected"] == body[f"rtmr{i}"]


def test_a_quote_of_the_request_is_equal(base: Option, tmp_path: Path) -> None:
    predicted = json.loads(run("tdx", *flags(base), "--json").stdout)
    quote_of([predicted["mrtd"]["single_pass"], *[predicted[f"rtmr{i}"] for i in range(4)]], tmp_path)
    assert explained("tdx", tmp_path / "quote", base)["equal"]
    answer = explained("tdx", tmp_path / "quote", base | {"--append": LINE + "\n"})
    assert [name for name, part in answer["registers"].items() if not part["equal"]] == ["rtmr2"]
    assert changes(answer["registers"]["rtmr2"]) == [{"--append": (LINE + "\n", LINE)}]


def test_a_real_event_log_leaves_the_prediction(base: Option) -> None:
    """Another kernel, and 2 GiB like here; with a firmware that reads the command line otherwise."""
    log = VECTORS / "CCEL_data_ovmf"
    if not log.is_file():
        pytest.skip(f"{log} is missing; set HALLMARK_VECTORS to the folder of the test vectors")
    answer = explained("tdx", log, base | {"--edk2": "202408", "--qemu": "9.2"})
    assert not answer["equal"]
    kernel = answer["registers"]["rtmr1"]["difference"]
    assert (kernel["event"], kernel["name"], kernel["kind"]) == (1, "kernel", "other")
    assert kernel["type"] == "EV_EFI_BOOT_SERVICES_APPLICATION"
    assert "Authenticode" in kernel["covers"]
    done = run("explain", "tdx", *flags(base), "--expected", log)
    assert "rtmr1: event 1 differs, at offset 0x462 of the log" in done.stdout and "first in the log" in done.stdout


def log_of(events: list[dict[str, Any]], register: Any) -> bytes:
    """An event log as firmware writes it, with a SHA-384 bank alone."""
    spec = b"Spec ID Event03\0" + struct.pack("<IBBBBIHH", 0, 0, 2, 0, 2, 1, 12, 48) + b"\0"
    log = struct.pack("<II20sI", 0, 3, bytes(20), len(spec)) + spec
    for event in events:
        log += struct.pack("<IIIH", register(event), 0x0D, 1, 12) + bytes.fromhex(event["digest"]) + struct.pack("<I", 1) + b"x"
    return log


def tdx_log(options: Option) -> list[dict[str, Any]]:
    return json.loads(run("tdx", *flags(options), "--json").stdout)["events"]


def test_the_event_that_differs_is_explained(base: Option, tmp_path: Path) -> None:
    def number(event: dict[str, Any]) -> int:
        return int(event["register"][-1]) + 1

    log = tmp_path / "log"
    log.write_bytes(log_of(tdx_log(base), number))
    assert explained("tdx", log, base)["equal"]
    answer = explained("tdx", log, base | {"--memory": "16G", "--initrd": None})
    assert answer["first"] == "rtmr0"
    memory = answer["registers"]["rtmr0"]
    assert memory["difference"]["name"] == "td_hob" and memory["explains"] == "register"
    assert changes(memory) == [{"--memory": ("16G", "2G")}]
    assert answer["registers"]["rtmr1"]["equal"]
    # An initrd that the request doesn't have can't be found, only that its events are there.
    stub = answer["registers"]["rtmr2"]
    assert stub["difference"]["name"] == "load_options"
    assert any(one == {"--append": (LINE, LINE + " initrd=initrd")} for one in changes(stub))
    # One event changed in the middle, one left out, one more.
    events = tdx_log(base)
    changed = [event | {"digest": "11" * 48} if event["name"] == "variable_db" else event for event in events]
    log.write_bytes(log_of(changed, number))
    difference = explained("tdx", log, base)["registers"]["rtmr0"]["difference"]
    assert (difference["name"], difference["kind"]) == ("variable_db", "other")
    log.write_bytes(log_of([event for event in events if event["name"] != "variable_db"], number))
    difference = explained("tdx", log, base)["registers"]["rtmr0"]["difference"]
    assert (difference["name"], difference["kind"]) == ("variable_db", "missing")
    log.write_bytes(log_of([*events, {"register": "rtmr2", "digest": "11" * 48}], number))
    assert explained("tdx", log, base)["registers"]["rtmr2"]["difference"]["kind"] == "more"


def quote_of(registers: list[str], folder: Path) -> Path:
    """A real quote with these for MRTD and RTMR0 to 3, as no signature is looked at here."""
    if not (VECTORS / "quote_v4.dat").is_file():
        pytest.skip(f"{VECTORS / 'quote_v4.dat'} is missing; set HALLMARK_VECTORS to the folder of the test vectors")
    quote = bytearray((VECTORS / "quote_v4.dat").read_bytes())
    for offset, register in zip((0x88, 0x148, 0x178, 0x1A8, 0x1D8), registers):
        quote[48 + offset : 48 + offset + 48] = bytes.fromhex(register)
    (folder / "quote").write_bytes(quote)
    return folder / "quote"


def test_a_log_is_held_against_the_quote(base: Option, tmp_path: Path) -> None:
    predicted = json.loads(run("tdx", *flags(base), "--json").stdout)
    registers = [predicted["mrtd"]["single_pass"], *[predicted[f"rtmr{i}"] for i in range(3)], "00" * 48]
    log = tmp_path / "log"
    log.write_bytes(log_of(predicted["events"], lambda event: int(event["register"][-1]) + 1))
    answer = explained("tdx", log, base, "--quote", quote_of(registers, tmp_path))
    assert answer["equal"] and answer["replays"] == {f"rtmr{i}": True for i in range(4)}
    answer = explained("tdx", log, base, "--quote", quote_of([*registers[:2], "11" * 48, *registers[3:]], tmp_path))
    assert not answer["equal"] and answer["replays"] == {"rtmr0": True, "rtmr1": False, "rtmr2": True, "rtmr3": True}
    done = run("explain", "tdx", *flags(base), "--expected", "00" * 48, "--quote", tmp_path / "quote")
    assert done.returncode == 2 and "--quote" in done.stderr


def pcr_base(base: Option) -> Option:
    return {name: base[name] for name in ("--kernel", "--initrd", "--append", "--edk2")} | {"--secure-boot": "off"}


@pytest.mark.parametrize(("pcr", "change"), [
    ("9", {"--append": LINE + "\n"}), ("9", {"--initrd": None}), ("9", {"--edk2": "202508"}),
    ("7", {"--secure-boot": "absent"}), ("9", {"--append": "console=hvc0 a=b c", "--initrd": None}),
], ids=str)
@pytest.mark.parametrize("bank", ["sha256", "sha384"])
def test_pcrs_are_explained(bank: str, pcr: str, change: Option, base: Option) -> None:
    given = pcr_base(base)
    line = run("pcr", *flags(given | change), "--pcr", pcr, "--bank", bank).stdout
    seen = line.strip().split("=")[1]
    answer = explained("pcr", seen, given)
    assert changes(answer["registers"][f"pcr{pcr}"]) == [{name: (given[name], text) for name, text in change.items()}]


def test_phases_of_a_unified_kernel_image_are_explained() -> None:
    given: Option = {"--uki": str(GUEST / "guest.efi"), "--edk2": "202608"}
    seen = run("pcr", *flags(given), "--phases", "enter-initrd:leave-initrd", "--pcr", "11", "--bank", "sha384").stdout
    answer = explained("pcr", seen.strip().split("=")[1], given)
    assert changes(answer["registers"]["pcr11"]) == [{"--phases": (None, "enter-initrd:leave-initrd")}]


def test_the_log_of_a_tpm_is_explained(base: Option, tmp_path: Path) -> None:
    given = pcr_base(base)
    events = [{"pcr": one["pcr"], "digest": one["digests"]["sha384"]}
              for one in json.loads(run("pcr", *flags(given), "--json").stdout)["events"]]
    log = tmp_path / "log"
    log.write_bytes(log_of(events, lambda event: event["pcr"]))
    assert explained("pcr", log, given)["equal"]
    answer = explained("pcr", log, given | {"--append": " " + LINE})
    assert [name for name, part in answer["registers"].items() if not part["equal"]] == ["pcr9"]
    assert changes(answer["registers"]["pcr9"]) == [{"--append": (" " + LINE, LINE)}]


def test_bad_input_is_refused(base: Option, tmp_path: Path) -> None:
    assert "expected the 96" in refused("tdx", *flags(base), "--expected", "00" * 32)
    assert "give --kernel or --uki" in refused("tdx", "--ovmf", str(GUEST / "OVMF.fd"), "--expected", _log(tmp_path))
    assert "one of --uki and --kernel" in refused("pcr", "--expected", "00" * 32)
    assert "--firmware-dir" in refused("pcr", *flags(pcr_base(base)), "--expected", "00" * 32, "--firmware-dir", tmp_path)
    assert "short: offset 0x" in refused("tdx", *flags(base), "--expected", _cut(tmp_path))


def _log(folder: Path) -> Path:
    (folder / "log").write_bytes(log_of([], int))
    return folder / "log"


def _cut(folder: Path) -> Path:
    (folder / "short").write_bytes(_log(folder).read_bytes()[:50])
    return folder / "short"
