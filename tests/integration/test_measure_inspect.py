# SPDX-License-Identifier: Apache-2.0
"""hallmark-measure inspect, against what other programs say of the same files."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("HALLMARK_BUILD", ROOT / "build"))
GUEST = Path(os.environ.get("HALLMARK_GUEST", BUILD / "guest"))
VECTORS = Path(os.environ.get("HALLMARK_VECTORS", ROOT / "../shared/vectors"))
PROGRAM = Path(os.environ.get("HALLMARK_MEASURE", BUILD / "measure" / "hallmark-measure"))
OSSLSIGNCODE = shutil.which("osslsigncode")


def inspect(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, "inspect", *arguments], capture_output=True, text=True, timeout=60, check=False)


def inspected(path: Path) -> dict:
    done = inspect(path, "--json")
    assert (done.returncode, done.stderr) == (0, ""), done
    return json.loads(done.stdout)


def osslsigncode_digest(image: Path, algorithm: str, folder: Path) -> str:
    """From what it would sign: in SpcIndirectDataContent the digest stands behind its algorithm, which has no parameter."""
    out = folder / algorithm
    subprocess.run([str(OSSLSIGNCODE), "extract-data", "-h", algorithm, "-in", image, "-out", out], check=True,
                   capture_output=True, timeout=60)
    size = {"sha256": 32, "sha384": 48}[algorithm]
    content = out.read_bytes()
    mark = bytes([0x05, 0x00, 0x04, size])
    at = content.index(mark) + len(mark)
    return content[at : at + size].hex()


@pytest.mark.parametrize("name", ["vmlinuz", "guest.efi"])
def test_the_digests_of_what_boots_are_those_of_another_tool(name: str, tmp_path: Path) -> None:
    if OSSLSIGNCODE is None:
        pytest.skip("osslsigncode is not installed")
    if not (GUEST / name).is_file():
        pytest.skip(f"no {name} in {GUEST}: the image was not built")
    shown = inspected(GUEST / name)
    for algorithm in ("sha256", "sha384"):
        assert shown["authenticode"][algorithm] == osslsigncode_digest(GUEST / name, algorithm, tmp_path)


def test_an_event_log_is_shown_as_another_tool_does() -> None:
    log = VECTORS / "intel-tdx" / "CCEL_data_ovmf"
    if not log.is_file():
        pytest.skip(f"{log} is missing; set HALLMARK_VECTORS to the folder of the test vectors")
    shown = inspected(log)
    expected = json.loads((VECTORS / "intel-tdx" / "CCEL_data_ovmf_out.json").read_text())["uefi_event_logs"]
    assert shown["format"] == "event-log"
    assert [(one["register"], one["type"], one["digests"]["sha384"]) for one in shown["events"]] == [
        (one["index"], one["type_name"], one["digests"][0]["digest"]) for one in expected]
    assert [one.get("text") for one in shown["events"] if "VARIABLE" in one["type"]] == [
        one["details"]["unicode_name"] for one in expected if "VARIABLE" in one["type_name"]]


def test_people_read_a_tree(tmp_path: Path) -> None:
    log = VECTORS / "intel-tdx" / "CCEL_data_ovmf"
    if not log.is_file():
        pytest.skip(f"{log} is missing; set HALLMARK_VECTORS to the folder of the test vectors")
    done = inspect(log)
    assert done.returncode == 0
    assert done.stdout.startswith("format: event-log\nsize: 2120\n")


def test_what_is_wrong_is_said_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"plain text")
    for arguments, words in (([file], "of no format"), ([file, "--as", "pe"], "found 0x6c70"),
                             ([file, "--as", "elf"], "unknown")):
        done = inspect(*arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert words in done.stderr and done.stderr.count("\n") == 1
