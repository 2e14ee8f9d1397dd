# SPDX-License-Identifier: Apache-2.0
"""A small Debian archive on the loopback: real packages, a real index, a real signature by a key made for the test."""

import hashlib
import http.server
import lzma
import os
import shutil
import subprocess
import tempfile
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path

import pytest

from ci.lib import apt, index
from ci.lib.lockfile import Entry

SUITE = "trixie"


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@dataclass
class Archive:
    """An archive in a folder, served over HTTP."""

    root: Path
    url: str
    gnupg: Path
    stanzas: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)

    def add(self, name: str, version: str = "1.0", depends: str = "") -> Entry:
        """Build a package with one file, put it into the pool and the index."""
        path = f"pool/main/{name}_{version}_all.deb"
        deb = self.root / path
        deb.parent.mkdir(parents=True, exist_ok=True)
        build_deb(deb, name, version, depends)
        content = deb.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        lines = [f"Package: {name}", f"Version: {version}", "Architecture: all", f"Filename: {path}",
                 f"Size: {len(content)}", f"SHA256: {digest}"]
        self.stanzas.append("\n".join(lines + ([f"Depends: {depends}"] if depends else [])) + "\n")
        return Entry(name, version, "all", len(content), digest, SUITE, path)

    def add_source(self, name: str, version: str = "1.0-1", extra: str = "") -> list[Entry]:
        """Put the three files of a source package into the pool and the index; what is in the archives is no archive."""
        folder = f"pool/main/{name[0]}/{name}"
        upstream = version.partition("-")[0]
        contents = {f"{name}_{upstream}.orig.tar.xz": b"upstream's", f"{name}_{version}.debian.tar.xz": version.encode()}
        rows = [(hashlib.sha256(text).hexdigest(), len(text), file) for file, text in contents.items()]
        checksums = "Checksums-Sha256:\n" + "".join(f" {digest} {size} {file}\n" for digest, size, file in rows)
        description = f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nSource: {name}\nVersion: {version}\n{checksums}"
        contents[f"{name}_{version}.dsc"] = description.encode()
        digest = hashlib.sha256(description.encode()).hexdigest()
        rows.append((digest, len(description), f"{name}_{version}.dsc"))
        (self.root / folder).mkdir(parents=True, exist_ok=True)
        for file, text in contents.items():
            (self.root / folder / file).write_bytes(text)
        self.sources.append(f"Package: {name}\nVersion: {version}\nDirectory: {folder}\n{extra}{checksums}"
                            f" {digest} {len(description)} {name}_{version}.dsc\n")
        return sorted(Entry(name, version, "source", size, digest, SUITE, f"{folder}/{file}")
                      for digest, size, file in rows)

    def publish(self, *, valid_days: float = 7, codename: str = SUITE, origin: str = "Debian") -> bytes:
        """Write and sign the index; returns the InRelease file."""
        folder = self.root / "dists" / SUITE
        rows = ""
        for name, stanzas in (("main/binary-amd64/Packages.xz", self.stanzas), ("main/source/Sources.xz", self.sources)):
            packed = lzma.compress("\n".join(stanzas).encode())
            digest = hashlib.sha256(packed).hexdigest()
            by_hash = folder / os.path.dirname(name) / "by-hash/SHA256"
            by_hash.mkdir(parents=True, exist_ok=True)
            (by_hash / digest).write_bytes(packed)
            rows += f" {digest} {len(packed)} {name}\n"
        until = format_datetime(datetime.now(timezone.utc) + timedelta(days=valid_days), usegmt=True)
        release = (f"Origin: {origin}\nLabel: Debian\nSuite: stable\nCodename: {codename}\nValid-Until: {until}\n"
                   f"SHA256:\n{rows}")
        signed = subprocess.run(["gpg", "--homedir", str(self.gnupg), "--batch", "--clearsign"], input=release.encode(),
                                capture_output=True, check=True).stdout
        (folder / "InRelease").write_bytes(signed)
        return signed


def build_deb(deb: Path, name: str, version: str = "1.0", depends: str = "") -> None:
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        (tree / "DEBIAN").mkdir()
        lines = [f"Package: {name}", f"Version: {version}", "Architecture: all",
                 "Maintainer: Nobody <nobody@example.org>",
                 f"Description: {name}"] + ([f"Depends: {depends}"] if depends else [])
        (tree / "DEBIAN/control").write_text("\n".join(lines) + "\n")
        (tree / "usr/share").mkdir(parents=True)
        (tree / f"usr/share/{name}").write_text(f"{name} {version}\n")
        subprocess.run(["dpkg-deb", "--root-owner-group", "--build", folder, str(deb)], check=True, capture_output=True)


@pytest.fixture(scope="session")
def keys():
    """A GnuPG home with one key, and a keyring with its public half."""
    if shutil.which("gpg") is None:
        pytest.skip("gpg (package gnupg) is not installed")
    # Short, because the agent's socket in it must fit into 108 bytes.
    home = Path(tempfile.mkdtemp(prefix="hm-gpg-", dir="/tmp"))
    gpg = ["gpg", "--homedir", str(home), "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""]
    subprocess.run([*gpg, "--quick-generate-key", "Test <test@example.org>", "ed25519", "sign", "never"], check=True,
                   capture_output=True)
    keyring = home / "keyring.gpg"
    keyring.write_bytes(subprocess.run([*gpg, "--export"], check=True, capture_output=True).stdout)
    yield home, keyring
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False, capture_output=True)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def served(tmp_path):
    """A folder and the address under which it is served."""
    root = tmp_path / "served"
    root.mkdir()
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), lambda *rest: QuietHandler(*rest, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield root, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def private_cache(tmp_path, monkeypatch):
    """A cache, a mirror setting and a proxy setting of this test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in list(os.environ):
        if name.startswith("HALLMARK_") and name not in ("HALLMARK_SOURCE", "HALLMARK_BUILD"):
            monkeypatch.delenv(name)
    monkeypatch.setattr(apt, "proxies", dict)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return tmp_path / "cache/hallmark"


@pytest.fixture
def archive(served, keys, private_cache, monkeypatch):
    home, keyring = keys
    monkeypatch.setattr(index, "KEYRING", keyring)
    monkeypatch.setenv("HALLMARK_MIRROR", served[1])
    return Archive(served[0], served[1], home)
