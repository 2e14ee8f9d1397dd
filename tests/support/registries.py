# SPDX-License-Identifier: Apache-2.0
"""Registries for the tests of the image puller: Debian's, one that tells what it is told to, and what stands between.

All listen on the loopback interface, and end with their `with` block."""

import base64
import datetime
import hashlib
import ipaddress
import json
import os
import secrets
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

ROOT = Path(__file__).resolve().parents[2]
# That of the demo: locked, and the same on every host.
REGISTRY = Path(os.environ.get("HALLMARK_BUILD", ROOT / "build")) / "boot/demo/docker-registry"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
LONGEST = 60  # seconds that a connection may take
# The name by which a registry is known that is not on this machine: behind a proxy.
ELSEWHERE = "registry.test"
# An address that is nobody's (RFC 5737), for a registry in a network of its own.
ADDRESS = "192.0.2.1"


class Certificate:
    """A key and a certificate of this machine's names, which is its own root."""

    def __init__(self, folder: Path) -> None:
        self.key_object = ec.generate_private_key(ec.SECP256R1())
        names = [x509.DNSName("localhost"), x509.DNSName(ELSEWHERE), *(x509.IPAddress(ipaddress.ip_address(address)) for address in ("127.0.0.1", ADDRESS))]
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "registry of a test")])
        now = datetime.datetime.now(datetime.timezone.utc)
        self.object = (x509.CertificateBuilder().subject_name(name).issuer_name(name)
                       .public_key(self.key_object.public_key()).serial_number(x509.random_serial_number())
                       .not_valid_before(now - datetime.timedelta(hours=1))
                       .not_valid_after(now + datetime.timedelta(days=1))
                       .add_extension(x509.SubjectAlternativeName(names), critical=False)
                       .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
                       .sign(self.key_object, hashes.SHA256()))
        folder.mkdir(exist_ok=True)
        self.folder, self.path, self.key = folder, folder / "ca.crt", folder / "private.pem"
        self.path.write_bytes(self.object.public_bytes(serialization.Encoding.PEM))
        self.key.write_bytes(self.key_object.private_bytes(serialization.Encoding.PEM,
                                                           serialization.PrivateFormat.PKCS8,
                                                           serialization.NoEncryption()))

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path, self.key)
        return context


def digest_of(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def described(data: bytes, kind: str, **more: object) -> dict:
    return {"mediaType": kind, "digest": digest_of(data), "size": len(data), **more}


@dataclass
class Image:
    """An image of layers that need not be what their type says: the registry client does not look into them."""

    layers: list[bytes]
    architecture: str = "amd64"
    config: bytes = field(init=False)
    manifest: bytes = field(init=False)

    def __post_init__(self) -> None:
        diff_ids = [digest_of(layer) for layer in self.layers]
        self.config = json.dumps({"architecture": self.architecture, "os": "linux", "config": {"Cmd": ["/x"]},
                                  "rootfs": {"type": "layers", "diff_ids": diff_ids}}).encode()
        self.manifest = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": described(self.config, CONFIG),
                                    "layers": [described(layer, LAYER) for layer in self.layers]}).encode()

    def entry(self) -> dict:
        return described(self.manifest, MANIFEST, platform={"os": "linux", "architecture": self.architecture})

    def blobs(self) -> list[bytes]:
        return [self.config, *self.layers]


def index_of(*images: Image) -> bytes:
    return json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [image.entry() for image in images]}).encode()


def write_layout(folder: Path, *images: Image) -> Path:
    """An OCI image layout, for skopeo: of one image, or of an index of several."""
    blobs = folder / "blobs/sha256"
    blobs.mkdir(parents=True)
    top, entry = (images[0].manifest, images[0].entry()) if len(images) == 1 else (
        index_of(*images), described(index_of(*images), INDEX))
    for data in [top, *(part for image in images for part in (image.manifest, *image.blobs()))]:
        (blobs / hashlib.sha256(data).hexdigest()).write_bytes(data)
    (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    entry["annotations"] = {"org.opencontainers.image.ref.name": "it"}
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))
    return folder


Answer = Callable[[BaseHTTPRequestHandler], None]


def says(body: bytes, status: int = 200, **headers: str) -> Answer:
    """An answer; underscores in names of headers are dashes, and "length" is what it says of itself."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        handler.send_header("Content-Length", named.pop("length", str(len(body))))
        for name, value in named.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def raw(data: bytes) -> Answer:
    """These bytes in place of an answer, and no more."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(data)
        handler.close_connection = True

    return answer


def ranged(data: bytes) -> Answer:
    """A blob as an honest server gives it, whole or from an offset."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        wanted = handler.headers.get("Range")
        if not wanted:
            return says(data)(handler)
        first = int(wanted.removeprefix("bytes=").removesuffix("-"))
        return says(data[first:], 206, Content_Range=f"bytes {first}-{len(data) - 1}/{len(data)}")(handler)

    return answer


class Told:
    """A registry that answers each path as it is told to; a list of answers is gone through, the last one stays."""

    def __init__(self, certificate: Certificate | None, address: str = "127.0.0.1") -> None:
        self.answers: dict[str, Answer | list[Answer]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.connections = 0
        told = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = LONGEST

            def setup(self) -> None:
                super().setup()
                told.connections += 1

            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                if length := int(self.headers.get("Content-Length", "0")):
                    self.rfile.read(length)
                told.asked.append((self.path, dict(self.headers)))
                answer = told.answers.get(self.path.partition("?")[0])
                if isinstance(answer, list):
                    answer = answer.pop(0) if len(answer) > 1 else answer[0]
                unknown = json.dumps({"errors": [{"code": "NAME_UNKNOWN", "message": "not here"}]}).encode()
                try:
                    (answer or says(unknown, 404))(self)
                except OSError:  # the client had enough
                    self.close_connection = True

            do_POST = do_GET

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                pass

        self.server = Server((address, 0), Handler)
        if certificate:
            self.server.socket = certificate.context().wrap_socket(self.server.socket, server_side=True,
                                                                   do_handshake_on_connect=False)
        self.port = self.server.server_port
        self.host = f"{'localhost' if address == '127.0.0.1' else address}:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def blob(self, repository: str, data: bytes, answer: Answer | list[Answer] | None = None) -> None:
        self.answers[f"/v2/{repository}/blobs/{digest_of(data)}"] = answer or ranged(data)

    def manifest(self, repository: str, name: str, data: bytes, kind: str = MANIFEST) -> None:
        self.answers[f"/v2/{repository}/manifests/{name}"] = says(data, Content_Type=kind)

    def offer(self, repository: str, image: Image, tag: str = "1") -> None:
        """Honestly."""
        for name in (tag, digest_of(image.manifest)):
            self.manifest(repository, name, image.manifest)
        for data in image.blobs():
            self.blob(repository, data)

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


class TokenServer(Told):
    """Gives tokens that Debian's registry takes: to pull to everybody, to push to user and password."""

    def __init__(self, certificate: Certificate, login: str) -> None:
        super().__init__(certificate)
        self.certificate, self.login = certificate, login
        self.answers["/token"] = self.give

    def give(self, handler: BaseHTTPRequestHandler) -> None:
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(handler.path).query)
        basic = "Basic " + base64.b64encode(self.login.encode()).decode()
        access = []
        for scope in query.get("scope", []):
            kind, name, actions = scope.split(":")
            if handler.headers.get("Authorization") == basic:
                access.append({"type": kind, "name": name, "actions": actions.split(",")})
        now = int(time.time())
        claims = {"iss": "hallmark", "sub": "", "aud": query["service"][0], "exp": now + 300, "nbf": now - 10,
                  "iat": now, "jti": secrets.token_hex(8), "access": access}
        der = self.certificate.object.public_bytes(serialization.Encoding.DER)
        header = {"typ": "JWT", "alg": "ES256", "x5c": [base64.b64encode(der).decode()]}
        signed = ".".join(_base64url(json.dumps(part).encode()) for part in (header, claims))
        r, s = decode_dss_signature(self.certificate.key_object.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        token = signed + "." + _base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
        says(json.dumps({"token": token, "expires_in": 300}).encode())(handler)


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class DebianRegistry:
    """docker-registry over TLS; `auth` is its section of that name."""

    def __init__(self, folder: Path, certificate: Certificate, auth: dict | None = None) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.port = folder, free_port()
        self.host = f"localhost:{self.port}"
        self.config = folder / "config.yml"
        self.config.write_text(json.dumps({  # JSON is YAML
            "version": "0.1", "log": {"level": "info"}, "storage": {"filesystem": {"rootdirectory": str(folder / "data")}},
            "http": {"addr": f"127.0.0.1:{self.port}", "secret": "of a test",
                     "tls": {"certificate": str(certificate.path), "key": str(certificate.key)}},
            **({"auth": auth} if auth else {}),
        }))

    def __enter__(self) -> Self:
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen([REGISTRY, "serve", self.config], stdout=log, stderr=log)
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            assert self.process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.1)
        raise AssertionError("docker-registry does not listen")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)
