# SPDX-License-Identifier: Apache-2.0
"""hallmark-measure pcr as its users call it; PCR 11 against systemd-measure of the stub's own release."""

import json
import os
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ci.lib.errors import Fault
from tests.integration import systemd_measure

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("HALLMARK_BUILD", ROOT / "build"))
GUEST = Path(os.environ.get("HALLMARK_GUEST", BUILD / "guest"))
PROGRAM = Path(os.environ.get("HALLMARK_MEASURE", BUILD / "measure" / "hallmark-measure"))
UKI = GUEST / "guest.efi"
SECTIONS = (".linux", ".osrel", ".cmdline", ".initrd", ".ucode", ".splash", ".dtb", ".uname", ".sbat", ".pcrpkey")

needs_image = pytest.mark.skipif(not UKI.is_file(), reason=f"no {UKI}: the image was not built")


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, "pcr", *arguments], capture_output=True, text=True, timeout=60, check=False)


def answer(*arguments: str | Path) -> str:
    done = run(*arguments)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


def refused(*arguments: str | Path) -> str:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.fixture(scope="session")
def systemd() -> Path:
    try:
        return systemd_measure.unpacked()
    except Fault as fault:
        pytest.skip(f"no systemd-measure: {fault}")


def sections(content: bytes) -> Iterator[tuple[str, int, int, int]]:
    """Name, offset in the file, size once loaded, and size in the file, of every section of an image. Microsoft PE format,
    "COFF file header" and "section table"."""
    header = struct.unpack_from("<I", content, 0x3C)[0]
    count, optional = struct.unpack_from("<H12xH", content, header + 6)
    for at in range(header + 24 + optional, header + 24 + optional + 40 * count, 40):
        raw, size, size_in_file, offset = struct.unpack_from("<8sI4xII", content, at)
        yield raw.rstrip(b"\0").decode(), offset, size, size_in_file


def split(image: Path, folder: Path) -> dict[str, Path]:
    """The sections of a unified kernel image that are measured, as files."""
    content = image.read_bytes()
    files = {}
    for name, offset, size, _ in sections(content):
        if name in SECTIONS:
            files[name] = folder / name
            files[name].write_bytes(content[offset : offset + size])
    return files


@needs_image
@pytest.mark.parametrize("phases", [None, "", "enter-initrd", "enter-initrd:leave-initrd:sysinit:ready:shutdown"],
                         ids=["default", "before any", "one", "many"])
def test_pcr_11_is_what_systemd_measure_says(phases: str | None, systemd: Path, tmp_path: Path) -> None:
    sections = split(UKI, tmp_path)
    assert {".linux", ".osrel", ".cmdline", ".uname", ".sbat"} <= sections.keys()
    theirs = [] if phases is None else [f"--phase={phases or ':'}"]
    ours = [] if phases is None else ["--phases", phases]
    expected = systemd_measure.calculate(systemd, sections, *theirs)
    assert json.loads(answer("--uki", UKI, "--format", "systemd-measure", *ours)) == expected


@needs_image
def test_lines_are_those_of_systemd_measure(systemd: Path, tmp_path: Path) -> None:
    expected = systemd_measure.calculate(systemd, split(UKI, tmp_path), "--phase=enter-initrd")
    assert answer("--uki", UKI, "--pcr", "11", "--phases", "enter-initrd") == "".join(
        f"11:{bank}={values[0]['hash']}\n" for bank, values in expected.items())


@needs_image
def test_every_form_says_the_same() -> None:
    shown = json.loads(answer("--uki", UKI, "--json", "--pcr", "4,11"))
    assert shown == json.loads(answer("--uki", UKI, "--format", "json", "--pcr", "4,11"))
    lines = answer("--uki", UKI, "--pcr", "4,11").split()
    assert lines == [f"{pcr}:{bank}={value}" for bank, values in shown["pcrs"].items() for pcr, value in values.items()]
    assert len(lines) == 4 and shown["assumptions"] and shown["not_predicted"]
    lock = json.loads(answer("--uki", UKI, "--format", "pcrlock", "--pcr", "4,11"))
    assert lock == {"records": [
        {"pcr": event["pcr"], "digests": [{"hashAlg": bank, "digest": value} for bank, value in event["digests"].items()]}
        for event in shown["events"]]}
    traced = json.loads(answer("--uki", UKI, "--json", "--pcr", "4", "--bank", "sha384", "--trace"))
    assert [one["value"] for one in traced["trace"] if one["what"].startswith("PCR 4:")][-1] == traced["pcrs"]["sha384"]["4"]


@needs_image
def test_a_changed_bit_counts_where_it_is_measured(tmp_path: Path) -> None:
    """PCR 11 has the sections as they are loaded, PCR 4 the whole image."""
    image = UKI.read_bytes()
    changed = tmp_path / "changed.efi"

    def pcrs(at: int) -> list[str]:
        changed.write_bytes(image[:at] + bytes([image[at] ^ 0x10]) + image[at + 1 :])
        lines = answer("--uki", changed, "--pcr", "4,11", "--bank", "sha256").split()
        return [line.split("=")[1] for line in lines]

    pcr4, pcr11 = (line.split("=")[1] for line in answer("--uki", UKI, "--pcr", "4,11", "--bank", "sha256").split())
    padded = 0
    for name, offset, size, size_in_file in sections(image):
        # The kernel within is an image whose headers must stay, and the stub is looked into for its release.
        for at in {offset + size - 1, offset + size // 2} if name in SECTIONS else set():
            now4, now11 = pcrs(at)
            assert now4 != pcr4 and now11 != pcr11, (name, at)
        if size_in_file > size and name in SECTIONS:
            padded += 1
            now4, now11 = pcrs(offset + size)
            assert now4 != pcr4 and now11 == pcr11, (name, "what fills it up")
    assert padded > 0


def test_requests_that_make_no_sense(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"no image")
    assert "one of --uki and --kernel" in refused()
    assert "one of --uki and --kernel" in refused("--uki", file, "--kernel", file)
    assert "go with --kernel" in refused("--uki", file, "--append", "")
    assert "go with --uki" in refused("--kernel", file, "--phases", "ready")
    assert f"{file}: offset 0x0: found 0x6f6e" in refused("--kernel", file)
    assert "--kernel: empty" in refused("--kernel", "")
    assert "--pcr" in refused("--kernel", file, "--pcr", "24")
    assert "200001" in refused("--kernel", file, "--edk2", "200001")
