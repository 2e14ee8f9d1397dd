# SPDX-License-Identifier: Apache-2.0
"""Programs of locked packages, unpacked and not installed, and run through their own dynamic loader: so they are, bit for
bit, the same on hosts whose C library is older."""

import hashlib
import shlex
from pathlib import Path

from ci.lib import cache, debpkg, fetch
from ci.lib.errors import Fault

LOADER = "usr/lib64/ld-linux-x86-64.so.2"
LIBRARIES = "usr/lib/x86_64-linux-gnu"


def unpack(lock: Path, kind: str, what: str) -> tuple[str, Path]:
    """The packages of a lock file, in the cache under the hash of all that they are made from; and that hash.

    `kind` is the folder of the cache, `what` names them where progress is shown."""
    fetched = fetch.obtain(lock)
    state = hashlib.sha256(cache.file_key([Path(debpkg.__file__)]).encode())
    for one in fetched:
        state.update(f"{one.entry.name} {one.entry.sha256}\n".encode())
    key = state.hexdigest()
    return key, cache.directory(kind, key, lambda into: debpkg.unpack_all([one.file for one in fetched], into, what))


def expect(lock: Path, root: Path, *paths: str) -> None:
    for needed in paths:
        if not (root / needed).exists():
            raise Fault(f"{lock}: no {needed} in its packages, expected one; see {lock.with_suffix('.toml')}")


def launcher(lock: Path, root: Path, program: str, *options: str, first: str = "") -> str:
    """A shell script that runs an unpacked program, with these options, from any folder; `first` are lines before that."""
    expect(lock, root, LOADER, program)
    name = Path(program).name
    words = [str(root / LOADER), "--argv0", name, "--library-path", str(root / LIBRARIES), str(root / program), *options]
    return (f"#!/bin/sh\n# Runs the locked {name} with its own loader and libraries.\n{first}"
            f"unset LD_LIBRARY_PATH LD_PRELOAD\nexec {shlex.join(words)} \"$@\"\n")
