# SPDX-License-Identifier: Apache-2.0
"""Takes QEMU out of its locked packages and writes a launcher that runs it with its own libraries.

Through its own dynamic loader it runs, bit for bit the same, on hosts whose C library is older.
"""

import argparse
import hashlib
import shlex
from pathlib import Path

from ci.lib import cache, debpkg, errors, fetch
from ci.lib.errors import Fault
from ci.lib.files import write_whole

LOCK = Path(__file__).resolve().parent / "packages.lock"
PROGRAM = "usr/bin/qemu-system-x86_64"
LOADER = "usr/lib64/ld-linux-x86-64.so.2"
LIBRARIES = "usr/lib/x86_64-linux-gnu"
DATA = ("usr/share/qemu", "usr/share/seabios")


def main() -> None:
    parser = argparse.ArgumentParser(prog="take_qemu", description=__doc__.splitlines()[0],
                                     epilog="example: python3 boot/take_qemu.py --output build/boot/qemu")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE", help="the launcher to write")
    output = parser.parse_args().output
    write_whole(output, launcher(unpacked()).encode(), 0o755)


def unpacked() -> Path:
    """The unpacked packages, in the cache under the hash of all that they are made from."""
    fetched = fetch.obtain(LOCK)
    state = hashlib.sha256(cache.file_key([Path(debpkg.__file__)]).encode())
    for one in fetched:
        state.update(f"{one.entry.name} {one.entry.sha256}\n".encode())
    return cache.directory("qemu", state.hexdigest(),
                           lambda into: debpkg.unpack_all([one.file for one in fetched], into, "QEMU"))


def launcher(root: Path) -> str:
    """A shell script that runs the unpacked QEMU from any folder."""
    for needed in (LOADER, PROGRAM):
        if not (root / needed).is_file():
            raise Fault(f"{LOCK}: no {needed} in its packages, expected one; see boot/packages.toml")
    words = [str(root / LOADER), "--argv0", Path(PROGRAM).name, "--library-path", str(root / LIBRARIES),
             str(root / PROGRAM)]
    for path in DATA:
        if (root / path).is_dir():
            words += ["-L", str(root / path)]
    return ("#!/bin/sh\n# Runs the locked QEMU with its own loader, libraries and data.\n"
            # Modules are looked for here too; the compiled-in folder is the host's, whose QEMU is another one.
            f"QEMU_MODULE_DIR={shlex.quote(str(root / LIBRARIES / 'qemu'))}\nexport QEMU_MODULE_DIR\n"
            f"unset LD_LIBRARY_PATH LD_PRELOAD\nexec {shlex.join(words)} \"$@\"\n")


if __name__ == "__main__":
    errors.run("boot/take_qemu.py", main)
