# SPDX-License-Identifier: Apache-2.0
"""Reading root.toml: directories, links and what is pruned. Strict: an unknown key is a fault, not a typing error in waiting."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from ci.lib.errors import Fault


@dataclass(frozen=True)
class Plan:
    """What root.toml says. Paths are absolute, as the guest sees them."""

    links: dict[str, str]  # path -> target
    directories: dict[str, int]  # path -> mode
    pruned: list[str]  # patterns, in the file's order


def read(file: Path) -> Plan:
    try:
        table = tomllib.loads(file.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Fault(f"{file}: {error}") from error
    _only(file, "the file", table, {"links", "directories", "pruned"})
    links = {path: _text(file, f"links.{path}", target) for path, target in table.get("links", {}).items()}
    directories = {path: _mode(file, path, mode) for path, mode in table.get("directories", {}).items()}
    pruned: list[str] = []
    for number, group in enumerate(table.get("pruned", []), start=1):
        _only(file, f"pruned group {number}", group, {"why", "paths"})
        if not _text(file, f"pruned group {number}, why", group.get("why")).strip():
            raise Fault(f"{file}: pruned group {number}: 'why' is empty; say why these paths are left out")
        pruned += [_text(file, f"pruned group {number}, paths", path) for path in group.get("paths", [])]
    return Plan(links, directories, pruned)


def _only(file: Path, where: str, table: dict[str, object], known: set[str]) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        raise Fault(f"{file}: {where} has the unknown key '{unknown[0]}'; known: {', '.join(sorted(known))}")


def _text(file: Path, where: str, value: object) -> str:
    if not isinstance(value, str):
        raise Fault(f"{file}: {where}: found {value!r}, expected text")
    return value


def _mode(file: Path, path: str, value: object) -> int:
    text = _text(file, f"directories.{path}", value)
    if len(text) != 4 or any(digit not in "01234567" for digit in text) or text[0] not in "01":
        raise Fault(f"{file}: directories.{path}: found mode '{text}', expected four octal digits such as 0755, no set-id bits")
    return int(text, 8)
