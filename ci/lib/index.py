# SPDX-License-Identifier: Apache-2.0
"""The archive's signed indexes: InRelease proves Packages and Sources, and these prove every file."""

import email.utils
import lzma
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from ci.lib import apt, cache, download, lockfile
from ci.lib.errors import Fault
from ci.lib.progress import say

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
ARCHITECTURE = "amd64"
PACKAGES = f"main/binary-{ARCHITECTURE}/Packages.xz"
SOURCES = "main/source/Sources.xz"
MAX_RELEASE_BYTES = 16 << 20
MAX_INDEX_BYTES = 1 << 30
ORIGINS = ("Debian", "Debian Backports")

Stanza = dict[str, str]


@dataclass(frozen=True)
class Package:
    """One stanza of a Packages file, as much of it as resolving needs."""

    entry: lockfile.Entry
    depends: str
    provides: str


def packages(suite: str, accept_expired: frozenset[str] = frozenset()) -> list[Package]:
    """Every package of a suite."""
    return [package(stanza, suite) for stanza in read(suite, PACKAGES, accept_expired)]


def read(suite: str, path: str, accept_expired: frozenset[str] = frozenset()) -> Iterator[Stanza]:
    """The stanzas of a suite's index PACKAGES or SOURCES, after its signature, name, age and hash were checked."""
    base = f"{apt.archive('security' if lockfile.is_security(suite) else 'main')}/dists/{suite}"
    try:
        signed = download.small(f"{base}/InRelease", MAX_RELEASE_BYTES)
        release = check_release(f"{base}/InRelease", suite, signed, accept_expired)
        text = _index_text(base, release, path)
    except download.Gone as error:
        raise Fault(f"{error}: not there, expected the suite {suite}; check --mirror and --security-mirror") from error
    except download.Wrong as error:
        raise Fault(f"{error}; the mirror is being updated or damaged: try again, or name another: --mirror") from error
    return stanzas(text)


def check_release(where: str, suite: str, signed: bytes, accept_expired: frozenset[str],
                  now: datetime | None = None, keyring: Path | None = None) -> Stanza:
    """The fields of an InRelease file whose signature, origin, name and age are right."""
    fields = next(stanzas(_verified_text(where, signed, keyring or KEYRING)), {})
    if fields.get("Origin") not in ORIGINS:
        raise Fault(f"{where}: Origin is {fields.get('Origin')!r}, expected 'Debian'; name Debian's archive: --mirror")
    if suite not in (fields.get("Codename"), fields.get("Suite")):
        raise Fault(f"{where}: Codename is {fields.get('Codename')!r}, expected {suite!r}; name another: --mirror")
    until = fields.get("Valid-Until")
    if until and _time(where, until) < (now or datetime.now(timezone.utc)):
        if suite not in accept_expired:
            raise Fault(
                f"{where}: Valid-Until was {until}, expected a date in the future: the mirror stands still or an old "
                f"index is played back; use another mirror, or run: ci/lock FOLDER --accept-expired {suite}"
            )
        say(f"WARNING: THE INDEX OF {suite.upper()} EXPIRED ON {until.upper()}; ACCEPTED AS ASKED FOR BY NAME")
    return fields


def stanzas(text: str) -> Iterator[Stanza]:
    """The paragraphs of a control file (deb822), continuation lines joined by newlines."""
    fields: dict[str, list[str]] = {}
    name = ""
    for line in text.split("\n"):
        if not line.strip():
            if fields:
                yield _joined(fields)
            fields = {}
        elif line[0] in " \t":
            if name in fields:
                fields[name].append(line)
        else:
            name, _, value = line.partition(":")
            fields[name] = [value.strip()]
    if fields:
        yield _joined(fields)


def _joined(fields: dict[str, list[str]]) -> Stanza:
    return {name: "\n".join(lines) for name, lines in fields.items()}


def package(stanza: Stanza, suite: str) -> Package:
    """What a stanza says; the fields are checked later, for the few packages that get into a lock."""
    size = stanza.get("Size", "")
    entry = lockfile.Entry(
        stanza.get("Package", ""), stanza.get("Version", ""), stanza.get("Architecture", ""),
        int(size) if size.isdecimal() else 0, stanza.get("SHA256", ""), suite, stanza.get("Filename", ""),
    )
    depends = ", ".join(filter(None, (stanza.get("Pre-Depends"), stanza.get("Depends"))))
    return Package(entry, depends.replace("\n", " "), stanza.get("Provides", "").replace("\n", " "))


def _verified_text(where: str, signed: bytes, keyring: Path) -> str:
    """The text that the signature covers, and nothing of what may stand around it."""
    if not keyring.is_file():
        raise Fault(f"{keyring}: not there, expected Debian's archive keys; install debian-archive-keyring")
    with tempfile.TemporaryDirectory(prefix="hallmark-") as folder:
        source, text = Path(folder, "InRelease"), Path(folder, "text")
        source.write_bytes(signed)
        try:
            done = subprocess.run(
                ["gpgv", "--status-fd", "1", "--keyring", str(keyring), "--output", str(text), str(source)],
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False, errors="replace",
            )
        except FileNotFoundError as error:
            raise Fault("gpgv: not there, expected on PATH; install gpgv") from error
        # The exit status says nothing: it is 2 as soon as one of several signatures is by a key not in the keyring.
        words = re.findall(r"^\[GNUPG:\] (\S+)", done.stdout, re.MULTILINE)
        if "VALIDSIG" not in words or "BADSIG" in words or not text.is_file():
            telling = [word for word in words if word.endswith("SIG") or word in ("NODATA", "NO_PUBKEY")]
            raise Fault(
                f"{where}: signatures: {', '.join(telling) or 'none'}; expected a valid one by a key of {keyring}; "
                "do not use this mirror"
            )
        return text.read_text(encoding="utf-8", errors="replace")


def _index_text(base: str, release: Stanza, name: str) -> str:
    row = re.search(rf"^ ([0-9a-f]{{64}}) +([0-9]+) {re.escape(name)}$", release.get("SHA256", ""), re.MULTILINE)
    if not row or int(row[2]) > MAX_INDEX_BYTES:
        raise Fault(f"{base}/InRelease: SHA256 has no usable line for {name}, expected one; name another: --mirror")
    path = cache.folder("indexes") / row[1]
    if not (path.is_file() and download.digest(path) == row[1]):
        say(f"fetching the index {base}")
        # By-hash addresses do not change under us while the mirror is being updated.
        download.verified(f"{base}/{os.path.dirname(name)}/by-hash/SHA256/{row[1]}", path, int(row[2]), row[1])
    unpacker = lzma.LZMADecompressor(memlimit=256 << 20)
    text = unpacker.decompress(path.read_bytes(), max_length=MAX_INDEX_BYTES)
    if not unpacker.eof:
        raise Fault(f"{path}: more than {MAX_INDEX_BYTES} bytes or cut short, expected a whole index")
    return text.decode("utf-8", errors="replace")


def _time(where: str, text: str) -> datetime:
    try:
        when = email.utils.parsedate_to_datetime(text)
    except ValueError as error:
        raise Fault(f"{where}: Valid-Until is {text!r}, expected a date as in RFC 5322") from error
    return when if when.tzinfo else when.replace(tzinfo=timezone.utc)
