# SPDX-License-Identifier: Apache-2.0
"""What two builds made, file by file; a difference is named down to the file inside the image."""

import json
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from ci.lib import build_root, download

# Beside everything in guest/: what goes into it.
ALSO = ("agent/hallmark-guest", "kernel-config/kernel.config")
SECTOR = 512
SHOWN = 20
DIFFOSCOPE_SECONDS = 120


@dataclass(frozen=True)
class Row:
    """One artefact: of the first build its size and SHA-256, and where the second differs."""

    name: str
    size: int
    sha256: str
    same: bool
    differences: list[str]

    def as_json(self) -> dict:
        return asdict(self)


def compare(first: Path, second: Path) -> list[Row]:
    """A row for every artefact of two build folders."""
    names = sorted({name for build in (first, second) for name in _names(build)})
    return [_row(name, first / name, second / name) for name in names]


def _names(build: Path) -> Iterator[str]:
    for path in [*(build / "guest").iterdir(), *(build / name for name in ALSO)]:
        if path.is_file():
            yield str(path.relative_to(build))


def _row(name: str, first: Path, second: Path) -> Row:
    for missing, build in ((first, "first"), (second, "second")):
        if not missing.is_file():
            return Row(name, 0, "", False, [f"not in the {build} build"])
    digest = download.digest(first)
    same = digest == download.digest(second)
    return Row(name, first.stat().st_size, digest, same, [] if same else explain(name, first, second))


def explain(name: str, first: Path, second: Path) -> list[str]:
    """Where two files differ, as near as their format is known."""
    inside = {"guest/guest.img": disk, "guest/guest-uki.img": system_partition, "guest/guest.efi": sections}
    explainer = json_paths if name.endswith(".json") else inside.get(name, bytes_at)
    found = explainer(first, second)[:SHOWN] or bytes_at(first, second)
    return found + diffoscope(first, second)


def bytes_at(first: Path, second: Path) -> list[str]:
    """The first offset at which two files differ, and in how many bytes they do."""
    return _bytes_at("", first.read_bytes(), second.read_bytes())


def _bytes_at(where: str, one: bytes, other: bytes) -> list[str]:
    if one == other:
        return []
    places = [place for place, pair in enumerate(zip(one, other)) if pair[0] != pair[1]]
    first = places[0] if places else min(len(one), len(other))
    sizes = "" if len(one) == len(other) else f", sizes {len(one)} and {len(other)}"
    return [f"{where}first difference at byte {first:#x}, {len(places)} bytes differ{sizes}"]


def json_paths(first: Path, second: Path) -> list[str]:
    """The paths (RFC 6901) of the values that differ."""
    def visit(path: str, one: object, other: object) -> Iterator[str]:
        if isinstance(one, dict) and isinstance(other, dict):
            for key in [*one, *(key for key in other if key not in one)]:
                yield from visit(f"{path}/{key}", one.get(key), other.get(key))
        elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
            for number, pair in enumerate(zip(one, other)):
                yield from visit(f"{path}/{number}", *pair)
        elif one != other:
            yield f"{path}: {_short(one)} and {_short(other)}"
    return list(visit("", json.loads(first.read_text()), json.loads(second.read_text())))


def disk(first: Path, second: Path) -> list[str]:
    """guest.img: boot record, the files of partition 1 (EROFS), the hashes of partition 2."""
    one, other = first.read_bytes(), second.read_bytes()
    found = _bytes_at("boot record: ", one[:SECTOR], other[:SECTOR])
    parts = [(_partition(one, number), _partition(other, number)) for number in (1, 2)]
    with tempfile.TemporaryDirectory(prefix="hallmark-compare-") as name:
        trees = [_extracted(part, Path(name, str(number))) for number, part in enumerate(parts[0])]
        files = trees_differ(*trees) if all(trees) else []
    found += [f"partition 1, {line}" for line in files or _bytes_at("", *parts[0])]
    return found + _bytes_at("partition 2 (hashes), ", *parts[1])


def system_partition(first: Path, second: Path) -> list[str]:
    """guest-uki.img: boot record, the files of the FAT file system, else the first byte."""
    one, other = first.read_bytes(), second.read_bytes()
    found = _bytes_at("boot record: ", one[:SECTOR], other[:SECTOR])
    with tempfile.TemporaryDirectory(prefix="hallmark-compare-") as name:
        trees = []
        for number, image in enumerate((one, other)):
            folder = Path(name, str(number))
            folder.mkdir()
            (folder / "fat").write_bytes(_partition(image, 1))
            _in_build_root(["sh", "-c", "mkdir files && mcopy -s -m -i fat ::/ files"], folder)
            trees.append(folder / "files")
        found += trees_differ(*trees)
    return found or _bytes_at("outside of files, ", one, other)


def sections(first: Path, second: Path) -> list[str]:
    """guest.efi: the sections of a PE image (Microsoft PE/COFF specification, sections 3.3 and 4)."""
    def read(path: Path) -> dict[str, bytes]:
        image = path.read_bytes()
        header = struct.unpack_from("<I", image, 0x3C)[0]
        count, optional = struct.unpack_from("<H12xH", image, header + 6)
        found = {"headers": image[: header + 24 + optional + 40 * count]}
        for number in range(count):
            name, size, start = struct.unpack_from("<8s8xII", image, header + 24 + optional + 40 * number)
            found[name.rstrip(b"\0").decode(errors="replace")] = image[start : start + size]
        return found
    one, other = read(first), read(second)
    return [line for name in [*one, *(name for name in other if name not in one)]
            for line in _bytes_at(f"section {name}: ", one.get(name, b""), other.get(name, b""))]


def trees_differ(first: Path, second: Path) -> list[str]:
    """The files of two folders that differ, and in what: kind and mode, time, target or content."""
    names = sorted({path.relative_to(tree).as_posix() for tree in (first, second) for path in tree.rglob("*")})
    return [f"/{name}: {line}" for name in names for line in _files_differ(first / name, second / name)]


def _files_differ(one: Path, other: Path) -> list[str]:
    for path, build in ((one, "first"), (other, "second")):
        if not path.exists() and not path.is_symlink():
            return [f"not in the {build} build"]
    found = []
    states = [path.lstat() for path in (one, other)]
    if states[0].st_mode != states[1].st_mode:
        found.append(f"mode {states[0].st_mode:o} and {states[1].st_mode:o}")
    if states[0].st_mtime_ns != states[1].st_mtime_ns:
        found.append(f"time {states[0].st_mtime:.0f} and {states[1].st_mtime:.0f}")
    if one.is_symlink() and other.is_symlink():
        return found + ([] if one.readlink() == other.readlink() else [f"link to {one.readlink()} and {other.readlink()}"])
    if one.is_file() and other.is_file():
        found += bytes_at(one, other)
    return found


def diffoscope(first: Path, second: Path) -> list[str]:
    """The first lines of diffoscope, where this host has it."""
    program = shutil.which("diffoscope")
    if program is None:
        return ["diffoscope would tell more; install diffoscope"]
    try:
        done = subprocess.run([program, "--text", "-", str(first), str(second)], capture_output=True, text=True,
                              errors="replace", timeout=DIFFOSCOPE_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return [f"diffoscope: not done within {DIFFOSCOPE_SECONDS} s"]
    return [f"diffoscope: {line}" for line in done.stdout.splitlines()[:SHOWN]]


def _partition(image: bytes, number: int) -> bytes:
    start, count = struct.unpack_from("<II", image, 446 + 16 * (number - 1) + 8)
    return image[start * SECTOR : (start + count) * SECTOR]


def _extracted(image: bytes, folder: Path) -> Path | None:
    """The files of an EROFS; nothing where it can't be read (its checksum is over the first block)."""
    folder.mkdir()
    (folder / "erofs").write_bytes(image)
    done = _in_build_root(["fsck.erofs", "--extract=files", "--preserve-perms", "erofs"], folder)
    return folder / "files" if done and (folder / "files").is_dir() else None


def _in_build_root(argv: list[str], folder: Path) -> bool:
    with tempfile.TemporaryFile() as output:
        return build_root.run(argv, binds=[(folder, "/here", False)], workdir="/here", output=output) == 0


def _short(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 70 else text[:67] + "…"
