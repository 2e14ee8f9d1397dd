# SPDX-License-Identifier: Apache-2.0
"""systemd-measure of the release whose stub the image has, from locked packages, run through its own loader."""

import hashlib
import json
import subprocess
from pathlib import Path

from ci.lib import cache, debpkg, fetch

LOCK = Path(__file__).resolve().parent / "packages.lock"
PROGRAM = "usr/lib/systemd/systemd-measure"
LOADER = "usr/lib64/ld-linux-x86-64.so.2"
LIBRARIES = ("usr/lib/x86_64-linux-gnu/systemd", "usr/lib/x86_64-linux-gnu")


def unpacked() -> Path:
    """The unpacked packages, in the cache under the hash of all that they are made from. Faults where they can't be had."""
    fetched = fetch.obtain(LOCK)
    state = hashlib.sha256(cache.file_key([Path(debpkg.__file__)]).encode())
    for one in fetched:
        state.update(f"{one.entry.name} {one.entry.sha256}\n".encode())
    return cache.directory("systemd-measure", state.hexdigest(),
                           lambda into: debpkg.unpack_all([one.file for one in fetched], into, "systemd-measure"))


def calculate(root: Path, sections: dict[str, Path], *arguments: str) -> dict:
    """What it prints as JSON for these sections (".linux" and so on) in the banks SHA-256 and SHA-384."""
    libraries = ":".join(str(root / one) for one in LIBRARIES)
    done = subprocess.run(
        [root / LOADER, "--library-path", libraries, root / PROGRAM, "calculate", "--json=short", "--bank=sha256",
         "--bank=sha384", *(f"--{name.removeprefix('.')}={file}" for name, file in sections.items()), *arguments],
        capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
