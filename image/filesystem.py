# SPDX-License-Identifier: Apache-2.0
"""The root tree as a compressed EROFS image."""

import hashlib
import uuid
from pathlib import Path

from ci.lib.errors import Fault

from image.tools import Run

BLOCK = 4096  # bytes; dm-verity's block size too, and the page size of the guest

# -zlz4hc,12  the best ratio that still unpacks at memory speed.
# -C65536     64 KiB clusters: most of the ratio that larger ones would have, at a small cost in reads.
# -T0         every time stamp is the epoch. --all-root: whoever built it, all is root's.
# -x-1        no extended attributes: those of the host (SELinux labels) would get into the image.
# --workers=1 the order of clusters can't depend on how many processors the host has.
# In mkfs.erofs 1.8.6 the build root's SOURCE_DATE_EPOCH would win over -T0: earlier times stay, and inodes double in size.
WITHOUT_DATE = ("env", "--unset=SOURCE_DATE_EPOCH")
FLAGS = ("--quiet", "-zlz4hc,12", "-C65536", "-T0", "-x-1", "--all-root", "--workers=1")


def derived_uuid(identity: str) -> uuid.UUID:
    """A UUID that follows from the tree's identity: version 8, custom content (RFC 9562, section 5.8)."""
    digest = bytearray(hashlib.sha256(b"hallmark erofs uuid\0" + identity.encode()).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    return uuid.UUID(bytes=bytes(digest))


def make(tree: Path, identity: str, image: Path, run: Run) -> None:
    """Writes `image` from `tree`, padded to whole blocks. `image.parent` must be writable in the build root."""
    run(
        [*WITHOUT_DATE, "mkfs.erofs", *FLAGS, "-U", str(derived_uuid(identity)), f"/out/{image.name}", "/tree"],
        [(tree, "/tree", True), (image.parent, "/out", False)],
        "/out",
    )
    size = image.stat().st_size
    if size == 0:
        raise Fault(f"{image}: mkfs.erofs wrote nothing; try it by hand in the build root")
    with image.open("ab") as file:
        file.write(bytes(-size % BLOCK))
