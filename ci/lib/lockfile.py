# SPDX-License-Identifier: Apache-2.0
"""The lock: which exact files of the archive a folder takes in, one tab-separated line for each."""

import hashlib
import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ci.lib.errors import Fault
from ci.lib.files import write_whole

FIELDS = ("name", "version", "architecture", "size", "sha256", "suite", "path")
HEADER = (
    "# Made by ci/lock from packages.toml beside it; do not edit.\n"
    "# {key}: {value}\n"
    "# " + "\t".join(FIELDS) + "\n"
)
MAX_PACKAGE_BYTES = 4 << 30
MAX_LOCK_BYTES = 16 << 20
SOURCE = "source"  # the architecture of the files of a source package

_PATTERNS = {
    # Debian Policy 4.7, sections 5.6.1 and 5.6.12.
    "name": re.compile(r"[a-z0-9][a-z0-9+.-]+"),
    "version": re.compile(r"[0-9A-Za-z.+:~-]+"),
    "architecture": re.compile(r"[a-z0-9-]+"),
    "size": re.compile(r"[1-9][0-9]{0,11}"),
    "sha256": re.compile(r"[0-9a-f]{64}"),
    "suite": re.compile(r"[a-z][a-z0-9-]*"),
    "path": re.compile(r"pool/[0-9A-Za-z.+:~_/%-]+\.deb"),
}
# The formats "1.0", "3.0 (quilt)" and "3.0 (native)": dpkg-source(1), section PACKAGE FORMATS.
_SOURCE_PATH = re.compile(r"pool/[0-9A-Za-z.+:~_/%-]+\.(?:dsc|diff\.gz|tar\.(?:gz|bz2|xz)(?:\.asc)?)")


@dataclass(frozen=True, order=True)
class Entry:
    """One file of the archive; `size` in bytes, `path` relative to the archive's root.

    A package is one file, a source package several: those have the architecture "source", its name and its version.
    """

    name: str
    version: str
    architecture: str
    size: int
    sha256: str
    suite: str
    path: str

    @property
    def security(self) -> bool:
        """Whether the file lies in the security archive rather than the main one."""
        return is_security(self.suite)


@dataclass(frozen=True)
class Set:
    """Packages and source packages wanted from some suites (in order of preference where versions are equal)."""

    name: str
    suites: tuple[str, ...]
    packages: tuple[str, ...] = ()
    dependencies: bool = True
    without: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


def is_security(suite: str) -> bool:
    return suite.endswith("-security")


def read(path: Path) -> list[Entry]:
    """The entries of a lock file, checked field by field."""
    return [entry for _, entry in _lines(path)]


def wanted_digest(path: Path) -> str:
    """The digest of the packages.toml that the lock answers, "" if the lock does not say."""
    match = re.search(r"^# wanted: ([0-9a-f]{64})$", _text(path), re.MULTILINE)
    return match[1] if match else ""


def header_value(path: Path, key: str) -> str:
    match = re.search(rf"^# {re.escape(key)}: (\S+)$", _text(path), re.MULTILINE)
    return match[1] if match else ""


def write(path: Path, entries: list[Entry], *, key: str = "wanted", value: str = "-") -> None:
    """Write a lock, sorted, under its final name only when whole and when every field is as `read` expects it."""
    lines = ["\t".join(str(getattr(entry, name)) for name in FIELDS) + "\n" for entry in sorted(entries)]
    for line in lines:
        _entry(str(path), line.rstrip("\n"))
    write_whole(path, (HEADER.format(key=key, value=value) + "".join(lines)).encode("ascii"))


def read_sets(path: Path) -> list[Set]:
    """The sets of a packages.toml; unknown keys are an error."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Fault(f"{path}: {error}; expected a TOML file with [[set]] tables") from error
    if set(document) != {"set"} or not isinstance(document["set"], list):
        raise Fault(f"{path}: keys {sorted(document)}, expected only [[set]] tables")
    return [_set(path, number, table) for number, table in enumerate(document["set"], start=1)]


def sets_digest(sets: list[Set]) -> str:
    """SHA-256 of what is wanted: comments and layout of packages.toml do not count."""
    plain = [[s.name, s.suites, sorted(s.packages), s.dependencies, sorted(s.without), sorted(s.sources)] for s in sets]
    plain = [row if row[-1] else row[:-1] for row in plain]  # locks made before there were sources stay valid
    return hashlib.sha256(json.dumps(plain, separators=(",", ":")).encode()).hexdigest()


def _set(path: Path, number: int, table: object) -> Set:
    where = f"{path}: set {number}"
    shapes = {"name": str, "suites": list, "packages": list, "dependencies": bool, "without": list, "sources": list}
    if not isinstance(table, dict):
        raise Fault(f"{where}: {table!r}, expected a table")
    for key, value in table.items():
        if key not in shapes:
            raise Fault(f"{where}: unknown key {key!r}, expected one of {', '.join(shapes)}")
        strings = not isinstance(value, list) or all(isinstance(item, str) for item in value)
        if not isinstance(value, shapes[key]) or not strings:
            raise Fault(f"{where}: {key} is {value!r}, expected a {shapes[key].__name__} (of strings)")
    for key in ("name", "suites"):
        if not table.get(key):
            raise Fault(f"{where}: {key} is missing or empty")
    if not table.get("packages") and not table.get("sources"):
        raise Fault(f"{where}: packages is missing or empty, and sources too; expected one of them")
    fields = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    return Set(**fields)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_LOCK_BYTES:
            raise Fault(f"{path}: over {MAX_LOCK_BYTES} bytes, expected a lock file; run: ci/lock {path.parent.name}")
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise Fault(f"{path}: {error}; expected a lock file; run: ci/lock {path.parent.name}") from error


def _lines(path: Path) -> list[tuple[int, Entry]]:
    found: list[tuple[int, Entry]] = []
    seen: set[tuple[str, str, str]] = set()
    for number, line in enumerate(_text(path).splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        entry = _entry(f"{path}:{number}", line)
        key = (entry.name, entry.architecture, entry.path if entry.architecture == SOURCE else "")
        if key in seen:
            raise Fault(f"{path}:{number}: {entry.name} is locked twice, expected one line for a package or source file")
        seen.add(key)
        found.append((number, entry))
    return found


def _entry(where: str, line: str) -> Entry:
    values = line.split("\t")
    if len(values) != len(FIELDS):
        raise Fault(f"{where}: {len(values)} fields, expected {len(FIELDS)} separated by tabs: {' '.join(FIELDS)}")
    row = dict(zip(FIELDS, values))
    patterns = _PATTERNS | ({"path": _SOURCE_PATH} if row["architecture"] == SOURCE else {})
    for name, value in row.items():
        if not patterns[name].fullmatch(value):
            raise Fault(f"{where}: {name} is {value!r}, expected {patterns[name].pattern}")
    if ".." in PurePosixPath(row["path"]).parts:
        raise Fault(f"{where}: path is {row['path']!r}, expected one that stays in the archive")
    if int(row["size"]) > MAX_PACKAGE_BYTES:
        raise Fault(f"{where}: size is {row['size']}, expected at most {MAX_PACKAGE_BYTES}")
    return Entry(**{**row, "size": int(row["size"])})
