# SPDX-License-Identifier: Apache-2.0
"""How long a gzip layer takes to be unpacked, against igzip and bsdtar in a pipe on the same file system, and encrypted
against plain. Both sides run in turns, and the fastest run of each counts: what disturbs a run only makes it longer.
In memory where there is room, as in a guest: what a disk is busy with is nobody's doing."""

import base64
import functools
import hashlib
import hmac
import json
import os
import pathlib
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

MIB = 1024 * 1024
GZIP = "application/vnd.oci.image.layer.v1.tar+gzip"
# Of files of this host: libraries, programs, documentation, in as many bytes.
FOLDERS = ["/usr/lib/x86_64-linux-gnu", "/usr/share/doc", "/usr/lib/python3", "/usr/bin"]
CONTENT = 256 * MIB
RUNS = 9
IN_MEMORY = pathlib.Path("/dev/shm")
ROOM = 2048 * MIB


@dataclass
class Measured:
    """Seconds of the fastest run; resident memory in bytes."""

    peer: float
    plain: float
    encrypted: float
    resident: int
    megabytes: int


def names() -> bytes:
    """Files of this host with their folders, from each folder as much as there is room for."""
    chosen: list[str] = []
    for top in FOLDERS:
        left = CONTENT // len(FOLDERS)
        for folder, folders, files in os.walk(top):
            folders.sort()
            chosen.append(folder)
            for name in sorted(files):
                path = f"{folder}/{name}"
                size = os.lstat(path).st_size
                if size <= left and os.access(path, os.R_OK):
                    left -= size
                    chosen.append(path)
    return "\0".join(chosen).encode(errors="surrogateescape")


def make_layer(folder: pathlib.Path) -> tuple[pathlib.Path, str]:
    """A gzip layer, and its diff_id."""
    tar = folder / "layer.tar"
    subprocess.run(["tar", "--create", "--format=posix", "--file", tar, "--null", "--no-recursion", "--files-from=-"],
                   input=names(), stderr=subprocess.DEVNULL, check=True)
    diff_id = "sha256:" + hashlib.sha256(tar.read_bytes()).hexdigest()
    subprocess.run(["gzip", "-6", "--no-name", tar], check=True)
    return folder / "layer.tar.gz", diff_id


def encrypt(blob: pathlib.Path) -> tuple[pathlib.Path, str, bytes]:
    """As ocicrypt does: the encrypted blob, its public options, its private ones."""
    key, nonce, plain = secrets.token_bytes(32), secrets.token_bytes(16), blob.read_bytes()
    content = Cipher(algorithms.AES(key), modes.CTR(nonce)).encryptor().update(plain)
    encrypted = blob.with_name("encrypted")
    encrypted.write_bytes(content)
    public = {"cipher": "AES_256_CTR_HMAC_SHA256", "hmac": text(hmac.new(key, content, hashlib.sha256).digest())}
    private = {"symkey": text(key), "digest": "sha256:" + hashlib.sha256(plain).hexdigest(),
               "cipheroptions": {"nonce": text(nonce)}}
    return encrypted, text(json.dumps(public).encode()), json.dumps(private).encode()


def text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def place_for(build: pathlib.Path) -> pathlib.Path:
    return IN_MEMORY if IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > ROOM else build


def timed(target: pathlib.Path, run: Callable[[], None]) -> float:
    begin = time.monotonic()
    run()
    seconds = time.monotonic() - begin
    shutil.rmtree(target)
    return seconds


@functools.lru_cache(maxsize=1)
def measure(build: pathlib.Path) -> Measured:
    driver = build / "tests/drivers/unpack-layer-driver"
    with tempfile.TemporaryDirectory(dir=place_for(build)) as place:
        folder = pathlib.Path(place)
        blob, diff_id = make_layer(folder)
        encrypted, public, private = encrypt(blob)
        target, resident = folder / "target", 0

        def peer() -> None:
            target.mkdir()
            with subprocess.Popen(["igzip", "-d", "-c", blob], stdout=subprocess.PIPE) as igzip:
                subprocess.run(["bsdtar", "-x", "-p", "-f", "-", "-C", target], stdin=igzip.stdout, check=True)

        def ours(path: pathlib.Path, media_type: str, *more: str, given: bytes = b"") -> None:
            nonlocal resident
            digest = digests[path]
            done = subprocess.run([driver, path, target, media_type, digest, diff_id, *more], input=given, check=True,
                                  stdout=subprocess.PIPE)
            resident = max(resident, json.loads(done.stdout)["resident_kib"] * 1024)

        digests = {path: "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest() for path in (blob, encrypted)}
        runs = [(timed(target, peer), timed(target, lambda: ours(blob, GZIP)),
                 timed(target, lambda: ours(encrypted, GZIP + "+encrypted", public, given=private)))
                for _ in range(RUNS)]
        return Measured(*(min(run) for run in zip(*runs)), resident, blob.stat().st_size // 1_000_000)
