# SPDX-License-Identifier: Apache-2.0
"""An owner with a hallmark-kbs of their own that trusts one simulated platform, for boots that ask it for a secret."""

import base64
import hashlib
import json
import subprocess
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from tests.boot import init_data
from tests.boot.processes import unmarked
from tests.boot.simulated import BUILD, GUEST, PROGRAM
from tests.integration.kbs import RELEASE, Admin, Kbs

RESOURCE = "default/key/one"
SECRET = bytes(range(256)) + b"\n\0 and the end"


def make_root(tee: str, platform: Path, root: Path) -> Path:
    """The simulated platform's root: the platform makes its keys before it starts QEMU, which is none here."""
    if not root.exists():
        done = subprocess.run([PROGRAM, GUEST, "--tee", tee, "--qemu", "/bin/false", "--simulated-root", platform],
                              capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode != 0 and root.exists(), done
    return root


class Owner:
    def __init__(self, folder: Path, root: Path, policy: str | None = None) -> None:
        self.folder = folder
        self.admin = Admin(folder)
        self.key = folder / "admin.pem"
        self.key.touch(mode=0o600)
        self.key.write_bytes(self.admin.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        (folder / "release.toml").write_text(RELEASE)
        arguments: list[str | Path] = ["--admin-key", self.admin.public, "--trust-simulated", root,
                                       "--release-policy", folder / "release.toml", "--tls-name", init_data.HOST]
        if policy is not None:
            (folder / "appraisal.toml").write_text(policy)
            arguments += ["--policy", folder / "appraisal.toml"]
        with unmarked():
            self.kbs = Kbs(folder / "data", *arguments)
        self._post(f"resource/{RESOURCE}", SECRET)

    def _post(self, path: str, body: bytes | str) -> None:
        answer = self.kbs.ask("POST", f"/kbs/v0/{path}", body, token=self.admin.token())
        assert answer.status == 200, answer.body

    def publish(self) -> None:
        """As the README has it: the values of the image that was built."""
        done = subprocess.run(
            [BUILD / "measure" / "hallmark-measure", "publish", GUEST, "--kbs", self.kbs.told["url"], "--admin-key",
             self.key, "--certificate", self.kbs.told["certificate"]],
            capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done

    def register(self, message: str) -> None:
        """A message as Trustee's reference value provider service takes it."""
        self._post("reference-value", message)

    def register_values(self, values: dict[str, list]) -> None:
        payload = base64.b64encode(json.dumps(values).encode()).decode()
        self.register(json.dumps({"version": "0.1.0", "type": "sample", "payload": payload}))

    def init_data(self, algorithm: str = "sha256") -> Path:
        """For a guest that asks this broker for the secret once it is up."""
        port = self.kbs.told["url"].rsplit(":", 1)[1]
        return init_data.write(self.folder / f"init-data-{algorithm}.toml", kbs=f"https://{init_data.HOST}:{port}",
                               certificate=Path(self.kbs.told["certificate"]).read_text(), resource=RESOURCE,
                               algorithm=algorithm)

    def asked_by(self, document: Path | None = None) -> list[str | Path]:
        """The options with which a guest asks."""
        return ["--network", "--init-data", document or self.init_data()]

    def know_init_data(self, document: Path) -> None:
        """Lets the policy see the digest of its own init-data (SHA-256) as one that it knows."""
        self.register_values({"snp_host_data": [hashlib.sha256(document.read_bytes()).hexdigest()]})

    def releases(self) -> list[dict]:
        """What was given out so far, as the owner reads it."""
        return [entry for entry in self.kbs.audit(self.folder / "data")
                if entry["event"] == "released" and entry["what"] != "token"]

    def last_reasons(self) -> str:
        """Why the last guest did or did not get a token that opens anything, as the owner reads it."""
        tokens = [entry for entry in self.kbs.audit(self.folder / "data") if entry.get("what") == "token"]
        return tokens[-1]["why"]
