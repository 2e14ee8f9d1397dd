# SPDX-License-Identifier: Apache-2.0
"""image/filesystem.py: the same EROFS from the same tree, whatever it lay on and whenever it was made."""

import os
import uuid

from image import filesystem, tree


def fill(root, names):
    root.mkdir(parents=True)
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(name.encode() * 5000)
    (root / "link").symlink_to("etc")
    tree.normalise(root, {})
    return root


NAMES = [f"etc/{number}" for number in range(40)] + ["usr/bin/a", "usr/lib/b"]


def test_two_runs_are_identical_and_readable(tmp_path, run_in_build_root):
    made = []
    for folder, names, time in ((tmp_path / "one", NAMES, 12345), (tmp_path / "another/place", NAMES[::-1], 2000000000)):
        root = fill(folder / "tree", names)
        os.utime(root / "etc/1", (time, time))  # the flags make up for it, even if tree.normalise should not
        image = folder / "root.erofs"
        filesystem.make(root, tree.identity(root), image, run_in_build_root)
        made.append(image.read_bytes())
    assert made[0] == made[1]
    assert len(made[0]) % 4096 == 0
    assert made[0][1024 + 24 : 1024 + 36] == bytes(12)  # erofs_super_block: build_time and its nanoseconds
    assert made[0][1024:1028] == bytes.fromhex("e2e1f5e0")  # EROFS_SUPER_MAGIC_V1, little-endian
    (tmp_path / "out").mkdir()
    binds = [(tmp_path / "one", "/in", True), (tmp_path / "out", "/out", False)]
    run_in_build_root(["fsck.erofs", "--extract=/out/tree", "--no-preserve", "/in/root.erofs"], binds, "/out")
    names = {tree.guest_name(tmp_path / "out/tree", path) for path in tree.paths(tmp_path / "out/tree")}
    assert {f"/{name}" for name in NAMES} | {"/etc", "/usr", "/usr/bin", "/usr/lib", "/link"} == names
    assert (tmp_path / "out/tree/usr/bin/a").read_bytes() == b"usr/bin/a" * 5000


def test_uuid_follows_from_the_tree():
    one = filesystem.derived_uuid("a")
    assert one == filesystem.derived_uuid("a") != filesystem.derived_uuid("b")
    assert (one.version, one.variant) == (8, uuid.RFC_4122)
