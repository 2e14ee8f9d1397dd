# SPDX-License-Identifier: Apache-2.0
"""Unpacks Debian packages: no maintainer script runs, nothing needs root, nothing gets out of the tree."""

import os
import subprocess
import tarfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from ci.lib.errors import Fault
from ci.lib.progress import Progress

BLOCK = 1 << 20
MAX_UNPACKED_BYTES = 8 << 30
MAX_MEMBERS = 1_000_000


def unpack(deb: Path, into: Path) -> None:
    """Unpack the data of a package into a tree, which may hold other packages already.

    Files get the mode of the package without set-user-ID bits, belong to who unpacks, and keep their time.
    Device nodes are not made. A path that would leave the tree is a Fault.
    """
    into.mkdir(parents=True, exist_ok=True)
    tree = _Tree(into, deb)
    with _data(deb) as pipe:
        try:
            with tarfile.open(fileobj=pipe.stdout, mode="r|", bufsize=BLOCK) as archive:
                for member in archive:
                    tree.add(archive, member)
        except (tarfile.TarError, OSError, ValueError) as error:
            pipe.kill()
            raise _damaged(deb, error) from error
        pipe.stdout.read()
    if pipe.returncode != 0:
        raise Fault(f"{deb.name}: dpkg-deb ended with status {pipe.returncode}, expected a whole Debian package")
    tree.finish()


def unpack_all(debs: Iterable[Path], into: Path, what: str) -> None:
    """Unpack packages in the order of their names, the one that carries the merged-/usr links first."""
    ordered = sorted(debs, key=lambda deb: (not deb.name.startswith("base-files_"), deb.name))
    with Progress(f"unpacking {what}", len(ordered), "packages") as progress:
        for deb in ordered:
            unpack(deb, into)
            progress.advance(1)


def read_member(deb: Path, path: str, limit: int) -> bytes:
    """The content of one regular file of a package, at most `limit` bytes; `path` as in "usr/share/x"."""
    found: bytes | None = None
    with _data(deb) as pipe:
        try:
            with tarfile.open(fileobj=pipe.stdout, mode="r|", bufsize=BLOCK) as archive:
                for member in archive:
                    if _relative(member.name) == path and member.isreg():
                        if member.size > limit:
                            raise ValueError(f"{path} has {member.size} bytes, more than {limit}")
                        found = archive.extractfile(member).read()
        except (tarfile.TarError, OSError, ValueError) as error:
            pipe.kill()
            raise _damaged(deb, error) from error
        pipe.stdout.read()
    if found is None or pipe.returncode != 0:
        raise Fault(f"{deb.name}: no file {path} in it, expected one; see what is in it with: dpkg-deb --contents")
    return found


class _Tree:
    """The tree that members of a package are added to."""

    def __init__(self, root: Path, deb: Path) -> None:
        self._root, self._deb = root.resolve(), deb
        self._bytes = self._members = 0
        self._folders: list[tuple[Path, int, float]] = []

    def add(self, archive: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        self._members += 1
        self._bytes += member.size
        if self._bytes > MAX_UNPACKED_BYTES or self._members > MAX_MEMBERS:
            raise ValueError(f"more than {MAX_UNPACKED_BYTES} bytes or {MAX_MEMBERS} files")
        name = _relative(member.name)
        if name == ".":
            return
        parent = self._inside(os.path.dirname(name))
        target = parent / os.path.basename(name)
        if member.isdir():
            self._folder(target, member)
        elif member.isreg():
            self._file(archive, member, target)
        elif member.issym():
            _clear(target)
            os.symlink(member.linkname, target)
        elif member.islnk():
            _clear(target)
            source = _relative(member.linkname)
            os.link(self._inside(os.path.dirname(source)) / os.path.basename(source), target, follow_symlinks=False)

    def finish(self) -> None:
        """Folders get their modes and times last, when nothing is put into them any more."""
        for path, mode, mtime in reversed(self._folders):
            os.chmod(path, mode)
            os.utime(path, (mtime, mtime))

    def _inside(self, name: str) -> Path:
        """The folder of that name, following links of the tree (/bin -> usr/bin) only while they stay in it."""
        path = Path(os.path.realpath(self._root / name))
        if not path.is_relative_to(self._root):
            raise ValueError(f"{name} leads out of the tree")
        if not path.is_dir():
            path.mkdir(parents=True)
        return path

    def _folder(self, target: Path, member: tarfile.TarInfo) -> None:
        if not target.is_dir():
            target.mkdir()
        elif target.is_symlink() and not Path(os.path.realpath(target)).is_relative_to(self._root):
            raise ValueError(f"{member.name} leads out of the tree")
        # Writable for its owner, so that later packages can add to it without being root.
        self._folders.append((target, member.mode & 0o777 | 0o700, member.mtime))

    def _file(self, archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
        _clear(target)
        source = archive.extractfile(member)
        # O_EXCL: what was there was removed, so nothing is ever written through a link.
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as out:
            while block := source.read(BLOCK):
                out.write(block)
            os.fchmod(out.fileno(), member.mode & 0o777)
        os.utime(target, (member.mtime, member.mtime))


def _data(deb: Path) -> subprocess.Popen:
    try:
        return subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(deb)], bufsize=BLOCK,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except FileNotFoundError as error:
        raise Fault("dpkg-deb: not there, expected on PATH; install dpkg") from error


def _damaged(deb: Path, error: Exception) -> Fault:
    return Fault(f"{deb}: {error}; expected a whole Debian package that stays in its tree; delete it and try again")


def _relative(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise ValueError(f"{name} leads out of the tree")
    return str(path)


def _clear(target: Path) -> None:
    if target.is_symlink() or target.exists():
        if target.is_dir() and not target.is_symlink():
            raise ValueError(f"{target.name} is a folder and a file")
        target.unlink()
