# SPDX-License-Identifier: Apache-2.0
"""manifest.json, version 1: what the guest consists of, what it was made from and with, and how it is started.

Keys come in one fixed order and there is no time in it, so the same inputs give the same bytes. Readers refuse unknown keys.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from ci.lib.errors import Fault

from image import boot_paths, disk
from image.command_lines import CommandLine
from image.verity import Verity

SCHEMA = "hallmark/manifest/v1"
ARTEFACTS = {
    "kernel": "vmlinuz",
    "firmware_amdsev": "OVMF.amdsev.fd",
    "firmware_generic": "OVMF.fd",
    "disk": "guest.img",
    "uki": "guest.efi",
    "uki_disk": "guest-uki.img",
}
INPUT_KEYS = ("purpose", "name", "version", "architecture", "size", "sha256", "suite", "path", "locked")

# Those of the build root's packages that turn inputs into the guest's bytes.
TOOLS = (
    "bc", "binutils", "bison", "cryptsetup-bin", "dosfstools", "erofs-utils", "flex", "g++-14", "gcc-14", "libc6-dev",
    "libelf-dev", "libstdc++-14-dev", "make", "meson", "mtools", "ninja-build", "python3", "python3-pefile",
    "systemd-boot-efi", "systemd-ukify", "xz-utils",
)  # fmt: skip


def render(
    version: str,
    artefacts: dict[str, Path],
    verity: Verity,
    command_lines: Iterable[CommandLine],
    inputs: Iterable[dict],
    tools: dict[str, str],
) -> str:
    """The file's text. `artefacts` maps each key of ARTEFACTS to a file with those bytes, whatever its name."""
    lines = list(command_lines)
    rows = sorted(map(_input, inputs), key=lambda row: tuple(str(row[key]) for key in INPUT_KEYS))
    document = {
        "schema": SCHEMA,
        "name": "hallmark-guest",
        "version": version,
        "locked": all(row["locked"] for row in rows),
        "artefacts": {key: _artefact(name, artefacts[key]) for key, name in ARTEFACTS.items()},
        "verity": _verity(verity),
        "command_lines": [asdict(line) for line in lines],
        "boot_paths": boot_paths.render([line.name for line in lines]),
        "inputs": rows,
        "tools": _tools(tools),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def read_inputs(file: Path) -> list[dict]:
    """The rows that firmware/ and kernel-config/ leave beside what they made."""
    try:
        rows = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise Fault(f"{file}: {error}") from error
    if not isinstance(rows, list) or not rows:
        raise Fault(f"{file}: expected a list of inputs that is not empty")
    return rows


def _input(row: dict) -> dict:
    if not isinstance(row, dict) or set(row) != set(INPUT_KEYS) or not isinstance(row["locked"], bool):
        raise Fault(f"inputs: found {row!r}, expected an object with exactly the keys {', '.join(INPUT_KEYS)}")
    return {key: row[key] for key in INPUT_KEYS}


def _tools(versions: dict[str, str]) -> dict[str, str]:
    missing = sorted(set(TOOLS) - set(versions))
    if missing:
        raise Fault(f"tools: {missing[0]} is not in the build root; correct its packages.toml or TOOLS in image/manifest.py")
    return {name: versions[name] for name in TOOLS}


def _artefact(name: str, file: Path) -> dict:
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return {"file": name, "size": file.stat().st_size, "sha256": digest}


def _verity(verity: Verity) -> dict:
    return {
        "hash_algorithm": verity.hash_algorithm,
        "root_hash": verity.root_hash,
        "salt": verity.salt,
        "data_blocks": verity.data_blocks,
        "data_block_size": verity.data_block_size,
        "hash_block_size": verity.hash_block_size,
        "data_partition": disk.DATA_PARTITION,
        "hash_partition": disk.HASH_PARTITION,
    }
