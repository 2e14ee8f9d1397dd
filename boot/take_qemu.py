# SPDX-License-Identifier: Apache-2.0
"""Takes QEMU out of its locked packages and writes a launcher that runs it with its own libraries.

Through its own dynamic loader it runs, bit for bit the same, on hosts whose C library is older.
"""

import argparse
import shlex
from pathlib import Path

from ci.lib import errors, unpacked
from ci.lib.files import write_whole

LOCK = Path(__file__).resolve().parent / "packages.lock"
PROGRAM = "usr/bin/qemu-system-x86_64"
DATA = ("usr/share/qemu", "usr/share/seabios")


def main() -> None:
    parser = argparse.ArgumentParser(prog="take_qemu", description=__doc__.splitlines()[0],
                                     epilog="example: python3 boot/take_qemu.py --output build/boot/qemu")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE", help="the launcher to write")
    output = parser.parse_args().output
    _, root = unpacked.unpack(LOCK, "qemu", "QEMU")
    write_whole(output, launcher(root).encode(), 0o755)


def launcher(root: Path) -> str:
    """A shell script that runs the unpacked QEMU from any folder."""
    data = [word for path in DATA if (root / path).is_dir() for word in ("-L", str(root / path))]
    # Modules are looked for here too; the compiled-in folder is the host's, whose QEMU is another one.
    modules = shlex.quote(str(root / unpacked.LIBRARIES / "qemu"))
    return unpacked.launcher(LOCK, root, PROGRAM, *data,
                             first=f"QEMU_MODULE_DIR={modules}\nexport QEMU_MODULE_DIR\n")


if __name__ == "__main__":
    errors.run("boot/take_qemu.py", main)
