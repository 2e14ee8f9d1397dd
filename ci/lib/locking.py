# SPDX-License-Identifier: Apache-2.0
"""The program ci/lock: the only thing that changes lock files."""

import argparse
from pathlib import Path

from ci.lib import lockfile, relock, store
from ci.lib.errors import Fault
from ci.lib.lockfile import Entry
from ci.lib.progress import say

EXAMPLE = """example:
  ci/lock                              lock anew what is gone from the archive, in every folder
  ci/lock image --renew libc6          take the newest libc6 into image/packages.lock
  ci/lock --check                      say whether every lock can still be had; changes nothing

Exit status: 0 done; 1 --check found something gone; 2 the request or an input is wrong."""


def main() -> int:
    options = _options()
    folders = [_folder(name) for name in options.folders] or _all_folders()
    if options.check:
        return int(any([_gone(folder) for folder in folders]))
    for folder in folders:
        _lock(folder, options)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="lock", epilog=EXAMPLE, formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Resolves packages.toml against Debian's signed indexes and writes packages.lock beside it.")
    parser.add_argument("folders", nargs="*", metavar="FOLDER", help="folders with a packages.toml; none: all")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--renew", nargs="+", default=[], metavar="NAME", help="take these in their newest version")
    which.add_argument("--renew-all", action="store_true", help="take everything in its newest version")
    which.add_argument("--check", action="store_true", help="only say what is gone from the archive")
    parser.add_argument("--accept-expired", nargs=1, action="extend", default=[], metavar="SUITE",
                        help="believe the signed index of this suite although its Valid-Until is over")
    parser.add_argument("--accept-older", nargs=1, action="extend", default=[], metavar="SOURCE",
                        help="take the newest version of this source package that the archive really has")
    return parser.parse_args()


def _lock(folder: Path, options: argparse.Namespace) -> None:
    lock = folder / "packages.lock"
    name = relock.folder_name(lock)
    before = lockfile.read(lock) if lock.is_file() else []
    unknown = set(options.renew) - {entry.name for entry in before}
    if unknown and options.folders:
        raise Fault(f"--renew {sorted(unknown)[0]}: not in {name}/packages.lock, expected a locked package")
    named = {entry for entry in before if options.renew_all or entry.name in options.renew}
    keep = [entry for entry in before if entry not in named]
    gone = set(_missing(keep, name))
    wanted = folder / "packages.toml"
    accepted = [frozenset(names) for names in (options.accept_expired, options.accept_older)]
    fresh = relock.entries(wanted, [entry for entry in keep if entry not in gone], *accepted)
    lockfile.write(lock, fresh, value=lockfile.sets_digest(lockfile.read_sets(wanted)))
    _tell(name, before, fresh)


def _missing(entries: list[Entry], what: str) -> list[Entry]:
    try:
        store.files(entries, what)
    except store.Missing as missing:
        return missing.entries
    return []


def _gone(folder: Path) -> bool:
    lock = folder / "packages.lock"
    relock.check_answers(lock)
    entries = lockfile.read(lock)
    gone = _missing(entries, relock.folder_name(lock))
    for entry in gone:
        print(f"{relock.folder_name(lock)}: {entry.name} {entry.version}: gone from the archive")
    print(f"{relock.folder_name(lock)}: {len(entries) - len(gone)} of {len(entries)} files can be had")
    return bool(gone)


def _tell(name: str, before: list[Entry], fresh: list[Entry]) -> None:
    old = {_label(entry): entry.version for entry in before}
    new = {_label(entry): entry.version for entry in fresh}
    changes = [package for package in sorted(old.keys() | new.keys()) if old.get(package) != new.get(package)]
    if before:
        for package in changes:
            say(f"{name}: {package}: {old.get(package, 'not locked')} -> {new.get(package, 'no longer needed')}")
    size = sum(entry.size for entry in fresh)
    say(f"{name}: {len(fresh)} files, {size / 1e6:.1f} MB, {len(changes)} changed")


def _label(entry: Entry) -> str:
    return f"source {entry.name}" if entry.architecture == lockfile.SOURCE else entry.name


def _folder(name: str) -> Path:
    # A name is meant from where one stands, or from the top of the project, as errors print it.
    for folder in (Path(name), relock.ROOT / name):
        if (folder / "packages.toml").is_file():
            return folder.resolve()
    raise Fault(f"{name}: no packages.toml in it, expected one; folders that have one: "
                + " ".join(relock.folder_name(folder / "packages.lock") for folder in _all_folders()))


def _all_folders() -> list[Path]:
    # Folders that git ignores (build/) and hidden ones are not looked into.
    found = [*relock.ROOT.glob("*/packages.toml"), *relock.ROOT.glob("*/*/packages.toml")]
    hidden = (".", "build")
    return sorted(path.parent for path in found if not path.relative_to(relock.ROOT).parts[0].startswith(hidden))
