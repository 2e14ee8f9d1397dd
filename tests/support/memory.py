# SPDX-License-Identifier: Apache-2.0
"""What a process has of a secret in its memory. Asks the kernel; see proc_pid_maps(5)."""

import base64
import contextlib
from collections.abc import Iterator
from pathlib import Path


def forms(secret: bytes) -> dict[str, bytes]:
    """How it may be written, by name. Of each only the middle: what frees memory writes over where a block begins."""
    written = {
        "bytes": secret,
        "hex": secret.hex().encode(),
        "HEX": secret.hex().upper().encode(),
        "base64": base64.b64encode(secret),
        "base64url": base64.urlsafe_b64encode(secret),
        "list of numbers": ",".join(map(str, secret)).encode(),
    }
    return {name: text[len(text) // 3 : len(text) * 2 // 3] for name, text in written.items()}


def parts(pid: int) -> Iterator[tuple[str, bytes]]:
    """Heap and other memory under no file's name, stacks of threads too, by address."""
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            place, access, _, _, inode, *name = line.split(maxsplit=5)
            if "r" not in access or "w" not in access or inode != "0" or name in (["[stack]"], ["[vvar]"]):
                continue
            begin, end = (int(number, 16) for number in place.split("-"))
            memory.seek(begin)
            with contextlib.suppress(OSError):  # unmapped meanwhile
                yield place, memory.read(end - begin)


def found(pid: int, secret: bytes) -> list[str]:
    """Where it still is: address and form, one for each part of the memory and form. Nobody else may change it meanwhile."""
    assert len(secret) >= 48, "too short: what is found could be chance"
    looked = 0
    places = []
    for place, content in parts(pid):
        looked += len(content)
        places += [f"{place}: {name}" for name, middle in forms(secret).items() if middle in content]
    assert looked > 0, "no memory was looked at"
    return places
