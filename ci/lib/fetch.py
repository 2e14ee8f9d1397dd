# SPDX-License-Identifier: Apache-2.0
"""What a folder takes in: the files of its lock, or those that take the place of files that are gone."""

import os
from dataclasses import dataclass
from pathlib import Path

from ci.lib import lockfile, relock, store
from ci.lib.errors import Fault
from ci.lib.lockfile import Entry


@dataclass(frozen=True)
class Fetched:
    """A file that was checked against its lock entry; `locked` is false where the lock's own file was gone."""

    entry: Entry
    file: Path
    locked: bool


def obtain(lock: Path) -> list[Fetched]:
    """Every file of a lock, in its order.

    Where one is gone everywhere the lock is resolved anew (see relock), unless HALLMARK_FROZEN is set.
    """
    lock = Path(lock)
    relock.check_answers(lock)
    locked = lockfile.read(lock)
    try:
        return [Fetched(entry, file, True) for entry, file in zip(locked, store.files(locked, _purpose(lock)))]
    except store.Missing as missing:
        if os.environ.get("HALLMARK_FROZEN") == "1":
            raise Fault(
                f"{lock}: {store.names(missing.entries)}: gone from the mirror, expected there (frozen); name an archive "
                f"that has it with --snapshot, or run: ci/lock {relock.folder_name(lock)}"
            ) from None
        entries = relock.effective(lock, locked, missing.entries)
    kept = set(locked)
    try:
        files = store.files(entries, _purpose(lock))
    except store.Missing as missing:
        raise Fault(
            f"{lock}: {store.names(missing.entries)}: listed by the index but not on the mirror, expected there; try again "
            "when it is whole, or name another archive: --mirror, --snapshot"
        ) from None
    return [Fetched(entry, file, entry in kept) for entry, file in zip(entries, files)]


def record(fetched: list[Fetched], purpose: str) -> list[dict]:
    """Rows for `inputs` of manifest.json."""
    return [
        {"purpose": purpose, **{name: getattr(one.entry, name) for name in lockfile.FIELDS}, "locked": one.locked}
        for one in fetched
    ]


def _purpose(lock: Path) -> str:
    return lock.resolve().parent.name
