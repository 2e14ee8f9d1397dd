# SPDX-License-Identifier: Apache-2.0
"""Images in a registry on loopback, signed by real signers: GnuPG, skopeo, OpenSSL."""

import base64
import hashlib
import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.support.registries import REGISTRY

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("HALLMARK_BUILD", ROOT / "build"))
DRIVER = BUILD / "tests/drivers/image-policy-driver"
SKOPEO = BUILD / "tests/tools/skopeo"
COSIGN = BUILD / "tests/tools/cosign"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
PAYLOAD = "application/vnd.dev.cosign.simplesigning.v1+json"


def digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


class Registry:
    """Debian's docker-registry, without TLS, its store in a folder."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.host = f"127.0.0.1:{free.getsockname()[1]}"
        config = folder / "registry.yml"
        config.write_text(json.dumps({
            "version": 0.1, "log": {"level": "error"}, "http": {"addr": self.host},
            "storage": {"filesystem": {"rootdirectory": str(folder / "registry")}}}))
        self.command = [REGISTRY, "serve", config]
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 20
        while True:
            try:
                self.request("GET", "/v2/")
                return
            except OSError:
                assert time.monotonic() < end and self.process.poll() is None, "docker-registry does not answer"
                time.sleep(0.05)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(20)

    def restart(self) -> None:
        self.process.kill()
        self.process.wait(20)
        self.start()

    def request(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[bytes, dict]:
        url = path if path.startswith("http") else f"http://{self.host}{path}"
        request = urllib.request.Request(url, body, {k.replace("_", "-"): v for k, v in headers.items()}, method=method)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.read(), dict(answer.headers)

    def push_blob(self, repository: str, content: bytes) -> dict:
        _, headers = self.request("POST", f"/v2/{repository}/blobs/uploads/")
        location = headers["Location"]
        location += ("&" if "?" in location else "?") + "digest=" + digest(content)
        self.request("PUT", location, content, Content_Type="application/octet-stream")
        return {"digest": digest(content), "size": len(content)}

    def push_manifest(self, repository: str, tag: str, manifest: dict) -> bytes:
        content = json.dumps(manifest).encode()
        self.request("PUT", f"/v2/{repository}/manifests/{tag}", content, Content_Type=manifest["mediaType"])
        return content

    def push_image(self, repository: str, tag: str, words: str) -> bytes:
        """An image without layers, its configuration with these words; returns the manifest."""
        config = json.dumps({"architecture": "amd64", "os": "linux", "config": {"Env": [f"WORDS={words}"]},
                             "rootfs": {"type": "layers", "diff_ids": []}}).encode()
        return self.push_manifest(repository, tag, {
            "schemaVersion": 2, "mediaType": MANIFEST, "layers": [],
            "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **self.push_blob(repository, config)}})

    def push_signatures(self, repository: str, manifest: bytes, signatures: list[tuple[bytes, bytes]]) -> None:
        """As cosign keeps them: payloads, and signatures over them."""
        layers = [{"mediaType": PAYLOAD, **self.push_blob(repository, payload),
                   "annotations": {"dev.cosignproject.cosign/signature": base64.b64encode(signature).decode()}}
                  for payload, signature in signatures]
        config = self.push_blob(repository, b"{}")
        self.push_manifest(repository, digest(manifest).replace(":", "-") + ".sig", {
            "schemaVersion": 2, "mediaType": MANIFEST, "layers": layers,
            "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **config}})

    def manifest(self, repository: str, tag: str) -> bytes | None:
        try:
            return self.request("GET", f"/v2/{repository}/manifests/{tag}", Accept=MANIFEST)[0]
        except urllib.error.HTTPError as error:
            assert error.code == 404
            return None

    def save_attachments(self, repository: str, manifest: bytes, into: Path) -> None:
        """What the registry has of cosign for this manifest, as the driver reads it."""
        into.mkdir(exist_ok=True)
        tag = digest(manifest).replace(":", "-") + ".sig"
        found = self.manifest(repository, tag)
        if found is None:
            return
        (into / f"{tag}.json").write_bytes(found)
        for layer in json.loads(found)["layers"]:
            blob, _ = self.request("GET", f"/v2/{repository}/blobs/{layer['digest']}")
            (into / layer["digest"].split(":")[1]).write_bytes(blob)


class Gpg:
    """A home of GnuPG with keys that need no password."""

    def __init__(self, home: Path) -> None:
        self.home = home
        home.mkdir(mode=0o700)

    def run(self, *arguments: str, given: bytes = b"") -> bytes:
        done = subprocess.run(["gpg", "--homedir", self.home, "--batch", "--yes", "--pinentry-mode", "loopback",
                               "--passphrase", "", *arguments], input=given, capture_output=True, timeout=120,
                              check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def close(self) -> None:
        subprocess.run(["gpgconf", "--homedir", self.home, "--kill", "all"], check=True, timeout=20)

    def fingerprints(self, name: str) -> list[str]:
        """Of the key with this user ID, then of its subkeys."""
        lines = self.run("--with-colons", "--list-keys", f"={name}").decode().splitlines()
        return [line.split(":")[9] for line in lines if line.startswith("fpr:")]

    def make(self, name: str, algorithm: str, usage: str = "sign", expire: str = "never", *options: str) -> str:
        self.run(*options, "--quick-gen-key", name, algorithm, usage, expire)
        return self.fingerprints(name)[0]

    def sign(self, key: str, payload: bytes, *options: str) -> bytes:
        return self.run(*options, "--local-user", key + "!", "--sign", given=payload)

    def export(self, *keys: str, armor: bool = False) -> bytes:
        return self.run(*(["--armor"] if armor else []), "--export", *keys)


def payload(manifest: bytes, reference: str, kind: str = "atomic container signature") -> bytes:
    return json.dumps({"critical": {"type": kind, "image": {"docker-manifest-digest": digest(manifest)},
                                    "identity": {"docker-reference": reference}},
                       "optional": {"creator": "a test", "timestamp": 1700000000}}).encode()


def cosign_payload(manifest: bytes, reference: str) -> bytes:
    return payload(manifest, reference, "cosign container image signature")


class OpensslKey:
    """A key pair of openssl, for signatures as cosign makes them."""

    def __init__(self, folder: Path, name: str, *kind: str) -> None:
        self.private, self.public, self.is_raw = folder / f"{name}.pem", folder / f"{name}.pub", "ed25519" in kind
        openssl("genpkey", *kind, "-out", str(self.private))
        openssl("pkey", "-in", str(self.private), "-pubout", "-out", str(self.public))

    def sign(self, content: bytes) -> bytes:
        file = self.private.with_suffix(".payload")
        file.write_bytes(content)
        if self.is_raw:
            return openssl("pkeyutl", "-sign", "-rawin", "-inkey", str(self.private), "-in", str(file))
        return openssl("dgst", "-sha256", "-sign", str(self.private), str(file))


def openssl(*arguments: str) -> bytes:
    return subprocess.run(["openssl", *arguments], capture_output=True, check=True, timeout=60).stdout
