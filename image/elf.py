# SPDX-License-Identifier: Apache-2.0
"""The libraries that programs ask for must be in the root: a missing one would only show as a panic at boot.

Source: System V ABI, gABI 4.1, chapters 4 and 5 (ELF header, program header, dynamic section), 64 bit little-endian.
"""

import struct
from dataclasses import dataclass
from pathlib import Path

from ci.lib.errors import Fault

from image import tree

LIBRARY_DIRECTORIES = ("/usr/lib/x86_64-linux-gnu", "/usr/lib")
_MAGIC = b"\x7fELF\x02\x01"  # 64 bit, little-endian
_PT_LOAD, _PT_DYNAMIC, _PT_INTERP = 1, 2, 3
_DT_NULL, _DT_NEEDED, _DT_STRTAB = 0, 1, 5


@dataclass(frozen=True)
class Wants:
    """What a program or library needs to start: names of libraries, and the path of its loader if it is a program."""

    libraries: list[str]
    interpreter: str | None


def wants(data: bytes) -> Wants:
    """Reads the dynamic section. Raises ValueError or struct.error when a field points outside the file."""
    table, entry_size, count = struct.unpack_from("<32xQ14xHH", data, 0)[0:3]
    segments = [struct.unpack_from("<IIQQQQ", data, table + index * entry_size) for index in range(count)]
    loads = [(address, offset, size) for kind, _, offset, address, _, size in segments if kind == _PT_LOAD]
    interpreter, needed, strings = None, [], 0
    for kind, _, offset, _, _, size in segments:
        if kind == _PT_INTERP:
            interpreter = _string(data, offset)
        if kind != _PT_DYNAMIC:
            continue
        for at in range(offset, offset + size, 16):
            tag, value = struct.unpack_from("<qQ", data, at)
            if tag == _DT_NULL:
                break
            if tag == _DT_NEEDED:
                needed.append(value)
            elif tag == _DT_STRTAB:
                strings = _file_offset(loads, value)
    return Wants([_string(data, strings + value) for value in needed], interpreter)


def _file_offset(loads: list[tuple[int, int, int]], address: int) -> int:
    for start, offset, size in loads:
        if start <= address < start + size:
            return address - start + offset
    raise ValueError(f"address {address:#x} is in no loaded segment")


def _string(data: bytes, offset: int) -> str:
    end = data.find(b"\0", offset, offset + 4096)
    if end < 0:
        raise ValueError(f"no string ends after offset {offset:#x}")
    return data[offset:end].decode("ascii")


def check_needed_libraries(root: Path) -> None:
    """Faults with the first program of the tree whose loader or libraries are not in the tree."""
    for path in tree.paths(root):
        if path.is_symlink() or not path.is_file():
            continue
        with path.open("rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                continue
        name = tree.guest_name(root, path)
        try:
            wanted = wants(path.read_bytes())
        except (ValueError, struct.error) as error:
            raise Fault(f"root: {name}: damaged ELF file: {error}") from error
        if wanted.interpreter and not _in_root(root, wanted.interpreter):
            raise Fault(f"root: {name} starts through {wanted.interpreter}, which is not in the root; add libc6 to packages.toml")
        for library in wanted.libraries:
            if not any(_in_root(root, f"{directory}/{library}") for directory in LIBRARY_DIRECTORIES):
                raise Fault(f"root: {name} needs {library}, which is not in the root; add it to packages.toml or prune less")


def _in_root(root: Path, name: str) -> bool:
    """Whether the guest finds a file under `name`, following links as the guest would (an absolute target is the root's)."""
    parts, at, followed = name.strip("/").split("/"), root, 0
    while parts:
        part = parts.pop(0)
        if part == "..":
            at = root if at == root else at.parent
            continue
        step = at / part
        if not step.is_symlink():
            at = step
            continue
        followed += 1
        if followed > 40:
            return False
        target = str(step.readlink())
        at = root if target.startswith("/") else at
        parts = [word for word in target.split("/") if word not in ("", ".")] + parts
    return at.is_file()
