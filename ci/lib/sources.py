# SPDX-License-Identifier: Apache-2.0
"""Source packages: every file of each wanted one (.dsc, upstream's archives, Debian's changes), as lock entries.

The format of a Sources index and of a .dsc file: Debian Policy 4.7, sections 5.4 and 5.6.24.
"""

from collections.abc import Iterable
from pathlib import PurePosixPath

from ci.lib import index, lockfile, store, version
from ci.lib.errors import Fault
from ci.lib.lockfile import Entry
from ci.lib.progress import say

Source = tuple[Entry, ...]  # of one name and one version, sorted; never empty
Listed = dict[str, list[Source]]


def listed(suite: str, accept_expired: frozenset[str] = frozenset(), accept_older: frozenset[str] = frozenset()) -> Listed:
    """Every source package of a suite, by name, in all its versions."""
    found: Listed = {}
    for stanza in index.read(suite, index.SOURCES, accept_expired):
        # Kept by the archive only because something was built with it; its suite has a newer one.
        if stanza.get("Extra-Source-Only") == "yes" and stanza.get("Package") not in accept_older:
            continue
        source = entries(stanza, suite)
        if source:
            found.setdefault(source[0].name, []).append(source)
    return found


def entries(stanza: index.Stanza, suite: str) -> Source:
    """One entry for each file of a stanza; the fields are checked later, as those of packages are."""
    name, release, folder = (stanza.get(key, "") for key in ("Package", "Version", "Directory"))
    return tuple(sorted(
        Entry(name, release, lockfile.SOURCE, size, digest, suite, f"{folder}/{file}")
        for digest, size, file in _files(stanza)
    ))  # fmt: skip


def choose(names: Iterable[str], suites: Iterable[Listed], keep: Iterable[Entry],
           accept_older: frozenset[str] = frozenset()) -> list[Source]:  # fmt: skip
    """Of each name what is locked and whole, else the newest; where versions are equal the suite that comes first."""
    kept, indexes = list(keep), list(suites)
    chosen = []
    for name in sorted(set(names)):
        locked = tuple(sorted(entry for entry in kept if entry.architecture == lockfile.SOURCE and entry.name == name))
        if locked and _whole(locked):
            chosen.append(locked)
            continue
        found = [source for index_ in indexes for source in index_.get(name, [])]
        found.sort(key=lambda source: version.key(source[0].version), reverse=True)
        if not found:
            raise Fault(f"packages.toml: source {name}: in none of the set's suites, expected in one; correct it, add a suite")
        chosen.append(_newest_there(found) if name in accept_older else found[0])
    return chosen


def _newest_there(found: list[Source]) -> Source:
    """The newest whose files can be had: a mirror may list what it does not have (yet)."""
    for source in found:
        try:
            store.files(list(source), source[0].name)
        except store.Missing:
            continue
        if source != found[0]:
            say(f"WARNING: SOURCE {source[0].name.upper()} {found[0][0].version} IS NOT IN THE ARCHIVE THAT LISTS IT; "
                f"{source[0].version} TAKEN INSTEAD AS ASKED FOR BY NAME")
        return source
    return found[0]


def _whole(locked: Source) -> bool:
    """Whether these are all files of the source package: its .dsc, whose hash is locked, says which there are."""
    descriptions = [entry for entry in locked if entry.path.endswith(".dsc")]
    if len(descriptions) != 1:
        return False
    text = store.files(descriptions, locked[0].name)[0].read_text(encoding="utf-8", errors="replace")
    stanza = next((found for found in index.stanzas(text) if "Checksums-Sha256" in found), {})
    named = {(digest, size, file) for digest, size, file in _files(stanza)}
    held = {(entry.sha256, entry.size, PurePosixPath(entry.path).name) for entry in locked if entry not in descriptions}
    return bool(named) and named == held


def _files(stanza: index.Stanza) -> list[tuple[str, int, str]]:
    """(SHA-256, size, name) of the lines of Checksums-Sha256; a line of another shape is left for the lock to refuse."""
    rows = [line.split() for line in stanza.get("Checksums-Sha256", "").splitlines() if line.strip()]
    return [(row[0], int(row[1]) if row[1].isdecimal() else 0, row[2]) for row in rows if len(row) == 3]
