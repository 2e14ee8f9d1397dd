# SPDX-License-Identifier: Apache-2.0
"""Images encrypted with skopeo and our key provider: what is in them, taken apart by hand, and decrypted again."""

import base64
import gzip
import hashlib
import hmac
import io
import json
import os
import re
import secrets
import subprocess
import tarfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("HALLMARK_BUILD", ROOT / "build"))
PROGRAM = BUILD / "relying-party/hallmark-kbs"
DRIVER = BUILD / "tests/drivers/key-store-driver"
SKOPEO = BUILD / "tests/tools/skopeo"
ANNOTATION = "org.opencontainers.image.enc.keys.provider.attestation-agent"
OPTIONS = "org.opencontainers.image.enc.pubopts"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"

pytestmark = pytest.mark.skipif(not PROGRAM.is_file() or not DRIVER.is_file(), reason=f"{PROGRAM} is not built")
needs_skopeo = pytest.mark.skipif(not SKOPEO.is_file(), reason=f"no {SKOPEO}: build it with: ninja tests/tools/skopeo")


class Owner:
    """A key store, and a configuration of ocicrypt that names the key provider with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store, self.key = folder / "keys.sqlite", folder / "master.key"
        self.driver("init")
        self.arguments = ["keyprovider", "--store", str(self.store), "--master-key", str(self.key)]
        command = {"path": str(PROGRAM), "args": self.arguments}
        self.config = folder / "ocicrypt.json"
        self.config.write_text(json.dumps({"key-providers": {"attestation-agent": {"cmd": command}}}))

    def driver(self, *arguments: str, given: bytes = b"") -> bytes:
        return subprocess.run([DRIVER, self.store, self.key, *arguments], input=given, stdout=subprocess.PIPE,
                              check=True, timeout=60).stdout

    def names(self) -> list[str]:
        return [line.split()[0] for line in self.driver("dump").decode().splitlines()]

    def ask(self, request: bytes | dict) -> subprocess.CompletedProcess[bytes]:
        given = request if isinstance(request, bytes) else json.dumps(request).encode()
        return subprocess.run([PROGRAM, *self.arguments], input=given, capture_output=True, timeout=60, check=False)

    def skopeo(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "TMPDIR": str(self.folder),
                       "OCICRYPT_KEYPROVIDER_CONFIG": str(self.config)}
        return subprocess.run([SKOPEO, "--insecure-policy", *arguments], cwd=self.folder, env=environment,
                              capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def owner(tmp_path: Path) -> Owner:
    folder = tmp_path / "owner"
    folder.mkdir(mode=0o700)
    return Owner(folder)


def write_blob(layout: Path, content: bytes) -> dict:
    digest = hashlib.sha256(content).hexdigest()
    (layout / "blobs/sha256").mkdir(parents=True, exist_ok=True)
    (layout / "blobs/sha256" / digest).write_bytes(content)
    return {"digest": f"sha256:{digest}", "size": len(content)}


def read_blob(layout: Path, descriptor: dict) -> bytes:
    return (layout / "blobs" / descriptor["digest"].replace(":", "/")).read_bytes()


def write_image(layout: Path, layers: int = 1) -> list[bytes]:
    """An image by the OCI image specification 1.1; returns the blobs of its layers."""
    blobs, digests = [], []
    for number in range(layers):
        tar = io.BytesIO()
        with tarfile.open(fileobj=tar, mode="w") as archive:
            content = f"layer {number} ".encode() * 5000 + secrets.token_bytes(1000)
            member = tarfile.TarInfo(f"file{number}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        digests.append("sha256:" + hashlib.sha256(tar.getvalue()).hexdigest())
        blobs.append(gzip.compress(tar.getvalue(), mtime=0))
    config = {"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": digests}}
    manifest = {
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **write_blob(layout, json.dumps(config).encode())},
        "layers": [{"mediaType": LAYER, **write_blob(layout, blob)} for blob in blobs],
    }
    entry = {"mediaType": manifest["mediaType"], **write_blob(layout, json.dumps(manifest).encode()),
             "annotations": {"org.opencontainers.image.ref.name": "latest"}}
    (layout / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))
    (layout / "oci-layout").write_text(json.dumps({"imageLayoutVersion": "1.0.0"}))
    return blobs


def layers_of(layout: Path) -> list[dict]:
    index = json.loads((layout / "index.json").read_text())
    return json.loads(read_blob(layout, index["manifests"][0]))["layers"]


def encrypted(owner: Owner, parameters: str, layers: int = 1) -> tuple[Path, list[bytes]]:
    blobs = write_image(owner.folder / "plain", layers)
    done = owner.skopeo("copy", "--encryption-key", f"provider:attestation-agent:{parameters}", "oci:plain:latest",
                        "oci:encrypted:latest")
    assert done.returncode == 0, done.stderr
    return owner.folder / "encrypted", blobs


def packet_of(layer: dict) -> dict:
    return json.loads(base64.b64decode(layer["annotations"][ANNOTATION], validate=True))


def unwrapped(packet: dict, key: bytes) -> bytes:
    """By the facts of the packet: AES-256-GCM without additional data, the tag at the end."""
    return AESGCM(key).decrypt(base64.b64decode(packet["iv"], validate=True),
                               base64.b64decode(packet["wrapped_data"], validate=True), None)


def decrypted(blob: bytes, public: dict, private: dict) -> bytes:
    """ocicrypt's AES_256_CTR_HMAC_SHA256: both with one key."""
    assert public["cipher"] == "AES_256_CTR_HMAC_SHA256"
    key = base64.b64decode(private["symkey"])
    mac = hmac.new(key, blob, hashlib.sha256).digest()
    assert hmac.compare_digest(mac, base64.b64decode(public["hmac"]))
    counter = modes.CTR(base64.b64decode(private["cipheroptions"]["nonce"]))
    return Cipher(algorithms.AES(key), counter).decryptor().update(blob)


def unwrap_request(annotation: bytes) -> dict:
    return {"op": "keyunwrap", "keywrapparams": {"ec": None, "optsdata": None},
            "keyunwrapparams": {"dc": {"Parameters": {}}, "annotation": base64.b64encode(annotation).decode()}}


def wrap_request(parameters: str, options: bytes = b"{}") -> dict:
    config = {"Parameters": {"attestation-agent": [base64.b64encode(parameters.encode()).decode()]},
              "DecryptConfig": {"Parameters": None}}
    return {"op": "keywrap", "keywrapparams": {"ec": config, "optsdata": base64.b64encode(options).decode()},
            "keyunwrapparams": {"dc": None, "annotation": None}}


@needs_skopeo
@pytest.mark.parametrize("named", ["kbs:///default/key/image", "kbs://kbs.example:8080/default/key/image",
                                   "kbs.example/default/key/image", "/default/key/image"])
def test_layer_is_encrypted_under_the_named_key(owner: Owner, named: str) -> None:
    key = secrets.token_bytes(32)
    owner.driver("write", "default/key/image", given=key)
    layout, blobs = encrypted(owner, f"keyid={named}")
    (layer,) = layers_of(layout)
    assert layer["mediaType"] == LAYER + "+encrypted"
    packet = packet_of(layer)
    assert list(packet) == ["kid", "wrapped_data", "iv", "wrap_type"]
    assert packet["kid"] == (named if named.startswith("kbs://") else f"kbs://{named}")
    assert packet["wrap_type"] == "A256GCM" and len(base64.b64decode(packet["iv"])) == 12
    private = json.loads(unwrapped(packet, key))
    public = json.loads(base64.b64decode(layer["annotations"][OPTIONS]))
    content = decrypted(read_blob(layout, layer), public, private)
    assert content == blobs[0]
    assert private["digest"] == "sha256:" + hashlib.sha256(blobs[0]).hexdigest()
    assert owner.names() == ["default/key/image"]


@needs_skopeo
def test_key_is_made_for_each_layer_where_none_is_named(owner: Owner) -> None:
    layout, blobs = encrypted(owner, "sample=false", layers=2)
    packets = [packet_of(layer) for layer in layers_of(layout)]
    names = [packet["kid"].removeprefix("kbs:///") for packet in packets]
    assert all(re.fullmatch(r"default/image-kek/[0-9a-f-]{36}", name) for name in names)
    assert sorted(names) == sorted(owner.names()) and len(set(names)) == 2
    for layer, packet, name, blob in zip(layers_of(layout), packets, names, blobs):
        key = owner.driver("read", name)
        assert len(key) == 32
        public = json.loads(base64.b64decode(layer["annotations"][OPTIONS]))
        assert decrypted(read_blob(layout, layer), public, json.loads(unwrapped(packet, key))) == blob


@needs_skopeo
def test_skopeo_decrypts_what_it_encrypted(owner: Owner) -> None:
    _, blobs = encrypted(owner, "", layers=2)
    done = owner.skopeo("copy", "--decryption-key", "provider:attestation-agent:any", "oci:encrypted:latest",
                        "oci:decrypted:latest")
    assert done.returncode == 0, done.stderr
    layers = layers_of(owner.folder / "decrypted")
    assert [layer["mediaType"] for layer in layers] == [LAYER, LAYER]
    assert [read_blob(owner.folder / "decrypted", layer) for layer in layers] == blobs
    # Not with another owner's keys.
    for name in owner.names():
        owner.driver("write", name, given=secrets.token_bytes(32))
    done = owner.skopeo("copy", "--decryption-key", "provider:attestation-agent:any", "oci:encrypted:latest",
                        "oci:other:latest")
    assert done.returncode != 0 and "hallmark-kbs: wrapped data: not wrapped under this key" in done.stderr, done.stderr


@needs_skopeo
def test_skopeo_stops_where_the_key_is_not_there(owner: Owner) -> None:
    write_image(owner.folder / "plain")
    done = owner.skopeo("copy", "--encryption-key", "provider:attestation-agent:keyid=/default/key/none",
                        "oci:plain:latest", "oci:encrypted:latest")
    assert done.returncode != 0 and "hallmark-kbs: default/key/none: " in done.stderr, done.stderr
    assert owner.names() == []


def test_unwrapping_gives_back_what_was_wrapped_by_hand(owner: Owner) -> None:
    key, iv = secrets.token_bytes(32), secrets.token_bytes(12)
    owner.driver("write", "default/key/1", given=key)
    options = b'{"symkey":"c2VjcmV0"}'
    packet = {"kid": "kbs:///default/key/1", "iv": base64.b64encode(iv).decode(), "wrap_type": "A256GCM",
              "wrapped_data": base64.b64encode(AESGCM(key).encrypt(iv, options, None)).decode()}
    done = owner.ask(unwrap_request(json.dumps(packet).encode()))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"keyunwrapresults": {"optsdata": list(options)}}


def test_wrapping_answers_with_integers(owner: Owner) -> None:
    key = secrets.token_bytes(32)
    owner.driver("write", "default/key/1", given=key)
    done = owner.ask(wrap_request("keyid=/default/key/1", b'{"symkey":"c2VjcmV0"}'))
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert list(answer) == ["keywrapresults"] and list(answer["keywrapresults"]) == ["annotation"]
    packet = json.loads(bytes(answer["keywrapresults"]["annotation"]))
    assert unwrapped(packet, key) == b'{"symkey":"c2VjcmV0"}'


@pytest.mark.parametrize(("request_", "status", "words"), [
    (b"", 2, "JSON"),
    (b"[" * 100_000, 2, "nested"),
    (b" " * 300_000, 2, "more than 262144 bytes"),
    (b"\0" * 3_000_000, 2, "more than 262144 bytes"),
    ({"op": "keydrop"}, 2, "keywrap or keyunwrap"),
    (wrap_request("keyid=/default/key/none"), 1, "leave keyid out"),
    (wrap_request("keyid=../../etc"), 2, "key id"),
    (wrap_request("sample=true"), 2, "known to everybody"),
    (wrap_request("keypath=/etc/passwd"), 2, "keyid="),
    (wrap_request("algorithm=A256CTR"), 2, "A256GCM"),
    (unwrap_request(b"{}"), 2, "annotation packet"),
], ids=["nothing", "deep", "long", "endless", "operation", "no-key", "path", "sample", "file", "algorithm", "packet"])
def test_bad_requests_end_with_one_line(owner: Owner, request_: bytes | dict, status: int, words: str) -> None:
    done = owner.ask(request_)
    assert done.returncode == status and done.stdout == b""
    line = done.stderr.decode()
    assert line.startswith("hallmark-kbs: ") and line.count("\n") == 1 and words in line, line
    assert owner.names() == []


def test_store_that_is_not_there_is_not_made(owner: Owner) -> None:
    owner.store.unlink()
    done = owner.ask(wrap_request(""))
    assert done.returncode == 2 and done.stdout == b"" and b"keys.sqlite" in done.stderr
    assert not owner.store.exists()
