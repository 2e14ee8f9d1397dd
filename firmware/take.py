# SPDX-License-Identifier: Apache-2.0
"""Takes the two firmware images out of their locked packages."""

import argparse
import json
from pathlib import Path

from ci.lib import debpkg, errors, fetch
from ci.lib.errors import Fault
from ci.lib.files import write_whole

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
        write_whole(getattr(wanted, kind), debpkg.read_member(packages[name], path, MAX_BYTES))
    write_whole(wanted.inputs, (json.dumps(fetch.record(fetched, "firmware"), indent=2) + "\n").encode())


if __name__ == "__main__":
    errors.run("firmware/take.py", main)
