# SPDX-License-Identifier: Apache-2.0
"""`hallmark-measure igvm`, against digests that this file works out from the specifications with hashlib.

No IGVM file of another maker is at hand, so the files are written here too; see tests/support/igvm.py. The page chain
itself is anchored by a value of google/gce-tcb-verifier.
"""

import json
import os
import struct
import subprocess
import zlib
from pathlib import Path

import pytest

from tests.support.igvm import (CPUID, CPUID_XF, KVM_VMSA_GPA, LARGE, NORMAL, PAGE, SECRETS, SHARED, SNP, TDX, UNMEASURED,
                                VSM, IgvmFile, Mrtd, SnpChain, sealed)

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("HALLMARK_BUILD", ROOT / "build")) / "measure" / "hallmark-measure"

# Three NORMAL pages from address 0, 12288 zero bytes whose first and last 16 bytes are "LGTM" four times.
GCE_THREE_PAGES = "cba1cd767c33b30f96271837dbbae4081a945464a5af397b9b0336b5d8759ee88cc6b62c05d915c4424a9ac5747437d4"
LGTM = b"LGTM" * 4 + bytes(3 * PAGE - 32) + b"LGTM" * 4


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, "igvm", *arguments], capture_output=True, text=True, timeout=60, check=False)


def content(seed: int, size: int = PAGE) -> bytes:
    return bytes((seed * 37 + i * 11 + (i >> 8) * 5) & 0xFF for i in range(size))


@pytest.fixture
def measured(tmp_path: Path):
    """Writes a file, measures it, and returns what --json says."""

    def measure(file: IgvmFile | bytes, *arguments: str) -> dict:
        path = tmp_path / "guest.igvm"
        path.write_bytes(file if isinstance(file, bytes) else file.bytes())
        done = run(path, "--json", *arguments)
        assert done.returncode == 0, done
        bare = run(path, *arguments)
        answer = json.loads(done.stdout)
        assert bare.stdout == answer.get("launch_digest", answer.get("mrtd")) + "\n"
        return answer

    return measure


@pytest.fixture
def refused(tmp_path: Path):
    """Writes a file that must be refused, and returns the one line that says why."""

    def refuse(file: IgvmFile | bytes, *arguments: str) -> str:
        path = tmp_path / "bad.igvm"
        path.write_bytes(file if isinstance(file, bytes) else file.bytes())
        done = run(path, *arguments)
        assert done.returncode == 2 and done.stdout == "", done
        assert done.stderr.startswith(f"hallmark-measure: {path}: ") and done.stderr.count("\n") == 1, done.stderr
        return done.stderr

    return refuse


@pytest.mark.parametrize("version", [1, 2])
def test_the_page_chain_of_another_implementation(version: int, measured) -> None:
    file = IgvmFile(version=version).policy()
    for i in range(3):
        file.page(i * PAGE, LGTM[i * PAGE:(i + 1) * PAGE])
    answer = measured(file)
    assert answer["launch_digest"] == GCE_THREE_PAGES
    assert answer["parameters"]["pages"] == 3
    assert answer["parameters"]["format_version"] == version
    assert answer["differing_tools"] == []


def everything() -> IgvmFile:
    """A file for three platforms with every directive that SNP or TDX knows, in an order like those of real ones."""
    file = IgvmFile(platforms=(SNP, TDX, VSM)).policy(0xB0000).policy(0x1, TDX)
    file.required(0x1000000, 0x200000).error_range(0x7000, 0x1000)
    file.area(0, pages=3).area(1).area(2, pages=2)
    file.parameter(0x307, 0).parameter(0x30C, 0, 8).parameter(0x313, 1)
    file.page(0x10000, content(1), mask=SNP | TDX)
    file.page(0x11000, mask=SNP | TDX | VSM)
    file.page(0x12000, content(2), flags=UNMEASURED, mask=SNP | TDX)
    file.page(0x13000, content(3), flags=SHARED, mask=SNP | TDX)
    file.page(0x14000, kind=SECRETS).page(0x15000, content(4), kind=CPUID).page(0x16000, kind=CPUID_XF)
    file.page(0x17000, content(5), mask=TDX).page(0x17000, content(6), mask=VSM)
    file.insert(0, 0x20000, mask=SNP).insert(1, 0x24000, mask=SNP | TDX).insert(2, 0x30000, mask=TDX)
    return file.context(content(7)).context(content(8), gpa=0, mask=VSM)


def test_every_directive_on_snp(measured) -> None:
    chain, peer = SnpChain(), SnpChain()
    for one in (chain, peer):
        one.normal(0x10000, content(1))
        one.normal(0x11000, b"")
        one.unmeasured(0x12000)
    peer.normal(0x13000, content(3))
    for one in (chain, peer):
        one.page(5, 0x14000)
        one.page(6, 0x15000)
        one.page(6, 0x16000)
    for i in range(3):
        chain.unmeasured(0x20000 + i * PAGE)
    peer.unmeasured(0x20000)
    for one in (chain, peer):
        one.unmeasured(0x24000)
        one.vmsa(KVM_VMSA_GPA, content(7))
    peer.vmsa(0, content(8))
    answer = measured(everything(), "--platform", "snp")
    assert answer["launch_digest"] == chain.digest.hex()
    assert answer["parameters"]["pages"] == 11
    assert answer["parameters"]["policy"] == "0xb0000"
    # What igvmmeasure makes of it, and why; microsoft/igvm agrees with the specification.
    [other] = answer["differing_tools"]
    assert other["tool"] == "igvmmeasure" and other["digest"] == peer.digest.hex()
    assert [reason.split(" ", 1)[1].split(",")[0] for reason in other["reasons"]] == [
        "parameter areas of several pages", "shared pages", "VP contexts of other platforms"]


def test_every_directive_on_tdx(measured) -> None:
    mrtd, shim = Mrtd(), Mrtd()
    for one in (mrtd, shim):
        one.measured(0x10000, content(1))
    mrtd.measured(0x11000, b"")
    shim.add(0x11000)
    for one in (mrtd, shim):
        one.add(0x12000)
        one.measured(0x17000, content(5))
        for gpa in (0x24000, 0x30000, 0x31000):
            one.add(gpa)
    answer = measured(everything(), "--platform", "tdx")
    assert answer["mrtd"] == mrtd.hash.hexdigest()
    assert answer["parameters"]["policy"] == "0x1" and answer["parameters"]["pages"] == 7
    [other] = answer["differing_tools"]
    assert other["tool"] == "td-shim-tee-info-hash" and other["digest"] == shim.hash.hexdigest()


@pytest.mark.parametrize("with_data", [False, True])
def test_large_pages(with_data: bool, measured) -> None:
    data = content(9, 512 * PAGE) if with_data else b""
    chain, first = SnpChain(), SnpChain()
    for i in range(512):
        chain.normal(0x200000 + i * PAGE, data[i * PAGE:(i + 1) * PAGE])
    first.normal(0x200000, data[:PAGE])
    answer = measured(IgvmFile().policy().page(0x200000, data, flags=LARGE))
    assert answer["launch_digest"] == chain.digest.hex() and answer["parameters"]["pages"] == 512
    others = {other["tool"]: other["digest"] for other in answer["differing_tools"]}
    assert others["microsoft/igvm"] == first.digest.hex()
    # igvmmeasure's reader gives it 4 KiB where it expects 2 MiB, so it stops.
    assert ("igvmmeasure" in others) == with_data and others.get("igvmmeasure") is None


def test_no_guest_policy(measured) -> None:
    [other] = measured(IgvmFile().page(0, content(1)))["differing_tools"]
    assert other["tool"] == "microsoft/igvm" and other["digest"] is None and "policy" in other["reasons"][0]


def test_what_kvm_would_measure_otherwise(measured) -> None:
    good = measured(IgvmFile().policy().page(0, content(1)).context(content(2)))
    assert good["notes"] == []
    late = measured(IgvmFile().policy().context(content(2)).page(0, content(1)))
    assert any("behind a VP context" in note for note in late["notes"])
    elsewhere = measured(IgvmFile().policy().page(0, content(1)).context(content(2), gpa=0x5000))
    assert any("0x5000" in note for note in elsewhere["notes"])


def test_id_block(measured, tmp_path: Path) -> None:
    chain = SnpChain()
    chain.normal(0, content(1))
    answer = measured(IgvmFile().policy().page(0, content(1)).id_block(chain.digest))
    block = answer["parameters"]["id_block"]
    assert block["matches"] is True and block["guest_svn"] == 7 and block["version"] == 1
    assert bytes.fromhex(block["family_id"]) == b"family".ljust(16)
    assert not any("ID block" in note for note in answer["notes"])
    answer = measured(IgvmFile().policy().page(0, content(1)).id_block(bytes(48)))
    assert answer["parameters"]["id_block"]["matches"] is False
    assert any("ID block" in note for note in answer["notes"])


@pytest.mark.parametrize("platform", ["snp", "tdx"])
def test_trace_ends_in_the_digest(platform: str, measured, tmp_path: Path) -> None:
    answer = measured(everything(), "--platform", platform)
    path = tmp_path / "guest.igvm"
    lines = run(path, "--platform", platform, "--trace").stdout.splitlines()
    digest = answer.get("launch_digest", answer.get("mrtd"))
    assert lines[-1] == digest and lines[-2].endswith("  " + digest)
    steps = json.loads(run(path, "--platform", platform, "--trace", "--json").stdout)["trace"]
    assert [step["value"] for step in steps] == [line.split()[-1] for line in lines[:-1]]
    assert any(step["what"] == "shared page at 0x13000" and step["inputs"] == "not measured" for step in steps)


def test_only_what_is_measured_counts(measured) -> None:
    base = everything().bytes()
    expected = {name: measured(base, "--platform", name) for name in ("snp", "tdx")}

    def with_byte_changed(data: bytes) -> bytes:
        at = base.index(data) + 100
        return base[:at] + bytes([base[at] ^ 1]) + base[at + 1:]

    for seed, names in ((1, ("snp", "tdx")), (2, ()), (3, ()), (4, ()), (5, ("tdx",)), (6, ()), (7, ("snp",)), (8, ())):
        changed = with_byte_changed(content(seed))
        for name, key in (("snp", "launch_digest"), ("tdx", "mrtd")):
            value = measured(changed, "--platform", name)[key]
            assert (value != expected[name][key]) == (name in names), (seed, name)


def test_platform_is_named_where_the_file_is_for_two(refused, measured) -> None:
    assert "--platform" in refused(IgvmFile(platforms=(SNP, TDX)).page(0))
    assert "neither" in refused(IgvmFile(platforms=(VSM,)))
    assert "no platform TDX" in refused(IgvmFile(), "--platform", "tdx")
    assert "mrtd" in measured(IgvmFile(platforms=(TDX,)).page(0, mask=TDX))


def test_unknown_headers(refused, measured) -> None:
    unknown = IgvmFile().policy().add(0x314, bytes(16)).page(0)
    assert "0x314" in refused(unknown)
    assert any("0x314" in note for note in measured(unknown, "--pass-over-unknown")["notes"])
    assert any("0x3f0" in note for note in measured(IgvmFile().policy().add(0x800003F0, b"abc").page(0))["notes"])
    assert "0x201" in refused(IgvmFile().add(0x201, bytes(8)))


BAD = {
    "page-unaligned": (IgvmFile().page(0x10), ["0x10", "multiple"]),
    "page-large-unaligned": (IgvmFile().page(0x1000, flags=LARGE), ["0x1000", "0x200000"]),
    "page-flags": (IgvmFile().page(0, flags=8), ["flags", "0x8"]),
    "page-type": (IgvmFile().page(0, kind=4), ["data type", "0x4"]),
    "page-past-2^64": (IgvmFile().area(0, 2).insert(0, 2**64 - PAGE), ["2^64"]),
    "area-not-declared": (IgvmFile().insert(0, 0), ["index", "declared"]),
    "area-inserted-twice": (IgvmFile().area(0).insert(0, 0).insert(0, PAGE), ["index", "inserted"]),
    "area-declared-twice": (IgvmFile().area(0).area(0), ["index", "no other"]),
    "area-empty": (IgvmFile().area(0, 0), ["size", "0x0"]),
    "area-huge": (IgvmFile().area(0, 2**50), ["size"]),
    "parameter-outside": (IgvmFile().area(0).parameter(0x307, 0, PAGE), ["byte offset", "0x1000"]),
    "parameter-after-insert": (IgvmFile().area(0).insert(0, 0).parameter(0x307, 0), ["index"]),
    "context-without-vmsa": (IgvmFile().add(0x304, struct.pack("<QIIHH", 0, SNP, 0, 0, 0)), ["file offset", "VMSA"]),
    "context-short": (IgvmFile().context(bytes(100)), ["bytes left", "4096"]),
    "platform-behind": (IgvmFile().page(0).add(0x1, struct.pack("<IBBHQ", 8, 0, 0, 1, 0)), ["later section"]),
    "policy-behind": (IgvmFile().page(0).policy(), ["GUEST_POLICY", "later section"]),
    "mask-of-two-bits": (IgvmFile().add(0x1, struct.pack("<IBBHQ", 6, 0, 0, 1, 0)), ["mask", "0x6", "one bit"]),
    "mask-used-twice": (IgvmFile().add(0x1, struct.pack("<IBBHQ", 1, 0, 0, 1, 0)), ["mask", "0x1", "one bit"]),
    "no-platform": (IgvmFile(platforms=()).page(0), ["no platform"]),
    "wrong-length": (IgvmFile().add(0x302, bytes(23)), ["PAGE_DATA", "0x17", "0x18"]),
    "reserved": (IgvmFile().add(0x302, bytes(8) + struct.pack("<IIIHH", 1, 0, 0, 0, 1)), ["reserved"]),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_structures(name: str, refused) -> None:
    file, words = BAD[name]
    line = refused(file)
    assert all(word in line for word in words), line


def test_bad_fixed_headers(refused) -> None:
    good = IgvmFile().policy().page(0, content(1)).bytes()
    for at, value, words in ((0, 0x4D564748, ["0x0", "magic"]), (4, 3, ["0x4", "version", "1 or 2"]),
                             (8, 25, ["0x8", "multiple of 8"]), (8, 0xFFFFFFF8, ["0x8"]), (12, 0xFFFFFFFF, ["0xc"]),
                             (16, len(good) + 1, ["0x10", "size of the file"]), (20, 0, ["0x14", "checksum"])):
        line = refused(good[:at] + struct.pack("<I", value) + good[at + 4:])
        assert all(word in line for word in words), line
    for cut in (0, 1, 23, len(good) - 1):
        refused(good[:cut])
    at = good.index(struct.pack("<II", 0x302, 24))
    assert "checksum" in refused(good[:at + 8] + b"\x00\x10" + good[at + 10:])
    two = IgvmFile(version=2).page(0).bytes()
    assert "page size" in refused(two[:28] + struct.pack("<I", 8191) + two[32:])
    arm = two[:24] + struct.pack("<II", 1, 65536) + two[32:]
    assert "architecture 1" in refused(reseal(arm))


def reseal(file: bytes) -> bytes:
    """A file of version 2 with its checksum set anew."""
    size = struct.unpack_from("<I", file, 12)[0]
    head = file[:20] + bytes(4) + file[24:32]
    return file[:20] + struct.pack("<I", zlib.crc32(head + file[32:32 + size])) + file[24:]


def test_padding_must_be_zero(refused) -> None:
    file = IgvmFile().policy().context(content(1)).bytes()
    at = file.index(struct.pack("<II", 0x304, 20)) + 8 + 20
    size = struct.unpack_from("<I", file, 12)[0]
    assert "padding" in refused(sealed(file[:at] + b"\x01" + file[at + 1:], 24, size, 1))


def test_data_outside_the_file(refused) -> None:
    for offset in (0xFFFFF000, 200):
        file = IgvmFile().add(0x302, struct.pack("<QIIIHH", 0, SNP, offset, 0, NORMAL, 0))
        assert "file offset" in refused(file)


def test_memory_is_bounded(refused) -> None:
    file = IgvmFile()
    for i in range(3):
        file.area(i, 2**19).insert(i, i << 32)
    assert "of memory in all" in refused(file)
