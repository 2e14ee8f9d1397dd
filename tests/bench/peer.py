# SPDX-License-Identifier: Apache-2.0
"""Makes what the boot race runs: Debian's kernel for clouds with an initrd, and one root for both kernels.

The peer gets every advantage: an initrd of nothing but a shell and the two modules that its root needs, and a root
mounted without verity. Ours opens the same root by dm-verity, as in the product.

Example: python3 tests/bench/peer.py --into build/tests/bench/race --stamp build/tests/bench/race.stamp
"""

import argparse
import hashlib
import lzma
import re
import shutil
import tempfile
from pathlib import Path

from ci.lib import build_root, cache, debpkg, errors, fetch
from ci.lib.errors import Fault
from image import assemble, tools, tree

HERE = Path(__file__).resolve().parent
BUSYBOX = "usr/bin/busybox"
MODULES = ("virtio_blk", "erofs")

PEER_INIT = """#!/bin/busybox sh
/bin/busybox mount -t devtmpfs none /dev
for module in {modules}; do /bin/busybox insmod /$module.ko; done
/bin/busybox mount -t erofs -o ro /dev/vda1 /root
/bin/busybox mount --move /dev /root/dev
exec /bin/busybox switch_root /root /sbin/init
"""
# Says that user space is there, then what is free or can be freed at once. Not MemAvailable: that leaves out reserves, which
# nobody uses. MemFree leaves out the free pages that each processor keeps at hand, by chance 4 to 7 MiB: zoneinfo counts
# them.
ROOT_INIT = """#!/bin/busybox sh
echo "race: user space"
/bin/busybox mount -t proc none /proc
/bin/busybox awk '/^(MemFree|Buffers|Cached|SReclaimable):/ { sum += $2 } $1 == "count:" { sum += 4 * $2 }
END { print "race: available", sum }' /proc/meminfo /proc/zoneinfo
echo "race: end"
/bin/busybox poweroff -f
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--into", type=Path, required=True, help="folder for vmlinuz, initrd, guest.img and verity.json")
    parser.add_argument("--stamp", type=Path, required=True, help="written last, for build tools that watch one file")
    options = parser.parse_args()
    packages = fetch.obtain(HERE / "packages.lock")
    state = hashlib.sha256((build_root.identity() + cache.file_key([Path(__file__)])).encode())
    state.update("\n".join(one.entry.sha256 for one in packages).encode())
    made = cache.directory("race", state.hexdigest(), lambda into: make([one.file for one in packages], into))
    options.into.mkdir(parents=True, exist_ok=True)
    for file in made.iterdir():
        shutil.copyfile(file, options.into / file.name)
    options.stamp.write_text("")
    return 0


def make(debs: list[Path], into: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="hallmark-race-") as name:
        work = Path(name)
        unpacked = work / "packages"
        debpkg.unpack_all(debs, unpacked, "the peer of the boot race")
        shutil.copyfile(only(unpacked, "usr/lib/modules/*/vmlinuz"), into / "vmlinuz")
        make_initrd(unpacked, work / "initrd", into)
        make_disk(unpacked, work / "root", into)


def only(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise Fault(f"{HERE.name}/packages.lock: found {len(found)} files {pattern} in its packages, expected one")
    return found[0]


def make_initrd(unpacked: Path, root: Path, into: Path) -> None:
    for name in ("bin", "dev", "root"):
        (root / name).mkdir(parents=True)
    shutil.copy(unpacked / BUSYBOX, root / "bin/busybox")
    for name in MODULES:
        module = lzma.decompress(only(unpacked, f"usr/lib/modules/*/kernel/**/{name}.ko.xz").read_bytes())
        needs = re.search(rb"\0depends=([^\0]*)\0", module)
        if needs and needs[1]:
            raise Fault(f"{name}.ko: needs {needs[1].decode()}, expected nothing; add it to MODULES before it")
        (root / f"{name}.ko").write_bytes(module)
    program(root / "init", PEER_INIT.format(modules=" ".join(MODULES)))
    script = "find . | LC_ALL=C sort | cpio --quiet --reproducible --create --format=newc >/out/initrd"
    tools.run(["sh", "-c", script], [(root, "/tree", True), (into, "/out", False)], "/tree")


def make_disk(unpacked: Path, root: Path, into: Path) -> None:
    for name in ("bin", "dev", "proc", "sbin"):
        (root / name).mkdir(parents=True)
    shutil.copy(unpacked / BUSYBOX, root / "bin/busybox")
    program(root / "sbin/init", ROOT_INIT)
    tree.normalise(root, {})
    assemble.make_disk(root, tree.identity(root), into)


def program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


if __name__ == "__main__":
    errors.run("tests/bench/peer.py", main)
