# SPDX-License-Identifier: Apache-2.0
"""The registry client's driver, as the tests of it call it."""

import base64
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support.registries import Certificate, digest_of

BUILD = Path(os.environ["HALLMARK_BUILD"])
DRIVER = BUILD / "tests/drivers/registry-driver"
USER, PASSWORD = "alice", "open:sesame"


def basic(user: str = USER, password: str = PASSWORD) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()


@dataclass
class Puller:
    """The driver with its files."""

    folder: Path
    certificate: Certificate

    def file(self, name: str, text: str) -> Path:
        (self.folder / name).write_text(text)
        return self.folder / name

    def auth(self, **logins: str) -> list[str | Path]:
        """Logins by key."""
        auths = {key: {"auth": value} for key, value in logins.items()}
        return ["--auth", self.file("auth.json", json.dumps({"auths": auths}))]

    def conf(self, text: str) -> list[str | Path]:
        return ["--conf", self.file("registries.conf", text)]

    def run(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": "/usr/bin:/bin", "https_proxy": "http://127.0.0.1:1"}  # which is not asked
        return subprocess.run([DRIVER, "--root", self.certificate.path, "--wait", "10", *words], env=environment,
                              capture_output=True, text=True, timeout=120, check=False)

    def pull(self, *words: str | Path) -> dict:
        done = self.run(*words, self.folder)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def refuse(self, *words: str | Path) -> str:
        """The one line of the error."""
        done = self.run(*words, self.folder)
        assert done.returncode in (1, 2), done
        assert len(done.stderr.splitlines()) == 1, done.stderr
        return done.stderr

    def blob(self, data: bytes) -> bytes:
        return (self.folder / digest_of(data).removeprefix("sha256:")).read_bytes()
