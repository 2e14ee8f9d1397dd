# SPDX-License-Identifier: Apache-2.0
"""The dm-verity hash tree of an image: made by veritysetup, and worked out a second time here.

Source: Linux, Documentation/admin-guide/device-mapper/verity.rst (hash type 1: the salt comes before the block).
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from ci.lib.errors import Fault

from image.filesystem import BLOCK
from image.tools import Run


@dataclass(frozen=True)
class Verity:
    """What the kernel must be told to open the device. Hashes and salt are lower-case hex."""

    root_hash: str
    salt: str
    data_blocks: int
    hash_algorithm: str = "sha256"
    data_block_size: int = BLOCK
    hash_block_size: int = BLOCK


def make(image: Path, hashes: Path, run: Run) -> Verity:
    """Writes the hash tree of `image` to `hashes`, both in one directory, without superblock.

    The salt is the SHA-256 of the image: it need not be secret, and it must not be chance.
    """
    with image.open("rb") as file:
        salt = hashlib.file_digest(file, "sha256").hexdigest()
    data_blocks, rest = divmod(image.stat().st_size, BLOCK)
    if rest or data_blocks < 2:
        raise Fault(f"{image}: size is {image.stat().st_size} bytes, expected two or more whole blocks of {BLOCK}")
    hashes.write_bytes(b"")  # veritysetup wants the file to exist
    output = run(
        [
            "veritysetup", "format", "--no-superblock", "--hash=sha256", f"--data-block-size={BLOCK}",
            f"--hash-block-size={BLOCK}", f"--data-blocks={data_blocks}", f"--salt={salt}", image.name, hashes.name,
        ],  # fmt: skip
        [(image.parent, "/out", False)],
        "/out",
    )
    printed = root_hash_of_output(output)
    root_hash, tree = hash_tree(image, bytes.fromhex(salt))
    if printed != root_hash or hashes.read_bytes() != tree:
        raise Fault(f"{hashes}: veritysetup made root hash {printed}, expected {root_hash}; do not use this image")
    return Verity(root_hash, salt, data_blocks)


def root_hash_of_output(output: str) -> str:
    found = re.findall(r"^Root hash:\s+([0-9a-f]{64})$", output, re.MULTILINE)
    if len(found) != 1:
        raise Fault(f"veritysetup: expected one line 'Root hash: ...' of 64 hex digits, found {len(found)}")
    return found[0]


def hash_tree(image: Path, salt: bytes) -> tuple[str, bytes]:
    """The root hash in hex, and the tree as it lies on the hash device: the top level first."""
    start = hashlib.sha256(salt)
    levels: list[bytes] = []
    with image.open("rb") as file:
        level = _hash_blocks(start, iter(lambda: file.read(BLOCK), b""))
    levels.append(level)
    while len(level) > BLOCK:
        level = _hash_blocks(start, (level[at : at + BLOCK] for at in range(0, len(level), BLOCK)))
        levels.append(level)
    root = start.copy()
    root.update(level)
    return root.hexdigest(), b"".join(reversed(levels))


def _hash_blocks(start, blocks) -> bytes:
    digests = bytearray()
    for block in blocks:
        digest = start.copy()
        digest.update(block)
        digests += digest.digest()
    digests += bytes(-len(digests) % BLOCK)
    return bytes(digests)
