# SPDX-License-Identifier: Apache-2.0
"""Resolves a folder's packages.toml into lock entries, keeping what is locked and still to be had."""

import os
import subprocess
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from ci.lib import cache, download, index, lockfile, resolve, sources, store
from ci.lib.errors import Fault
from ci.lib.lockfile import Entry
from ci.lib.progress import say

ROOT = Path(__file__).resolve().parents[2]

Entries = tuple[Entry, ...]  # the files of one package or source package


def folder_name(lock: Path) -> str:
    """The lock's folder as one types it, relative to the project where it lies in it."""
    folder = lock.resolve().parent
    return str(folder.relative_to(ROOT)) if folder.is_relative_to(ROOT) else str(folder)


def check_answers(lock: Path) -> None:
    """Faults when packages.toml wants something else than it did when the lock was made."""
    wanted = lock.parent / "packages.toml"
    if not lock.is_file():
        raise Fault(f"{lock}: not there, expected the lock of {wanted.name}; run: ci/lock {folder_name(lock)}")
    if wanted.is_file() and lockfile.header_value(lock, "wanted") != lockfile.sets_digest(lockfile.read_sets(wanted)):
        raise Fault(f"{lock}: does not answer {wanted.name} beside it, which changed; run: ci/lock {folder_name(lock)}")


def entries(wanted: Path, keep: list[Entry], accept_expired: frozenset[str] = frozenset(),
            accept_older: frozenset[str] = frozenset()) -> list[Entry]:  # fmt: skip
    """The entries for a packages.toml; of the names in `keep` the versions given there are taken if they will do.

    `accept_older` names source packages that may be older than the newest where the archive does not have that.
    """
    packages = lru_cache(lambda suite: index.packages(suite, accept_expired))
    listed = lru_cache(lambda suite: sources.listed(suite, accept_expired, accept_older))
    found: dict[tuple[str, str], Entries] = {}
    for wish in lockfile.read_sets(wanted):
        kept = [entry for entry in keep if entry.suite in wish.suites]
        named = [listed(suite) for suite in wish.suites] if wish.sources else []
        chosen_sources = sources.choose(wish.sources, named, kept, accept_older)
        for chosen in [*_packages(wish, packages, kept), *chosen_sources]:
            kind = lockfile.SOURCE if chosen[0].architecture == lockfile.SOURCE else "package"
            known = found.setdefault((kind, chosen[0].name), chosen)
            if known != chosen:
                raise Fault(
                    f"{wanted}: set {wish.name}: {known[0].name} {chosen[0].version}, but another set of the file has "
                    f"{known[0].version}; expected one version in a folder; give both sets the same suites"
                )
    return sorted(entry for chosen in found.values() for entry in chosen)


def _packages(wish: lockfile.Set, indexes: Callable[[str], list[index.Package]], kept: list[Entry]) -> list[Entries]:
    if not wish.packages:
        return []
    packages = [package for suite in wish.suites for package in indexes(suite)]
    pool = resolve.Pool(packages, _pins(packages, [one for one in kept if one.architecture != lockfile.SOURCE]))
    closure = resolve.closure(pool, wish.packages, dependencies=wish.dependencies, without=wish.without)
    return [(package.entry,) for package in closure]


def effective(lock: Path, locked: list[Entry], gone: list[Entry]) -> list[Entry]:
    """The entries to build with when files of the lock are gone: resolved anew, and kept in HALLMARK_RELOCKED."""
    folder = os.environ.get("HALLMARK_RELOCKED", "")
    if not folder:
        raise Fault(f"{lock}: {gone[0].name} {gone[0].version}: gone from the mirror, expected there; "
                    f"run: ci/lock {folder_name(lock)}")
    draft = Path(folder) / f"{folder_name(lock).strip('/').replace('/', '-')}.lock"
    origin = download.digest(lock)
    with cache.locked("relock", origin):
        if draft.is_file() and lockfile.header_value(draft, "instead-of") == origin:
            known = lockfile.read(draft)
            if not set(known) & set(gone):
                return known
        keep = [entry for entry in locked if entry not in gone]
        fresh = entries(lock.parent / "packages.toml", keep)
        lockfile.write(draft, fresh, key="instead-of", value=origin)
    say(
        f"WARNING: {len(gone)} LOCKED FILES OF {folder_name(lock).upper()} ARE GONE FROM THE ARCHIVE. RESOLVED ANEW "
        f"INTO {draft}: WHAT IS BUILT IS NOT WHAT IS LOCKED. TO LOCK IT RUN: ci/lock {folder_name(lock)}"
    )
    return fresh


def _pins(packages: list[index.Package], keep: list[Entry]) -> list[index.Package]:
    """The kept entries as packages: out of the indexes, or, where they left these, out of the file itself."""
    listed = {package.entry: package for package in packages}
    return [listed.get(entry) or _from_file(entry) for entry in keep]


def _from_file(entry: Entry) -> index.Package:
    file = store.files([entry], entry.name)[0]
    done = subprocess.run(["dpkg-deb", "--field", str(file)], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise Fault(f"{file}: dpkg-deb can't read its control file, expected a Debian package; delete it and try again")
    stanza = next(index.stanzas(done.stdout), {})
    read = index.package(stanza, entry.suite)
    return index.Package(entry, read.depends, read.provides)
