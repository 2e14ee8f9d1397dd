# SPDX-License-Identifier: Apache-2.0
"""A client of the KBS protocol, written from its specification with python3-cryptography, and a running hallmark-kbs.
Nothing here is the project's own code but the programs that are started."""

import base64
import hashlib
import http.client
import json
import os
import signal
import ssl
import subprocess
import time
from pathlib import Path

from cryptography.hazmat.primitives import hashes, keywrap, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("HALLMARK_BUILD", ROOT / "build"))
PROGRAM = BUILD / "relying-party" / "hallmark-kbs"
PLATFORM = BUILD / "tests" / "drivers" / "simulated-evidence"
MEASUREMENT = "ab" * 48
ERRORS = "https://github.com/confidential-containers/kbs/errors/"
# What a guest asks for here, and who may have it.
SECRET = bytes(range(256))
PATH = "/kbs/v0/resource/default/key/disk"
# Only the launch digest: the simulated platform's other claims have tests of their own.
POLICY = """
version = 1
name = "launch digest"

[values.image]
names = ["snp_launch_measurement"]
load = "a message to /kbs/v0/reference-value"

[snp.executables]
otherwise = 33
[[snp.executables.grade]]
value = 3
require = [{ claim = "measurement", in = "snp_launch_measurement" }]

[snp.hardware]
otherwise = 97
[[snp.hardware.grade]]
value = 2
require = [{ claim = "vmpl", equal = 0 }]

[snp.configuration]
otherwise = 36
[[snp.configuration.grade]]
value = 3
require = [{ claim = "policy_debug_allowed", equal = false }]
"""
# Nothing simulated reads a secret unless a rule says so.
RELEASE = """
version = 1
[[rule]]
name = "disk keys"
path = "default/key/*"
verdict = "affirming"
simulated = true
"""


def b64u(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def un_b64u(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Admin:
    """An administrator's key, and the tokens that kbs-client would make with it."""

    def __init__(self, folder: Path) -> None:
        self.key = ed25519.Ed25519PrivateKey.generate()
        self.public = folder / "admin.pub.pem"
        self.public.write_bytes(
            self.key.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )

    def token(self, *, begins: int = 0, ends: int = 600, algorithm: str = "EdDSA") -> str:
        now = int(time.time())
        header = {"typ": "JWT", "alg": algorithm}
        claims = {"iat": now + begins, "nbf": now + begins, "exp": now + ends, "role": "admin"}
        text = b64u(json.dumps(header).encode()) + "." + b64u(json.dumps(claims).encode())
        return text + "." + b64u(self.key.sign(text.encode()))


class Platform:
    """A simulated SEV-SNP platform that signs reports over any report data."""

    def __init__(self, folder: Path, measurement: str = MEASUREMENT) -> None:
        self.root = folder / "ark.pem"
        self.process = subprocess.Popen(
            [PLATFORM, folder, measurement], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.evidence(bytes(64))  # the chain is there

    def evidence(self, report_data: bytes) -> dict:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(report_data.hex() + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(10) == 0


class TeeKey:
    """The key of a guest, and how it opens what is wrapped for it (RFC 7516, RFC 7518 section 4.6)."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        numbers = self.key.public_key().public_numbers()
        self.jwk = {
            "kty": "EC",
            "crv": "P-256",
            "alg": "ECDH-ES+A256KW",
            "x": b64u(numbers.x.to_bytes(32, "big")),
            "y": b64u(numbers.y.to_bytes(32, "big")),
        }

    def open(self, jwe: dict) -> bytes:
        header = json.loads(un_b64u(jwe["protected"]))
        assert (header["alg"], header["enc"]) == ("ECDH-ES+A256KW", "A256GCM")
        epk = header["epk"]
        point = ec.EllipticCurvePublicNumbers(
            int.from_bytes(un_b64u(epk["x"]), "big"), int.from_bytes(un_b64u(epk["y"]), "big"), ec.SECP256R1()
        )
        shared = self.key.exchange(ec.ECDH(), point.public_key())
        name = header["alg"].encode()
        info = len(name).to_bytes(4, "big") + name + bytes(4) + bytes(4) + (256).to_bytes(4, "big")
        wrapping = ConcatKDFHash(hashes.SHA256(), 32, info).derive(shared)
        content_key = keywrap.aes_key_unwrap(wrapping, un_b64u(jwe["encrypted_key"]))
        sealed = un_b64u(jwe["ciphertext"]) + un_b64u(jwe["tag"])
        return AESGCM(content_key).decrypt(un_b64u(jwe["iv"]), sealed, jwe["protected"].encode())


class Answer:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.body = response.read()
        self.cookie = (response.getheader("Set-Cookie") or "").split(";")[0]

    def json(self) -> dict:
        return json.loads(self.body)

    def error(self) -> str:
        """The variant, once the answer has the form of an error and gives nothing else out."""
        body = self.json()
        assert set(body) == {"type", "detail"}, body
        assert body["type"].startswith(ERRORS)
        variant = body["type"].removeprefix(ERRORS)
        assert self.status == (404 if variant in ("InvalidRequestPath", "PluginNotFound") else 401)
        assert self.cookie == ""
        return variant


class Kbs:
    """A hallmark-kbs that listens, unless told otherwise, on a port of its own choice."""

    def __init__(
        self, data: Path, *arguments: str | Path, authority: Path | None = None, listen: str = "127.0.0.1:0"
    ) -> None:
        """`authority`: whom to know it by, where it has a certificate that was given to it."""
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--data", data, "--listen", listen, "--json", *arguments],
            stdout=subprocess.PIPE,
            stderr=(data.parent / "kbs.err").open("w"),
            text=True,
        )
        self.errors = data.parent / "kbs.err"
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.errors.read_text()
        self.told = json.loads(line)
        self.scheme, _, place = self.told["url"].partition("://")
        self.port = int(place.rpartition(":")[2])
        known = authority or self.told.get("certificate")
        self.context = ssl.create_default_context(cafile=known) if self.scheme == "https" else None

    def connect(self) -> http.client.HTTPConnection:
        if self.context is not None:
            return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20, context=self.context)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def ask(self, method: str, path: str, body: bytes | str = b"", *, cookie: str = "", token: str = "") -> Answer:
        headers = {name: value for name, value in (("Cookie", cookie),) if value}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection = self.connect()
        try:
            connection.request(method, path, body, headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def auth(self, version: str = "0.4.0") -> tuple[str, str]:
        body = {"version": version, "tee": "snp", "extra-params": {"supported-hash-algorithms": ["sha384"]}}
        answer = self.ask("POST", "/kbs/v0/auth", json.dumps(body))
        assert answer.status == 200, answer.body
        return answer.cookie, answer.json()["nonce"]

    def attest(self, platform: Platform, key: TeeKey, session: tuple[str, str], version: str = "0.4.0") -> Answer:
        cookie, nonce = session
        bound = {"additional-evidence": "", "nonce": nonce, "tee-pubkey": key.jwk}
        if version == "0.2.0":
            del bound["additional-evidence"]
        # Only ASCII texts are in it, so this is its canonical form (RFC 8785).
        canonical = json.dumps(bound, sort_keys=True, separators=(",", ":")).encode()
        evidence = platform.evidence(hashlib.sha384(canonical).digest() + bytes(16))
        composite = {"primary_evidence": evidence, "additional_evidence": ""}
        body = {
            "0.4.0": {
                "init-data": None,
                "runtime-data": {"nonce": nonce, "tee-pubkey": key.jwk},
                "tee-evidence": composite,
            },
            "0.3.0": {"tee-pubkey": key.jwk, "tee-evidence": composite},
            "0.2.0": {"tee-pubkey": key.jwk, "tee-evidence": evidence},
        }[version]
        return self.ask("POST", "/kbs/v0/attest", json.dumps(body), cookie=cookie)

    def audit(self, data: Path) -> list[dict]:
        return [json.loads(line) for line in (data / "audit.log").read_text().splitlines()]

    def stop(self, by: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(by)
        assert self.process.wait(20) == 0, self.errors.read_text()


def policies(folder: Path) -> list[str | Path]:
    (folder / "appraisal.toml").write_text(POLICY)
    (folder / "release.toml").write_text(RELEASE)
    return ["--policy", folder / "appraisal.toml", "--release-policy", folder / "release.toml"]


def give_reference_value(kbs: Kbs, admin: Admin, values: list[str]) -> None:
    payload = base64.b64encode(json.dumps({"snp_launch_measurement": values}).encode()).decode()
    message = json.dumps({"version": "0.1.0", "type": "sample", "payload": payload})
    assert kbs.ask("POST", "/kbs/v0/reference-value", message, token=admin.token()).status == 200
