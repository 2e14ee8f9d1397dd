# SPDX-License-Identifier: Apache-2.0
"""Takes what `hallmark-boot demo` runs out of its locked packages, into one folder: the launchers docker-registry and
skopeo, and busybox itself, which becomes the container image.

Example: python3 boot/demo/take.py --docker-registry build/boot/demo/docker-registry --skopeo build/boot/demo/skopeo \\
             --busybox build/boot/demo/busybox
"""

import argparse
from pathlib import Path

from ci.lib import errors, unpacked
from ci.lib.files import write_whole

LOCK = Path(__file__).resolve().parent / "packages.lock"
REGISTRY = "usr/bin/docker-registry"
SKOPEO = "usr/bin/skopeo"
BUSYBOX = "usr/bin/busybox"


def main() -> None:
    parser = argparse.ArgumentParser(prog="take", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for program in ("docker-registry", "skopeo"):
        parser.add_argument(f"--{program}", type=Path, required=True, metavar="FILE", help="the launcher to write")
    parser.add_argument("--busybox", type=Path, required=True, metavar="FILE", help="the static program to write")
    options = parser.parse_args()
    _, root = unpacked.unpack(LOCK, "demo", "tools of the demo")
    write_whole(options.docker_registry, unpacked.launcher(LOCK, root, REGISTRY).encode(), 0o755)
    write_whole(options.skopeo, unpacked.launcher(LOCK, root, SKOPEO).encode(), 0o755)
    unpacked.expect(LOCK, root, BUSYBOX)
    write_whole(options.busybox, (root / BUSYBOX).read_bytes(), 0o755)


if __name__ == "__main__":
    errors.run("boot/demo/take.py", main)
