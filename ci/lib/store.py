# SPDX-License-Identifier: Apache-2.0
"""The files that lock entries name: from the cache, the mirror or a snapshot archive, each checked before it is used."""

import os
import threading
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

from ci.lib import apt, cache, download, lockfile
from ci.lib.errors import Fault
from ci.lib.lockfile import Entry
from ci.lib.progress import Progress

PARALLEL = 6


class Missing(Exception):
    """Files that neither the cache nor any archive has."""

    def __init__(self, entries: list[Entry]) -> None:
        super().__init__(names(entries))
        self.entries = entries


def files(entries: list[Entry], what: str) -> list[Path]:
    """The checked files of some entries, in their order. Raises Missing with all that are gone."""
    wanted = [entry for entry in entries if not cached(entry)]
    if wanted:
        _download(wanted, what)
    return [place(entry) for entry in entries]


def place(entry: Entry) -> Path:
    """Where the cache keeps the file: its name tells people what it is, the hash in it is what counts."""
    if entry.architecture == lockfile.SOURCE:
        return cache.folder("packages") / f"{entry.sha256}.{PurePosixPath(entry.path).name}"
    version = entry.version.replace(":", "%3a")
    return cache.folder("packages") / f"{entry.name}_{version}_{entry.architecture}.{entry.sha256}.deb"


def cached(entry: Entry) -> bool:
    """Whether the cache has the file, whole; a damaged one is dropped."""
    path = place(entry)
    if not path.is_file():
        return False
    if path.stat().st_size == entry.size and download.digest(path) == entry.sha256:
        return True
    path.unlink(missing_ok=True)
    return False


def addresses(entry: Entry) -> list[str]:
    """Where the file may be: the mirror, then the snapshot archive if there is one."""
    kind = "security" if entry.security else "main"
    path = urllib.parse.quote(entry.path, safe="/+~%:")
    found = [f"{apt.archive(kind)}/{path}"]
    snapshot = os.environ.get("HALLMARK_SNAPSHOT", "").strip().rstrip("/")
    if snapshot:
        base = snapshot.replace("{archive}", "debian-security" if entry.security else "debian")
        found.append(f"{base}/{path}")
    return found


def _download(entries: list[Entry], what: str) -> None:
    total = sum(entry.size for entry in entries)
    missing: list[Entry] = []
    guard = threading.Lock()
    with Progress(f"fetching {len(entries)} files for {what}", total, "bytes") as progress:
        def one(entry: Entry) -> None:
            if not _fetch(entry, progress):
                with guard:
                    missing.append(entry)

        with ThreadPoolExecutor(PARALLEL) as pool:
            jobs = [pool.submit(one, entry) for entry in entries]
            try:
                for job in jobs:
                    job.result()
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise
    if missing:
        raise Missing(sorted(missing))


def _fetch(entry: Entry, progress: Progress) -> bool:
    """Whether an archive had the file. A file that is there but differs is a fault unless the next one has it right."""
    wrong = ""
    for address in addresses(entry):
        try:
            download.verified(address, place(entry), entry.size, entry.sha256, progress.advance)
            return True
        except download.Gone:
            continue
        except download.Wrong as error:
            wrong = str(error)
    if wrong:
        raise Fault(f"{wrong}; the mirror is damaged or hostile: name another with --mirror")
    return False


def names(entries: list[Entry]) -> str:
    shown = ", ".join(f"{entry.name} {entry.version}" for entry in entries[:5])
    return shown + (f" and {len(entries) - 5} more" if len(entries) > 5 else "")
