# SPDX-License-Identifier: Apache-2.0
"""Layers with thousands of odd entries, and what a folder holds, so that two can be compared."""

import hashlib
import io
import os
import random
import stat
import tarfile
from pathlib import Path

ALPHABET = ["a", "B", "7", " ", "-", "\n", "\t", "\\", "'", "é", "e\u0301", "中", "\udcff", "\x01", "=", ":", "%"]
MODES = [0o644, 0o600, 0o000, 0o755, 0o4755, 0o2711, 0o6511, 0o1777, 0o444]
IDS = [0, 1, 1000, 65534, 65536, 2097151, 2097152, 2**31, 2**32 - 2]
TIMES = ["0", "1", "1700000000", "1700000000.123456789", "1700000000.000000001", "-1.5", "8589934592.25", "2147483648.999999999"]


class OddLayer:
    """A tar with everything that a tar may have; the same for the same seed."""

    def __init__(self, file: io.IOBase, seed: int, form: int = tarfile.PAX_FORMAT) -> None:
        self.random = random.Random(seed)
        self.pax = form == tarfile.PAX_FORMAT
        self.archive = tarfile.open(fileobj=file, mode="w", format=form, errors="surrogateescape")
        self.folders = [""]
        self.files: list[str] = []
        self.number = 0

    def name(self) -> str:
        """A new one, in some folder."""
        self.number += 1
        length = self.random.choice([1, 5, 20, 60, 110])
        own = "".join(self.random.choices(ALPHABET, k=length))[:60] + str(self.number)
        folder = self.random.choice(self.folders[-20:])
        return f"{folder}/{own}" if folder else own

    def describe(self, member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.mode = self.random.choice(MODES)
        member.uid, member.gid = self.random.choice(IDS), self.random.choice(IDS)
        if self.pax:
            member.pax_headers["mtime"] = self.random.choice(TIMES)
            if member.type in (tarfile.REGTYPE, tarfile.DIRTYPE) and self.random.random() < 0.2:
                member.pax_headers["SCHILY.xattr.user.odd"] = self.random.choice(["", "x", "a\0=\nb", "\udcfe" * 40])
        else:
            member.mtime = self.random.choice([0, 1, 1700000000, 8589934592])
        return member

    def add(self, name: str, kind: bytes, content: bytes = b"", link: str = "", **fields: int) -> None:
        member = tarfile.TarInfo(name)
        member.type, member.size, member.linkname = kind, len(content), link
        for field, value in fields.items():
            setattr(member, field, value)
        self.archive.addfile(self.describe(member), io.BytesIO(content))

    def add_folder(self) -> None:
        name = self.name()
        # GNU tar itself gives up on paths that Linux would take.
        if len(os.fsencode(name)) < 900:
            self.folders.append(name)
            self.add(name, tarfile.DIRTYPE)

    def add_file(self) -> None:
        name = self.name()
        self.files.append(name)
        self.add(name, tarfile.REGTYPE, self.random.randbytes(self.random.choice([0, 1, 511, 512, 513, 3000, 70000])))

    def add_link(self) -> None:
        if self.files and self.random.random() < 0.5:
            self.add(self.name(), tarfile.LNKTYPE, link=self.random.choice(self.files))
        else:
            target = self.random.choice(["/etc/passwd", "../..", "nowhere", "é/中", "x" * 150, *self.files[-1:]])
            self.add(self.name(), tarfile.SYMTYPE, link=target)

    def add_special(self) -> None:
        kind = self.random.choice([tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE])
        self.add(self.name(), kind, devmajor=self.random.choice([1, 8, 4095]), devminor=self.random.choice([3, 1048575]))

    def add_again(self) -> None:
        """A name that is there already: the last one counts."""
        if self.files:
            self.add(self.files.pop(), self.random.choice([tarfile.REGTYPE, tarfile.FIFOTYPE]), b"")

    def fill(self, entries: int, again: bool = True) -> None:
        for _ in range(entries):
            self.random.choices([self.add_folder, self.add_file, self.add_link, self.add_special, self.add_again],
                                [2, 6, 3, 1, 1 if again else 0])[0]()
        self.archive.close()


def tree(root: Path) -> dict[str, tuple]:
    """Every name below a folder → everything that is to be equal."""
    found, inodes = {}, {}
    for folder, folders, files in os.walk(os.fsencode(root)):
        for name in sorted(folders + files):
            path = os.path.join(folder, name)
            relative = os.path.relpath(path, os.fsencode(root))
            status = os.lstat(path)
            first = inodes.setdefault(status.st_ino, relative)
            content = b""
            if stat.S_ISREG(status.st_mode):
                with open(path, "rb") as file:
                    content = hashlib.file_digest(file, "sha256").digest() if hasattr(hashlib, "file_digest") else \
                        hashlib.sha256(file.read()).digest()
            elif stat.S_ISLNK(status.st_mode):
                content = os.readlink(path)
            device = status.st_rdev if stat.S_ISCHR(status.st_mode) or stat.S_ISBLK(status.st_mode) else 0
            size = status.st_size if stat.S_ISREG(status.st_mode) else 0
            attributes = {name: os.getxattr(path, name, follow_symlinks=False)
                          for name in os.listxattr(path, follow_symlinks=False)}
            found[os.fsdecode(relative)] = (status.st_mode, status.st_uid, status.st_gid, status.st_mtime_ns, size,
                                            device, os.fsdecode(first), content, tuple(sorted(attributes.items())))
    return found
