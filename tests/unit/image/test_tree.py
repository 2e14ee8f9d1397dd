# SPDX-License-Identifier: Apache-2.0
"""image/tree.py: the same tree whatever the host's habits, and nothing in it that gives away rights."""

import os

import pytest

from ci.lib.errors import Fault
from image import tree


def fill(root, order, umask):
    """The same small tree, made in another order and under another umask."""
    before = os.umask(umask)
    try:
        root.mkdir()
        for name in order:
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name)
        (root / "usr/bin/tool").chmod(0o777 & ~umask)
        (root / "bin").symlink_to("usr/bin")
    finally:
        os.umask(before)
    tree.normalise(root, {"/etc": 0o700})
    return root


NAMES = ["usr/bin/tool", "usr/bin/Tool", "etc/a", "etc/b", "etc/a-b"]


def test_order_and_umask_leave_no_trace(tmp_path):
    one = fill(tmp_path / "one", NAMES, 0o022)
    other = fill(tmp_path / "other", list(reversed(NAMES)), 0o077)
    listing = [(tree.guest_name(one, path), oct(path.lstat().st_mode)) for path in tree.paths(one)]
    assert listing == [(tree.guest_name(other, path), oct(path.lstat().st_mode)) for path in tree.paths(other)]
    assert tree.identity(one) == tree.identity(other)


def test_modes_and_times(tmp_path):
    root = fill(tmp_path / "root", NAMES, 0o077)
    modes = {tree.guest_name(root, path): path.lstat().st_mode & 0o7777 for path in tree.paths(root)}
    assert (modes["/usr/bin/tool"], modes["/etc/a"], modes["/usr"], modes["/etc"]) == (0o755, 0o644, 0o755, 0o700)
    assert {path.lstat().st_mtime for path in tree.paths(root)} == {0.0}
    assert root.stat().st_mtime == 0.0


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "etc/a").write_text("other"),
        lambda root: (root / "etc/a").chmod(0o755),
        lambda root: (root / "etc/a").rename(root / "etc/c"),
        lambda root: (root / "etc/empty").mkdir(),
        lambda root: ((root / "bin").unlink(), (root / "bin").symlink_to("usr/sbin")),
    ],
)
def test_identity_sees_every_change(tmp_path, change):
    root = fill(tmp_path / "root", NAMES, 0o022)
    before = tree.identity(root)
    change(root)
    assert tree.identity(root) != before


def test_hard_links_are_broken(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    (root / "a").write_text("same")
    os.link(root / "a", root / "b")
    tree.normalise(root, {})
    assert [(root / name).stat().st_nlink for name in "ab"] == [1, 1]
    assert (root / "a").read_text() == (root / "b").read_text() == "same"
    assert sorted(os.listdir(root)) == ["a", "b"]


def test_special_files_are_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Fault, match="/pipe: neither a file"):
        tree.refuse_special_files(tmp_path)


@pytest.mark.parametrize("name", ["etc", "/", "//etc", "/etc/", "/etc/../usr", "/./etc", ""])
def test_only_plain_absolute_names(tmp_path, name):
    with pytest.raises(Fault, match="absolute path"):
        tree.inside(tmp_path, name)
