# SPDX-License-Identifier: Apache-2.0
"""Calling hallmark-boot on the built image and the simulated SNP platform."""

import hashlib
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("HALLMARK_BUILD", ROOT / "build"))
PROGRAM = BUILD / "boot" / "hallmark-boot"
QEMU = Path(os.environ.get("HALLMARK_QEMU", BUILD / "boot" / "qemu"))
GUEST = Path(os.environ.get("HALLMARK_GUEST", BUILD / "guest"))

# What hallmark-boot itself gives a boot, and what these tests give it beyond that to end.
TIME_LIMIT = 90
END_LIMIT = 15

needs_guest = pytest.mark.skipif(not (GUEST / "reference-values.json").is_file(),
                                 reason=f"no guest image in {GUEST}")


@dataclass
class Boot:
    status: int
    answer: dict
    error: str

    @property
    def digests(self) -> dict[str, str | None]:
        return self.answer["digests"]


def command(platform: Path, *arguments: str | Path, time_limit: int = TIME_LIMIT) -> list[str | Path]:
    return [PROGRAM, GUEST, "--tee", "simulated-snp", "--qemu", QEMU, "--simulated-root", platform, "--timeout",
            str(time_limit), "--json", *arguments]


def boot(platform: Path, *arguments: str | Path, time_limit: int = TIME_LIMIT) -> Boot:
    done = subprocess.run(command(platform, *arguments, time_limit=time_limit), capture_output=True, text=True,
                          timeout=time_limit + END_LIMIT, check=False)
    assert done.stdout, done.stderr
    return Boot(done.returncode, json.loads(done.stdout), done.stderr)


def report_data(challenge: bytes) -> bytes:
    """What evidence over a challenge of the control port has as report data: never the host's own bytes."""
    return hashlib.sha512(b"org.hallmark.control.0\0" + challenge).digest()


def reference_values() -> set[str]:
    """Every digest-like value of reference-values.json, wherever it stands."""
    found: set[str] = set()

    def visit(value: object) -> None:
        if isinstance(value, dict):
            for one in value.values():
                visit(one)
        elif isinstance(value, list):
            for one in value:
                visit(one)
        elif isinstance(value, str) and len(value) == 96:
            found.add(value)

    visit(json.loads((GUEST / "reference-values.json").read_text()))
    return found
