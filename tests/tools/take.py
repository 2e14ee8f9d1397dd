# SPDX-License-Identifier: Apache-2.0
"""Takes the test tools out of their locked packages: nothing of them is installed, nothing else is fetched.

skopeo and cosign get launchers that run them through their own dynamic loader, so the same on hosts whose C library is
older; podman, which starts itself anew and so must be where it thinks it is, gets a root of its own. The programs of
tests/independent are built of the libraries beside them, by the Go compiler among the packages, without a network.

Example: python3 -m tests.tools.take --skopeo build/tests/tools/skopeo --cosign build/tests/tools/cosign \\
             --podman build/tests/tools/podman \\
             --verifier build/tests/tools/independent-verifier --ttrpc build/tests/tools/independent-ttrpc
"""

import argparse
import hashlib
import json
import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from ci.lib import cache, errors, unpacked
from ci.lib.errors import Fault
from ci.lib.files import write_whole

HERE = Path(__file__).resolve().parent
LOCK = HERE / "packages.lock"
INDEPENDENT = HERE.parent / "independent"
SKOPEO = "usr/bin/skopeo"
COSIGN = "usr/bin/cosign"
PODMAN = "usr/bin/podman"
GO_ROOT = "usr/lib/go-1.24"
GO_LIBRARIES = "usr/share/gocode"
# Vendors' roots that the libraries embed and their packages leave out. Nothing may rest on them: what stands in for them
# is a certificate that expired in 2000.
NOT_PACKAGED = (
    *(f"go-sev-guest/verify/trust/ask_ark_{name}.pem" for name in (
        "genoa", "genoa_vlek", "milan", "milan_vlek", "turin_vcek", "turin_vlek")),
    "go-tdx-guest/verify/trusted_root.pem",
)
STAND_IN = INDEPENDENT / "stand-in.pem"


def main() -> None:
    parser = argparse.ArgumentParser(prog="take", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--skopeo", type=Path, required=True, metavar="FILE", help="the launcher of skopeo to write")
    parser.add_argument("--cosign", type=Path, required=True, metavar="FILE", help="the launcher of cosign to write")
    parser.add_argument("--podman", type=Path, required=True, metavar="FILE", help="the launcher of podman to write")
    parser.add_argument("--verifier", type=Path, required=True, metavar="FILE", help="the independent verifier to write")
    parser.add_argument("--ttrpc", type=Path, required=True, metavar="FILE", help="the independent ttrpc client to write")
    options = parser.parse_args()
    key, root = unpacked.unpack(LOCK, "test-tools", "test tools")
    write_whole(options.skopeo, unpacked.launcher(LOCK, root, SKOPEO).encode(), 0o755)
    write_whole(options.cosign, unpacked.launcher(LOCK, root, COSIGN).encode(), 0o755)
    write_whole(options.podman, in_own_root(root, PODMAN).encode(), 0o755)
    for sources, wanted in ((INDEPENDENT, options.verifier), (INDEPENDENT / "ttrpc", options.ttrpc)):
        write_whole(wanted, program(key, root, sources).read_bytes(), 0o755)


def in_own_root(root: Path, program: str) -> str:
    """A shell script, for root: it runs an unpacked program in a root of its own, with one folder of the caller's."""
    unpacked.expect(LOCK, root, program)
    return f"""#!/bin/sh
# {Path(program).name} FOLDER ARGUMENT...: runs the locked program where its packages are all that there is; FOLDER is /own there.
set -eu
[ "${{IN_OWN_ROOT:-}}" = 1 ] || IN_OWN_ROOT=1 exec unshare --mount --propagation private "$0" "$@"
folder=$1 packages={shlex.quote(str(root))}
shift
mount -t tmpfs none /mnt
for name in dev proc sys tmp usr own; do mkdir "/mnt/$name"; done
for name in bin lib lib64 sbin; do ln -s "usr/$name" "/mnt/$name"; done
mount --rbind /dev /mnt/dev
mount --rbind /sys /mnt/sys
mount -t proc none /mnt/proc
mount --bind "$packages/usr" /mnt/usr
mount --bind "$folder" /mnt/own
exec chroot /mnt /{program} "$@"
"""


def program(packages: str, root: Path, sources_in: Path) -> Path:
    """The program of a folder, in the cache under the hash of its sources, the packages and this script."""
    sources = sorted(sources_in.glob("*.go"))
    state = hashlib.sha256(packages.encode() + cache.file_key([Path(__file__), STAND_IN, *sources]).encode())
    folder = cache.directory("independent", state.hexdigest(), lambda into: build(root, sources, into / "program"))
    return folder / "program"


def build(root: Path, sources: list[Path], output: Path) -> None:
    unpacked.expect(LOCK, root, f"{GO_ROOT}/bin/go", f"{GO_LIBRARIES}/src")
    with tempfile.TemporaryDirectory(prefix="hallmark-go-") as work:
        # GOPATH mode: what is imported lies below GO_LIBRARIES or nowhere. Without cgo no compiler of the host is used.
        environment = {
            "CGO_ENABLED": "0", "GO111MODULE": "off", "GOCACHE": work, "GOENV": "off", "GOFLAGS": "-trimpath",
            "GOMAXPROCS": os.environ.get("HALLMARK_JOBS", str(os.cpu_count())), "GOPATH": str(root / GO_LIBRARIES),
            "GOPROXY": "off", "GOROOT": str(root / GO_ROOT), "GOTELEMETRY": "off", "GOTOOLCHAIN": "local", "HOME": work,
            "PATH": "/usr/bin:/bin",
        }
        overlay = Path(work) / "overlay.json"
        google = root / GO_LIBRARIES / "src/github.com/google"
        overlay.write_text(json.dumps({"Replace": {str(google / name): str(STAND_IN) for name in NOT_PACKAGED}}))
        go = [root / GO_ROOT / "bin/go", "build", "-overlay", overlay, "-o", output]
        done = subprocess.run([*go, *sources], cwd=INDEPENDENT, env=environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
    if done.returncode != 0:
        raise Fault(f"tests/independent: go build ended with status {done.returncode}, expected a program:\n{done.stdout}")


if __name__ == "__main__":
    errors.run("tests/tools/take.py", main)
