# SPDX-License-Identifier: Apache-2.0
"""The guest's root tree: locked packages - what is pruned + overlays + programs + links and directories."""

import fnmatch
import os
import shutil
import stat
from collections.abc import Callable, Iterable
from pathlib import Path

from ci.lib import debpkg
from ci.lib.errors import Fault

from image import plan, tree


def make(
    packages: Iterable[Path],
    description: plan.Plan,
    overlays: Iterable[Path],
    programs: dict[str, Path],
    into: Path,
    checks: Iterable[Callable[[Path], None]],
) -> None:
    """Fills the empty directory `into`. The same inputs give the same tree whatever their order and the umask.

    `programs` maps what the guest calls a program to the file that becomes it.
    Each of `checks` faults where it finds what may not be in a root, or misses what must be.
    """
    for package in sorted(packages, key=lambda path: path.name):
        debpkg.unpack(package, into)
    prune(into, description.pruned)
    for overlay in overlays:
        add_overlay(overlay, into)
    for name, program in programs.items():
        add_file(program, tree.inside(into, name), executable=True)
    for path in description.directories:
        tree.inside(into, path).mkdir(parents=True, exist_ok=True)
    for path, target in description.links.items():
        add_link(into, path, target)
    tree.refuse_special_files(into)
    for check in checks:  # before modes are made the same: they are looked at too
        check(into)
    tree.normalise(into, description.directories)


def prune(root: Path, patterns: Iterable[str]) -> None:
    """Removes what the patterns name and the directories that this leaves empty. A pattern without a match is a fault.

    `*`, `?` and `[...]` match within one name, never across '/'. All patterns look at the tree as it was unpacked.
    """
    names = {tree.guest_name(root, path): path for path in tree.paths(root)}
    doomed: set[str] = set()
    for pattern in patterns:
        tree.inside(root, pattern)
        matches = [name for name in names if _matches(name, pattern)]
        if not matches:
            raise Fault(f"root.toml: pruned path '{pattern}' matches nothing in the packages; remove or correct it")
        doomed.update(matches)
    for name in sorted(doomed):
        _remove(names[name])
    for name in sorted(doomed):
        _remove_empty_parents(root, names[name])


def _matches(name: str, pattern: str) -> bool:
    parts, wanted = name.split("/"), pattern.split("/")
    return len(parts) == len(wanted) and all(map(fnmatch.fnmatchcase, parts, wanted))


def _remove(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():  # else it went with a directory that another pattern named
        shutil.rmtree(path)


def _remove_empty_parents(root: Path, path: Path) -> None:
    for parent in path.parents:
        if parent == root or not parent.is_dir() or any(parent.iterdir()):
            return
        parent.rmdir()


def add_overlay(overlay: Path, root: Path) -> None:
    """Copies the overlay's files and links. One that a package also has is a fault: prune that one first, with a reason."""
    for source in tree.paths(overlay):
        name = tree.guest_name(overlay, source)
        mode = source.lstat().st_mode
        if stat.S_ISLNK(mode):
            add_link(root, name, os.readlink(source))
        elif not stat.S_ISDIR(mode):
            add_file(source, tree.inside(root, name), executable=bool(mode & stat.S_IXUSR))


def add_file(source: Path, target: Path, executable: bool) -> None:
    if not source.is_file():
        raise Fault(f"{source}: no such file; it was to become {target.name} in the root")
    _need_free(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o755 if executable else 0o644)


def add_link(root: Path, name: str, target: str) -> None:
    path = tree.inside(root, name)
    _need_free(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


def _need_free(path: Path) -> None:
    if os.path.lexists(path):
        raise Fault(f"root: {path.name} is already there, in {path.parent}; prune the package's in root.toml first")
