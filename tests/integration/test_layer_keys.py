# SPDX-License-Identifier: Apache-2.0
"""Layers that skopeo encrypts for private keys, without any key provider, and our own unwrapping of their keys."""

import base64
import json
import os
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.integration.test_key_provider import OPTIONS, SKOPEO, layers_of, read_blob, write_image

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("HALLMARK_BUILD", ROOT / "build"))
DRIVER = BUILD / "tests/drivers/layer-keys-driver"

pytestmark = [
    pytest.mark.skipif(not DRIVER.is_file(), reason=f"{DRIVER} is not built"),
    pytest.mark.skipif(not SKOPEO.is_file(), reason=f"no {SKOPEO}: build it with: ninja tests/tools/skopeo"),
]

KINDS = {"rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
         "ec": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]}


class Keys:
    """Keys of several owners, made by OpenSSL, and images that skopeo encrypts for them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *command: object) -> None:
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "TMPDIR": str(self.folder)}
        done = subprocess.run([str(word) for word in command], cwd=self.folder, env=environment, capture_output=True,
                              text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr

    def make(self, name: str, kind: str) -> None:
        self.run("openssl", "genpkey", *KINDS[kind], "-out", f"{name}.pem")
        self.run("openssl", "pkey", "-in", f"{name}.pem", "-pubout", "-out", f"{name}.pub.pem")
        self.run("openssl", "req", "-x509", "-new", "-key", f"{name}.pem", "-subj", f"/CN={name}", "-days", "30",
                 "-out", f"{name}.crt")

    def encrypt(self, *recipients: str) -> tuple[Path, bytes]:
        (blob,) = write_image(self.folder / "plain")
        keys = [word for recipient in recipients for word in ("--encryption-key", recipient)]
        self.run(SKOPEO, "--insecure-policy", "copy", *keys, "oci:plain:latest", "oci:encrypted:latest")
        return self.folder / "encrypted", blob

    def unwrap(self, layer: dict, scheme: str, name: str) -> subprocess.CompletedProcess[str]:
        annotations = self.folder / "annotations.json"
        annotations.write_text(json.dumps(layer["annotations"]))
        certificate = [f"{name}.crt"] if scheme == "pkcs7" else []
        return subprocess.run([DRIVER, annotations, scheme, f"{name}.pem", *certificate], cwd=self.folder,
                              capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    made = Keys(tmp_path)
    for name, kind in (("one", "rsa"), ("two", "ec"), ("other", "rsa"), ("another", "ec")):
        made.make(name, kind)
    return made


def starts_as(blob: bytes, key: bytes, layer: dict, layout: Path) -> bool:
    """The nonce is wrapped with the key, so a block of plain text is compared whose counter block follows from both."""
    cipher = read_blob(layout, layer)
    block = bytes(c ^ p for c, p in zip(cipher[:16], blob[:16]))
    first = Cipher(algorithms.AES(key), modes.ECB()).decryptor().update(block)
    counter = modes.CTR(first)
    return Cipher(algorithms.AES(key), counter).decryptor().update(cipher) == blob


@pytest.mark.parametrize(("scheme", "names"), [
    ("jwe", ["one"]), ("jwe", ["two"]), ("jwe", ["one", "two"]), ("jwe", ["two", "one"]), ("pkcs7", ["one"]),
])
def test_each_recipient_unwraps_what_skopeo_wrapped(keys: Keys, scheme: str, names: list[str]) -> None:
    ending = "crt" if scheme == "pkcs7" else "pub.pem"
    layout, blob = keys.encrypt(*(f"{scheme}:{name}.{ending}" for name in names))
    (layer,) = layers_of(layout)
    assert json.loads(base64.b64decode(layer["annotations"][OPTIONS]))["cipher"] == "AES_256_CTR_HMAC_SHA256"
    for name in names:
        done = keys.unwrap(layer, scheme, name)
        assert done.returncode == 0, done.stderr
        assert starts_as(blob, bytes.fromhex(done.stdout.split()[0]), layer, layout)
    for name in ("other", "another") if scheme == "jwe" else ("other",):
        done = keys.unwrap(layer, scheme, name)
        assert done.returncode == 1 and done.stdout == ""
        assert done.stderr.count("\n") == 1 and "none of its wrapped keys could be unwrapped" in done.stderr


@pytest.mark.parametrize("scheme", ["jwe", "pkcs7"])
def test_a_changed_packet_unwraps_to_nothing(keys: Keys, scheme: str) -> None:
    layout, _ = keys.encrypt("jwe:one.pub.pem" if scheme == "jwe" else "pkcs7:one.crt")
    (layer,) = layers_of(layout)
    name = f"org.opencontainers.image.enc.keys.{scheme}"
    packet = bytearray(base64.b64decode(layer["annotations"][name]))
    # Within the authenticated content: JWE's text of it, or the end of the structure.
    place = packet.index(b'"ciphertext":"') + 20 if scheme == "jwe" else len(packet) - 20
    packet[place] = ord("A") if packet[place] != ord("A") else ord("B")
    layer["annotations"][name] = base64.b64encode(packet).decode()
    done = keys.unwrap(layer, scheme, "one")
    assert done.returncode == 1 and done.stdout == "", done.stderr
