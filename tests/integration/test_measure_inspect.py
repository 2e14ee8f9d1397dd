# SPDX-License-Identifier: Apache-2.0
"""hallmark-measure inspect, against what other programs say of the same files."""

import hashlib
import json
import os
import re
import shutil
import struct
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
    registers: dict[str, bytes] = {}
    for one in expected:
        if one["type_name"] != "EV_NO_ACTION":
            value = registers.get(str(one["index"]), bytes(48)) + bytes.fromhex(one["digests"][0]["digest"])
            registers[str(one["index"])] = hashlib.sha384(value).digest()
    assert shown["registers"] == {"sha384": {index: value.hex() for index, value in registers.items()}}


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


def guest_file(name: str) -> Path:
    if not (GUEST / name).is_file():
        pytest.skip(f"no {name} in {GUEST}: the image was not built")
    return GUEST / name


def objdump_sections(image: Path) -> dict[str, tuple[int, int]]:
    """Size once loaded and offset in the file, by name."""
    objdump = shutil.which("objdump")
    if objdump is None:
        pytest.skip("objdump is not installed")
    listed = subprocess.run([objdump, "-h", image], capture_output=True, text=True, timeout=60, check=True).stdout
    rows = re.findall(r"^ *\d+ (\.\S+) +([0-9a-f]+) +[0-9a-f]+ +[0-9a-f]+ +([0-9a-f]+) ", listed, re.MULTILINE)
    return {name: (int(size, 16), int(offset, 16)) for name, size, offset in rows}


def test_a_unified_kernel_image_shows_the_sections_that_objdump_finds() -> None:
    image = guest_file("guest.efi")
    raw = image.read_bytes()
    sections = objdump_sections(image)
    shown = inspected(image)
    assert shown["format"] == "uki"
    assert shown["stub"].encode() in raw[sections[".sdmagic"][1] :][: sections[".sdmagic"][0]]
    (profile,) = shown["profiles"]
    # systemd 257, src/fundamental/uki.c: the order of measurement.
    order = [".linux", ".osrel", ".cmdline", ".initrd", ".ucode", ".splash", ".dtb", ".uname", ".sbat", ".pcrpkey"]
    assert [one["name"] for one in profile["measured"]] == [name for name in order if name in sections]
    everything = profile["measured"] + shown["unmeasured"]
    assert {one["name"] for one in everything} == set(sections)
    for one in everything:
        size, offset = sections[one["name"]]
        content = raw[offset : offset + size]
        assert (one["size"], int(one["offset"], 16)) == (size, offset), one["name"]
        assert one["sha256"] == hashlib.sha256(content).hexdigest()
        assert one["sha384"] == hashlib.sha384(content).hexdigest()
        assert one.get("text", content.decode("latin-1")) == content.decode("latin-1")
    manifest = json.loads(guest_file("manifest.json").read_text())
    assert json.dumps(profile["command_line"]) in json.dumps(manifest)


def test_a_kernel_shows_the_header_that_others_read() -> None:
    image = guest_file("vmlinuz")
    raw = image.read_bytes()
    shown = inspected(image)
    assert shown["format"] == "bzimage"
    assert shown["sha256"] == hashlib.sha256(raw).hexdigest()
    # Linux, Documentation/arch/x86/boot.rst.
    setup_sectors, protocol, text_at = raw[0x1F1], *struct.unpack_from("<H6xH", raw, 0x206)
    alignment, relocatable = struct.unpack_from("<IB", raw, 0x230)
    flags, longest = struct.unpack_from("<HI", raw, 0x236)
    payload_at, payload_size = struct.unpack_from("<II", raw, 0x248)
    preferred, init_size, handover = struct.unpack_from("<QII", raw, 0x258)
    assert shown["version"] == raw[0x200 + text_at :].split(b"\0", 1)[0].decode()
    header = shown["setup_header"]
    assert header["protocol"] == f"{protocol >> 8}.{protocol & 0xFF}"
    assert header["relocatable"] == bool(relocatable) and header["loaded_high"] == bool(raw[0x211] & 1)
    assert header["longest_command_line"] == longest
    assert {name: int(header[name], 16) for name in ("kernel_alignment", "preferred_address", "init_size",
                                                     "handover_offset", "initrd_limit", "code_offset")} == {
        "kernel_alignment": alignment, "preferred_address": preferred, "init_size": init_size,
        "handover_offset": handover, "initrd_limit": struct.unpack_from("<I", raw, 0x22C)[0],
        "code_offset": (setup_sectors + 1) * 512}
    assert int(header["extended_flags"]["value"], 16) == flags
    assert header["extended_flags"]["efi_handover_64"] == bool(flags & 8)
    at = (setup_sectors + 1) * 512 + payload_at
    assert (int(shown["payload"]["offset"], 16), shown["payload"]["size"]) == (at, payload_size)
    magics = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"\xfd7zXZ": "xz", b"\x02\x21\x4c\x18": "lz4"}
    assert shown["payload"]["packing"] == next(name for magic, name in magics.items() if raw[at:].startswith(magic))
    if (file := shutil.which("file")) is not None:
        said = subprocess.run([file, "-b", image], capture_output=True, text=True, timeout=60, check=True).stdout
        assert f"version {shown['version']}, " in said
