# SPDX-License-Identifier: Apache-2.0
"""A stock kata-agent that the builder hands in: taken only if it is the file that its SHA-256 names."""

import hashlib
import re
import shutil
from pathlib import Path

from ci.lib.errors import Fault

NAME = "kata-agent"
LARGEST = 512 << 20  # bytes; the audit reads no larger file


def take(source: Path, sha256: str, into: Path) -> Path:
    """A checked copy in the directory `into`: what was hashed is what gets into the root."""
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise Fault(f"--kata-agent-sha256: found '{sha256}', expected 64 digits of lower-case hex; see sha256sum")
    if not source.is_file() or not 0 < source.stat().st_size <= LARGEST:
        raise Fault(f"{source}: not a file of 1 to {LARGEST} bytes, expected a kata-agent; correct --kata-agent")
    copy = into / NAME
    shutil.copyfile(source, copy)
    with copy.open("rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    if found != sha256:
        raise Fault(f"{source}: SHA-256 is {found}, expected {sha256}; take the right file, or correct --kata-agent-sha256")
    return copy


def record(agent: Path, sha256: str) -> dict:
    """The row for `inputs` of manifest.json. It lies in no archive, so its hash alone is what locks it."""
    return {
        "purpose": NAME, "name": NAME, "version": "-", "architecture": "amd64", "size": agent.stat().st_size,
        "sha256": sha256, "suite": "-", "path": "-", "locked": True,
    }  # fmt: skip
