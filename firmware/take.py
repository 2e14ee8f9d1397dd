# SPDX-License-Identifier: Apache-2.0
"""Takes the two firmware images out of their locked packages."""

import argparse
import json
import os
import tempfile
from pathlib import Path

from ci.lib import debpkg, errors, fetch
from ci.lib.errors import Fault

LOCK = Path(__file__).resolve().parent / "packages.lock"
# A firmware volume for a PC ends below 4 GiB and is 2 or 4 MiB; 16 MiB is the most that QEMU maps there.
MAX_BYTES = 16 << 20
SOURCES = {
    "amdsev": ("ovmf-amdsev", "usr/share/ovmf/OVMF.amdsev.fd"),
    "generic": ("ovmf-generic", "usr/share/ovmf/OVMF.fd"),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="take", description=__doc__,
        epilog="example: python3 firmware/take.py --amdsev OVMF.amdsev.fd --generic OVMF.fd --inputs inputs.json")
    parser.add_argument("--amdsev", type=Path, required=True, help="where to write the firmware for SEV-SNP")
    parser.add_argument("--generic", type=Path, required=True, help="where to write the firmware with TDX metadata")
    parser.add_argument("--inputs", type=Path, required=True, help="where to write the rows for the manifest (JSON)")
    wanted = parser.parse_args()
    fetched = fetch.obtain(LOCK)
    packages = {one.entry.name: one.file for one in fetched}
    for kind, (name, path) in SOURCES.items():
        if name not in packages:
            raise Fault(f"{LOCK}: {name} is not in it, expected it; add it to packages.toml and run: ci/lock firmware")
        write(getattr(wanted, kind), debpkg.read_member(packages[name], path, MAX_BYTES))
    write(wanted.inputs, (json.dumps(fetch.record(fetched, "firmware"), indent=2) + "\n").encode())


def write(path: Path, content: bytes) -> None:
    """The whole file under its name, or nothing."""
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            os.fchmod(out.fileno(), 0o644)
            out.write(content)
        os.replace(draft, path)
    except BaseException:
        os.unlink(draft)
        raise


if __name__ == "__main__":
    errors.run("firmware/take.py", main)
