# SPDX-License-Identifier: Apache-2.0
"""The answers of --seed, extend, matrix, --trace and --vmsa, against digests that sev-snp-measure printed, and against
the chain of SNP_LAUNCH_UPDATE computed here (AMD publication 56860, section 8.17, table 67)."""

import hashlib
import json
import re
import struct
from itertools import groupby
from pathlib import Path

import pytest

from tests.integration.amd_vectors import VECTORS, inputs, vector_rows
from tests.integration.test_measure_cli import arguments_of, run

__all__ = ["inputs"]

PAGE_TYPES = {"NORMAL": 1, "VMSA": 2, "ZERO": 3, "UNMEASURED": 4, "SECRETS": 5, "CPUID": 6}
VMSA_GPA = 0xFFFFFFFFF000
# Offsets of fields in a VMSA: AMD publication 24593, table B-4.
RIP, RDX, SEV_FEATURES, MXCSR = 0x178, 0x310, 0x3B0, 0x408

ROWS = [row for row in vector_rows() if row[0] == "snp" and row[-1] != "ERROR"]


def answer(*arguments: str | Path) -> str:
    done = run(*arguments)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


def update(digest: bytes, content: bytes, kind: str, gpa: int) -> bytes:
    """One SNP_LAUNCH_UPDATE: the digest of PAGE_INFO."""
    return hashlib.sha384(digest + content + struct.pack("<HBBIQ", 0x70, PAGE_TYPES[kind], 0, 0, gpa)).digest()


def steps(*arguments: str | Path) -> list[tuple[str, int, bytes, bytes]]:
    """Type, address, digest of the content, and value after it, of every step that is traced."""
    found = []
    for step in json.loads(answer("snp", *arguments, "--trace", "--json"))["trace"]:
        kind, gpa = re.fullmatch(r"(?:.*: )?([A-Z]+) page at (0x[0-9a-f]+)", step["what"]).groups()
        found.append((kind, int(gpa, 16), bytes.fromhex(step["inputs"].removeprefix("content ")),
                      bytes.fromhex(step["value"])))
    return found


def vmsa_page(name: str) -> bytearray:
    path = VECTORS / f"vmsa_QEMU_{name}.bin"
    if not path.is_file():
        pytest.skip(f"{path} is missing; set HALLMARK_VECTORS to the folder of the test vectors")
    return bytearray(path.read_bytes())


@pytest.mark.parametrize("name", sorted({row[1] for row in ROWS}))
def test_seed_stands_for_the_firmware(name: str, inputs: Path, tmp_path: Path) -> None:
    seed = tmp_path / "seed.json"
    seed.write_text(answer("firmware-seed", "--ovmf", inputs / name))
    rows = [row for row in ROWS if row[1] == name]
    for row in rows:
        _, arguments = arguments_of(row, inputs)
        assert arguments[0] == "--ovmf"
        assert answer("snp", "--seed", seed, *arguments[2:]) == row[-1] + "\n"


def same_but_vcpus() -> list[list[list[str]]]:
    def others(row: list[str]) -> list[str]:
        return [*row[1:2], *row[3:9]]

    groups = [list(group) for _, group in groupby(sorted(ROWS, key=others), others)]
    return [group for group in groups if len(group) > 1]


def test_extension_gives_the_digests_of_more_cpus(inputs: Path) -> None:
    groups = same_but_vcpus()
    assert len(groups) >= 3
    for group in groups:
        first, *more = sorted(group, key=lambda row: int(row[2]))
        for row in more:
            words = ["--launch-digest", first[-1], "--from", first[2], "--vcpus", row[2], "--vcpu-type", row[3],
                     "--guest-features", row[4], "--vmm-type", row[5]]
            assert answer("extend", *words, "--ovmf", inputs / row[1]) == row[-1] + "\n", row


def test_matrix_has_the_digests_of_single_launches(inputs: Path) -> None:
    """One matrix for all rows that share firmware and kernel; it has many that no row has."""
    def launch(row: list[str]) -> list[str]:
        return [row[1], *row[6:9]]

    checked = 0
    for _, group in groupby(sorted(ROWS, key=launch), launch):
        rows = list(group)
        _, arguments = arguments_of(rows[0], inputs)
        files = [word for name, value in zip(arguments[::2], arguments[1::2])
                 if name in ("--ovmf", "--kernel", "--initrd", "--append") for word in (name, value)]
        lists = [",".join(sorted({row[column] for row in rows})) for column in (2, 3, 4, 5)]
        table = answer("matrix", *files, "--vcpus", lists[0], "--vcpu-type", lists[1], "--guest-features", lists[2],
                       "--vmm-type", lists[3])
        lines = {line.rsplit("\t", 1)[0]: line.rsplit("\t", 1)[1] for line in table.splitlines()[1:]}
        for row in rows:
            profile = {"gce": "gce-milan"}.get(row[5], row[5])
            assert lines["\t".join([profile, row[3], row[4], row[2]])] == row[-1], row
            checked += 1
    assert checked == len(ROWS) > 0


@pytest.mark.parametrize("row", [pytest.param(row, id="-".join(row[1:5])) for row in ROWS if int(row[2]) <= 3][:8])
def test_trace_is_the_chain_of_the_specification(row: list[str], inputs: Path) -> None:
    _, arguments = arguments_of(row, inputs)
    firmware = (inputs / row[1]).read_bytes()
    digest = bytes(48)
    traced = steps(*arguments)
    for kind, gpa, content, value in traced:
        digest = update(digest, content, kind, gpa)
        assert value == digest
        if kind not in ("NORMAL", "VMSA"):
            assert content == bytes(48)
        if kind == "NORMAL" and gpa >= (1 << 32) - len(firmware):
            page = firmware[len(firmware) - (1 << 32) + gpa :][:4096]
            assert content == hashlib.sha384(page).digest()
    assert digest.hex() == row[-1]
    assert [gpa for kind, gpa, *_ in traced if kind == "VMSA"] == [VMSA_GPA] * int(row[2])


@pytest.mark.parametrize(("option", "boot", "other"), [
    ([], {}, {}),
    (["rip=0x1234"], {RIP: struct.pack("<Q", 0x1234)}, {RIP: struct.pack("<Q", 0x1234)}),
    (["bsp.rdx=7"], {RDX: struct.pack("<Q", 7)}, {}),
    (["ap.mxcsr=0"], {}, {MXCSR: bytes(4)}),
    (["sev_features=0x21", "ap.sev_features=1"], {SEV_FEATURES: struct.pack("<Q", 0x21)}, {}),
])
def test_changed_states_are_measured(option: list[str], boot: dict[int, bytes], other: dict[int, bytes],
                                     inputs: Path) -> None:
    """From pages that sev-snp-measure wrote, with the fields changed in them."""
    arguments = ["--vcpus", "3", "--vcpu-type", "EPYC-v4", "--ovmf", inputs / "amdsev-64k.fd"]
    *memory, _, _, _ = steps(*arguments)
    digest = memory[-1][-1]
    pages = [vmsa_page("bsp_sig800f12_feat1"), vmsa_page("ap_eip_0080b004_sig800f12_feat1")]
    for page, changes in zip(pages, (boot, other)):
        for offset, value in changes.items():
            page[offset : offset + len(value)] = value
    for page in (pages[0], pages[1], pages[1]):
        digest = update(digest, hashlib.sha384(page).digest(), "VMSA", VMSA_GPA)
    words = [word for one in option for word in ("--vmsa", one)]
    assert answer("snp", *arguments, *words) == digest.hex() + "\n"
