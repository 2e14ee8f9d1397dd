# SPDX-License-Identifier: Apache-2.0
"""Layers unpacked by the image puller and by GNU tar: the trees are equal. Hostile ones are refused, and nothing outside
their folder changes. Encrypted ones are skopeo's."""

import base64
import gzip
import hashlib
import io
import json
import os
import stat
import subprocess
import tarfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.integration.odd_layer import OddLayer, tree

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("HALLMARK_BUILD", ROOT / "build"))
DRIVER = BUILD / "tests/drivers/unpack-layer-driver"
SKOPEO = BUILD / "tests/tools/skopeo"
TAR = "application/vnd.oci.image.layer.v1.tar"
PUBLIC_OPTIONS = "org.opencontainers.image.enc.pubopts"
WRAPPED = "org.opencontainers.image.enc.keys.jwe"

pytestmark = pytest.mark.skipif(not DRIVER.is_file(), reason=f"{DRIVER} is not built")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="owners and devices need root")
needs_skopeo = pytest.mark.skipif(not SKOPEO.is_file(), reason=f"no {SKOPEO}: build it with: ninja tests/tools/skopeo")


def digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def unpack(blob: Path, folder: Path, media_type: str, diff_id: str, *more: str, given: bytes = b"",
           blob_digest: str = "") -> subprocess.CompletedProcess[bytes]:
    command = [DRIVER, blob, folder, media_type, blob_digest or digest(blob.read_bytes()), diff_id, *more]
    return subprocess.run(command, input=given, capture_output=True, timeout=300, check=False)


def unpacked(content: bytes, folder: Path, media_type: str = TAR, diff_id: str = "") -> dict:
    """A layer that is in memory; what the driver says of it."""
    blob = folder.with_suffix(".blob")
    blob.write_bytes(content)
    done = unpack(blob, folder, media_type, diff_id or digest(content))
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def unpacked_by_gnu_tar(archive: Path, folder: Path) -> dict[str, tuple]:
    folder.mkdir()
    subprocess.run(["tar", "--extract", "--file", archive, "--directory", folder, "--numeric-owner", "--same-owner",
                    "--same-permissions", "--xattrs", "--xattrs-include=*", "--delay-directory-restore",
                    "--warning=no-timestamp", "--warning=no-unknown-keyword", "--absolute-names"],
                   check=True, timeout=120)
    return tree(folder)


def expect_equal(ours: dict[str, tuple], theirs: dict[str, tuple]) -> None:
    assert sorted(ours) == sorted(theirs)
    different = {name: (ours[name], theirs[name]) for name in ours if ours[name] != theirs[name]}
    assert not different, list(different.items())[:3]


@needs_root
@pytest.mark.parametrize(("form", "seed"), [(tarfile.PAX_FORMAT, 1), (tarfile.PAX_FORMAT, 2), (tarfile.GNU_FORMAT, 3)])
def test_odd_entries_are_unpacked_as_by_gnu_tar(tmp_path: Path, form: int, seed: int) -> None:
    archive = tmp_path / "layer.tar"
    with archive.open("wb") as file:
        OddLayer(file, seed, form).fill(3000)
    content = archive.read_bytes()
    said = unpacked(gzip.compress(content, 1), tmp_path / "ours", TAR + "+gzip", digest(content))
    assert said["entries"] > 2500
    ours = tree(tmp_path / "ours")
    assert len(ours) > 2000
    expect_equal(ours, unpacked_by_gnu_tar(archive, tmp_path / "theirs"))


@needs_root
def test_a_real_file_system_is_unpacked_as_by_gnu_tar(tmp_path: Path) -> None:
    """Of this host: configuration, documentation, programs with their links and modes."""
    archive = tmp_path / "layer.tar"
    folders = ["etc", "usr/share/doc", "usr/sbin", "usr/lib/python3"]
    subprocess.run(["tar", "--create", "--file", archive, "--directory", "/", "--format=posix", "--sort=name", "--xattrs",
                    "--numeric-owner", "--pax-option=delete=ctime", "--warning=no-file-changed", "--ignore-failed-read",
                    *[folder for folder in folders if Path("/", folder).is_dir()]],
                   check=True, timeout=300, stderr=subprocess.DEVNULL)
    content = archive.read_bytes()
    unpacked(content, tmp_path / "ours")
    ours, theirs = tree(tmp_path / "ours"), unpacked_by_gnu_tar(archive, tmp_path / "theirs")
    assert len(ours) > 1000
    # Folders that lead to those of the list are in no entry.
    for parent in ("usr", "usr/share", "usr/lib"):
        ours.pop(parent, None), theirs.pop(parent, None)
    expect_equal(ours, theirs)


@pytest.mark.parametrize("options", [["--format=gnu"], ["--format=posix", "--sparse-version=0.0"],
                                     ["--format=posix", "--sparse-version=0.1"], ["--format=posix", "--sparse-version=1.0"]])
def test_sparse_files_of_gnu_tar(tmp_path: Path, options: list[str]) -> None:
    source = tmp_path / "source"
    source.mkdir()
    with (source / "sparse").open("wb") as file:
        for number in range(60):
            file.seek(number * 1_000_000 + 4096)
            file.write(bytes([number + 1]) * (1 + number * 150))
        file.truncate(70_000_000)
    archive = tmp_path / "layer.tar"
    subprocess.run(["tar", "--create", "--sparse", "--file", archive, "--directory", source, *options, "sparse"], check=True,
                   timeout=60)
    unpacked(archive.read_bytes(), tmp_path / "ours")
    ours = tmp_path / "ours/sparse"
    assert ours.read_bytes() == (source / "sparse").read_bytes()
    assert ours.stat().st_blocks * 512 < 5_000_000, "holes stay holes"


@needs_root
def test_whiteouts_are_what_overlayfs_takes(tmp_path: Path) -> None:
    """Decided by the kernel: what is seen through a mount of the layer over another."""
    lower, upper, work, merged = (tmp_path / name for name in ("lower", "upper", "work", "merged"))
    for name in ("gone", "kept", "folder/old", "opaque/old", "opaque/deep/old"):
        (lower / name).parent.mkdir(parents=True, exist_ok=True)
        (lower / name).write_text("lower")
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name in (".wh.gone", "folder/.wh.old", "folder/new", "opaque/new", "opaque/.wh..wh..opq"):
            archive.addfile(tarfile.TarInfo(name))
    unpacked(content.getvalue(), upper)
    work.mkdir(), merged.mkdir()
    mount = subprocess.run(["mount", "-t", "overlay", "overlay", "-o", f"lowerdir={upper}:{lower}", merged],
                           capture_output=True, check=False)
    if mount.returncode != 0:
        assert stat.S_ISCHR((upper / "gone").lstat().st_mode)
        pytest.skip("overlayfs can't be mounted here")
    try:
        found = sorted(str(path.relative_to(merged)) for path in merged.rglob("*"))
    finally:
        subprocess.run(["umount", merged], check=True)
    assert found == ["folder", "folder/new", "kept", "opaque", "opaque/new"]


def hostile_tar(*members: tuple[str, bytes, str]) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name, kind, link in members:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, link
            archive.addfile(member)
    return content.getvalue()


FILE, LINK, HARD = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE
HOSTILE = {
    "climbs by its name": (hostile_tar(("../outside/new", FILE, "")), "'..'"),
    "climbs from within": (hostile_tar(("a/../../outside/new", FILE, "")), "'..'"),
    "writes through a link": (hostile_tar(("l", LINK, "../outside"), ("l/new", FILE, "")), "no folder"),
    "writes through an absolute link": (hostile_tar(("l", LINK, "{outside}"), ("l/new", FILE, "")), "no folder"),
    "writes through a link of proc": (hostile_tar(("l", LINK, "/proc/self/cwd"), ("l/new", FILE, "")), "no folder"),
    "links to outside": (hostile_tar(("h", HARD, "../outside/file")), "'..'"),
    "links to an absolute name": (hostile_tar(("h", HARD, "{outside}/file")), "doesn't have"),
    "links through a link": (hostile_tar(("l", LINK, "{outside}"), ("h", HARD, "l/file")), "doesn't have"),
    "hides what is outside": (hostile_tar(("a/.wh...", FILE, "")), "whiteout of no name"),
    "ends in the middle": (hostile_tar(("a", FILE, ""))[:300], "ends inside a header"),
    "is no tar": (b"x" * 4096, "checksum"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_layers_change_nothing_outside(tmp_path: Path, what: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("as it was")
    content, words = HOSTILE[what]
    # In place, with as many bytes as the header has for a link, and its checksum made anew.
    if b"{outside}" in content:
        content = hostile_tar(*[(member.name, member.type, member.linkname.replace("{outside}", str(outside)))
                                for member in tarfile.open(fileobj=io.BytesIO(content))])
    before = tree(outside)
    blob = tmp_path / "blob"
    blob.write_bytes(content)
    done = unpack(blob, tmp_path / "ours", TAR, digest(content))
    assert done.returncode in (1, 2)
    error = done.stderr.decode()
    assert error.count("\n") == 1 and words in error, error
    assert tree(outside) == before
    assert {path.name for path in tmp_path.iterdir()} == {"outside", "blob", "ours"}


def test_a_compression_bomb_stops_at_the_limit(tmp_path: Path) -> None:
    zeros = hostile_tar(("a", FILE, "")) + bytes(300 * 1024 * 1024)
    blob = tmp_path / "blob"
    blob.write_bytes(gzip.compress(zeros, 9))
    assert blob.stat().st_size < 1024 * 1024
    done = unpack(blob, tmp_path / "ours", TAR + "+gzip", digest(zeros), "", "10000000")
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)
    assert b"larger than 10000000 bytes" in done.stderr


@pytest.mark.parametrize(("change", "words"), [
    ({"diff_id": digest(b"another")}, b"diff_id of the layer"),
    ({"blob_digest": digest(b"another")}, b"digest of the layer's blob"),
])
def test_a_layer_that_is_another_is_refused(tmp_path: Path, change: dict, words: bytes) -> None:
    content = hostile_tar(("a", FILE, ""))
    blob = tmp_path / "blob"
    blob.write_bytes(gzip.compress(content))
    done = unpack(blob, tmp_path / "ours", TAR + "+gzip", **{"diff_id": digest(content), **change})
    assert done.returncode == 1
    assert words in done.stderr


class Owner:
    """Has an image, and a key pair of RSA to which skopeo encrypts it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        subprocess.run(["openssl", "genrsa", "-out", folder / "key.pem", "2048"], check=True, capture_output=True)
        subprocess.run(["openssl", "rsa", "-in", folder / "key.pem", "-pubout", "-out", folder / "public.pem"], check=True,
                       capture_output=True)
        content = io.BytesIO()
        # Who writes zstd:chunked refuses names that are there twice.
        OddLayer(content, 11).fill(300, again=False)
        self.tar = content.getvalue()
        self.write_image()

    def write_image(self) -> None:
        def blob(bytes_: bytes) -> dict:
            path = self.folder / "plain/blobs/sha256" / digest(bytes_).removeprefix("sha256:")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(bytes_)
            return {"digest": digest(bytes_), "size": len(bytes_)}

        config = {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [digest(self.tar)]}}
        manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                    "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **blob(json.dumps(config).encode())},
                    "layers": [{"mediaType": TAR, **blob(self.tar)}]}
        entry = {"mediaType": manifest["mediaType"], **blob(json.dumps(manifest).encode()),
                 "annotations": {"org.opencontainers.image.ref.name": "latest"}}
        (self.folder / "plain/index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))
        (self.folder / "plain/oci-layout").write_text(json.dumps({"imageLayoutVersion": "1.0.0"}))

    def copy(self, source: str, target: str, *options: str) -> tuple[dict, Path]:
        """By skopeo; the descriptor of the layer, and its blob."""
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "TMPDIR": str(self.folder)}
        done = subprocess.run([SKOPEO, "--insecure-policy", "copy", *options, f"oci:{source}:latest", f"oci:{target}:latest"],
                              cwd=self.folder, env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        blobs = self.folder / target / "blobs/sha256"
        index = json.loads((self.folder / target / "index.json").read_text())
        manifest = json.loads((blobs / index["manifests"][0]["digest"].removeprefix("sha256:")).read_text())
        layer = manifest["layers"][0]
        return layer, blobs / layer["digest"].removeprefix("sha256:")

    def unwrap(self, layer: dict) -> bytes:
        """RFC 7516 by hand, general serialisation: RSA-OAEP, then A256GCM."""
        jwe = json.loads(base64.b64decode(layer["annotations"][WRAPPED]))
        part = {key: base64.urlsafe_b64decode(value + "==") for key, value in jwe.items()
                if key in ("iv", "ciphertext", "tag", "encrypted_key")}
        wrapped = part.get("encrypted_key") or base64.urlsafe_b64decode(jwe["recipients"][0]["encrypted_key"] + "==")
        key = serialization.load_pem_private_key((self.folder / "key.pem").read_bytes(), None)
        oaep = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
        return AESGCM(key.decrypt(wrapped, oaep)).decrypt(part["iv"], part["ciphertext"] + part["tag"],
                                                          jwe["protected"].encode())


@pytest.fixture(name="owner")
def fixture_owner(tmp_path: Path) -> Owner:
    folder = tmp_path / "owner"
    folder.mkdir()
    return Owner(folder)


# What skopeo is told, and the compression that comes of it.
COPIES = {
    "tar": (["--preserve-digests"], ""),
    "gzip": (["--dest-compress-format", "gzip"], "+gzip"),
    "zstd": (["--dest-compress-format", "zstd"], "+zstd"),
    "zstd:chunked": (["--dest-compress-format", "zstd:chunked"], "+zstd"),
}


@needs_skopeo
@needs_root
@pytest.mark.parametrize("copy", COPIES)
def test_layers_of_skopeo(owner: Owner, tmp_path: Path, copy: str) -> None:
    options, compression = COPIES[copy]
    layer, blob = owner.copy("plain", "compressed", *options)
    assert layer["mediaType"] == TAR + compression
    done = unpack(blob, tmp_path / "ours", layer["mediaType"], digest(owner.tar))
    assert done.returncode == 0, done.stderr.decode()
    (tmp_path / "layer.tar").write_bytes(owner.tar)
    expect_equal(tree(tmp_path / "ours"), unpacked_by_gnu_tar(tmp_path / "layer.tar", tmp_path / "theirs"))


@needs_skopeo
@needs_root
@pytest.mark.parametrize("at_once", [False, True], ids=["compressed before", "compressed in the same copy"])
@pytest.mark.parametrize("copy", ["gzip", "zstd"])
def test_layers_that_skopeo_encrypted(owner: Owner, tmp_path: Path, copy: str, at_once: bool) -> None:
    options, compression = COPIES[copy]
    encryption = ["--encryption-key", f"jwe:{owner.folder / 'public.pem'}"]
    if at_once:
        layer, blob = owner.copy("plain", "encrypted", *options, *encryption)
    else:
        owner.copy("plain", "compressed", *options)
        layer, blob = owner.copy("compressed", "encrypted", *encryption)
    assert layer["mediaType"] == TAR + compression + "+encrypted"
    private, public = owner.unwrap(layer), layer["annotations"][PUBLIC_OPTIONS]
    if at_once:
        assert json.loads(private)["digest"] == digest(owner.tar), "containers/image takes the digest of what it read"
    done = unpack(blob, tmp_path / "ours", layer["mediaType"], digest(owner.tar), public, given=private)
    assert done.returncode == 0, done.stderr.decode()
    (tmp_path / "layer.tar").write_bytes(owner.tar)
    expect_equal(tree(tmp_path / "ours"), unpacked_by_gnu_tar(tmp_path / "layer.tar", tmp_path / "theirs"))


@needs_skopeo
def test_an_encrypted_layer_that_was_changed_is_refused(owner: Owner, tmp_path: Path) -> None:
    layer, blob = owner.copy("plain", "encrypted", "--encryption-key", f"jwe:{owner.folder / 'public.pem'}")
    private, public = owner.unwrap(layer), layer["annotations"][PUBLIC_OPTIONS]
    hmac_of_another = json.loads(base64.b64decode(public)) | {"hmac": base64.b64encode(bytes(32)).decode()}
    done = unpack(blob, tmp_path / "ours", layer["mediaType"], digest(owner.tar),
                  base64.b64encode(json.dumps(hmac_of_another).encode()).decode(), given=private)
    assert (done.returncode, b"HMAC" in done.stderr) == (1, True), done.stderr.decode()
    content = bytearray(blob.read_bytes())
    content[-600] ^= 1
    changed = tmp_path / "changed"
    changed.write_bytes(content)
    done = unpack(changed, tmp_path / "theirs", layer["mediaType"], digest(owner.tar), public, given=private)
    # Whoever sees it first: decompression goes on while the blob is digested.
    assert done.returncode in (1, 2) and (b"HMAC" in done.stderr or b"gzip" in done.stderr), done.stderr.decode()
    options = json.loads(private)
    options["digest"] = digest(b"another")
    done = unpack(blob, tmp_path / "again", layer["mediaType"], digest(owner.tar), public, given=json.dumps(options).encode())
    assert (done.returncode, b"private options" in done.stderr) == (1, True), done.stderr.decode()
    done = unpack(blob, tmp_path / "without", layer["mediaType"], digest(owner.tar))
    assert (done.returncode, b"no key" in done.stderr) == (2, True), done.stderr.decode()
