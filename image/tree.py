# SPDX-License-Identifier: Apache-2.0
"""A directory tree as the image sees it: paths in one order, fixed modes and times, and one hash that names it."""

import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from ci.lib.errors import Fault

MOST_LINKS = 40  # Linux, fs/namei.c, MAXSYMLINKS


def paths(root: Path) -> Iterator[Path]:
    """Everything under `root`, parents before children, sorted by name byte for byte; links are not followed."""
    for entry in sorted(os.scandir(root), key=lambda found: os.fsencode(found.name)):
        path = Path(entry.path)
        yield path
        if entry.is_dir(follow_symlinks=False):
            yield from paths(path)


def guest_name(root: Path, path: Path) -> str:
    """How the guest calls `path`: "/usr/bin/hallmark-guest"."""
    return "/" + path.relative_to(root).as_posix()


def inside(root: Path, name: str) -> Path:
    """The path under `root` of a guest name such as "/usr/bin"; anything but a plain absolute name is a fault."""
    parts = name.split("/")
    if len(parts) < 2 or parts[0] or any(part in ("", ".", "..") for part in parts[1:]):
        raise Fault(f"root.toml: path '{name}': expected an absolute path without '.', '..' or empty names")
    return root.joinpath(*parts[1:])


def followed(root: Path, name: str) -> Path | None:
    """Where the guest ends up when it opens `name`: links are followed inside `root`. None: nowhere, or in circles."""
    pending = [part for part in name.split("/") if part not in ("", ".")]
    here, links = root, 0
    while pending:
        part = pending.pop(0)
        if part == "..":
            here = here if here == root else here.parent
            continue
        here = here / part
        if here.is_symlink():
            links += 1
            if links > MOST_LINKS:
                return None
            target = os.readlink(here)
            here = root if target.startswith("/") else here.parent
            pending = [step for step in target.split("/") if step not in ("", ".")] + pending
        elif not here.exists():
            return None
    return here


def refuse_special_files(root: Path) -> None:
    """No devices, sockets or pipes: the guest's kernel makes those."""
    for path in paths(root):
        mode = path.lstat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode)):
            raise Fault(f"root: {guest_name(root, path)}: neither a file, a directory nor a link; prune it in root.toml")


def normalise(root: Path, directory_modes: dict[str, int]) -> None:
    """Modes 0755 and 0644 (or as `directory_modes` says), no hard links, all times the epoch; whatever the umask was."""
    everything = list(paths(root))
    for path in everything:
        status = path.lstat()
        if stat.S_ISDIR(status.st_mode):
            path.chmod(directory_modes.get(guest_name(root, path), 0o755))
        elif stat.S_ISREG(status.st_mode):
            if status.st_nlink > 1:
                _break_hard_link(path)
            path.chmod(0o755 if status.st_mode & stat.S_IXUSR else 0o644)
    root.chmod(0o755)
    for path in [*reversed(everything), root]:
        os.utime(path, (0, 0), follow_symlinks=False)


def _break_hard_link(path: Path) -> None:
    copy = path.with_name(path.name + ".copy")
    shutil.copy(path, copy)
    copy.replace(path)


def identity(root: Path) -> str:
    """SHA-256 in hex over every path with its kind, mode and content: two trees that make the same image have the same."""
    whole = hashlib.sha256()
    for path in paths(root):
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            content = os.readlink(path)
        elif stat.S_ISREG(status.st_mode):
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
        else:
            content = ""
        fields = [guest_name(root, path), f"{stat.S_IFMT(status.st_mode):o}", f"{stat.S_IMODE(status.st_mode):o}", content]
        whole.update("\0".join(fields).encode() + b"\n")
    return whole.hexdigest()
