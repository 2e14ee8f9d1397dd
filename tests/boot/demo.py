# SPDX-License-Identifier: Apache-2.0
"""`hallmark-boot demo`, whole or stopped before it boots: then its owner's folder, with registry and broker running."""

import hashlib
import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.boot.simulated import BUILD, GUEST, PROGRAM, QEMU

KBS = BUILD / "relying-party/hallmark-kbs"
TOOLS = BUILD / "boot/demo"
SKOPEO = TOOLS / "skopeo"
TIME_LIMIT = 240
END_LIMIT = 30


def command(tee: str, platform: Path, *arguments: str | Path, qemu: Path = QEMU) -> list[str | Path]:
    return [PROGRAM, "demo", GUEST, "--tee", tee, "--qemu", qemu, "--simulated-root", platform, "--timeout",
            str(TIME_LIMIT), *arguments]


def run(tee: str, platform: Path, *arguments: str | Path, temporary: Path,
        qemu: Path = QEMU) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(tee, platform, *arguments, qemu=qemu), capture_output=True, text=True, check=False,
                          timeout=TIME_LIMIT + END_LIMIT, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TMPDIR": str(temporary)})


class Owner:
    """What the demo made: `told` is its account, `folder` is where all lies."""

    def __init__(self, folder: Path, told: dict) -> None:
        self.folder, self.told = folder, told
        self.certificate = Path(told["certificate"])
        self.init_data = Path(told["init_data"])
        self.name = told["image"]
        # As this host calls it.
        self.here = told["registry"].removeprefix("https://") + "/" + self.name.split("/", 1)[1]

    def administer(self, *arguments: str | Path) -> None:
        done = subprocess.run([KBS, *arguments, "--kbs", self.told["broker"], "--certificate", self.certificate,
                               "--admin-key", self.told["admin_key"]], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done

    def skopeo(self, *arguments: str | Path, policy: Path | None = None) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "TMPDIR": str(self.folder),
                       "OCICRYPT_KEYPROVIDER_CONFIG": str(self.folder / "ocicrypt.json")}
        trust = ["--policy", policy] if policy else ["--insecure-policy"]
        return subprocess.run([SKOPEO, "--registries.d", self.folder / "registries.d", *trust, *arguments],
                              env=environment, capture_output=True, text=True, timeout=120, check=False)

    def tell(self, document: str) -> Path:
        """Init-data that the owner makes known, ties the key to, and has given to a guest from now on."""
        self.init_data.write_text(document)
        digest = hashlib.sha256(document.encode()).hexdigest()
        self.administer("reference-values", "set", "snp_host_data", digest)
        release = self.folder / "release.toml"
        release.write_text(re.sub(r"^init_data = .*$", f'init_data = ["{digest}"]', release.read_text(), flags=re.MULTILINE))
        self.administer("set-release-policy", release)
        return self.init_data

    def push(self, layout: Path, tag: str, *, key: str = "default/key/demo", signed_as: str | None = "") -> str:
        """Another image of the owner's, encrypted under this key; signed for its own name, for another or not at all.
        Returns the digest of its manifest."""
        signing = [] if signed_as is None else [
            "--sign-by-sigstore-private-key", self.folder / "signing.private", "--sign-passphrase-file",
            self.folder / "passphrase", "--sign-identity", signed_as or f"{self.name.rsplit(':', 1)[0]}:{tag}"]
        file = self.folder / "pushed"
        done = self.skopeo("copy", "--dest-cert-dir", self.folder / "authorities", "--encryption-key",
                           f"provider:attestation-agent:keyid=kbs:///{key}", *signing, "--digestfile", file, f"oci:{layout}",
                           f"docker://{self.here.rsplit(':', 1)[0]}:{tag}")
        assert done.returncode == 0, done.stderr
        return file.read_text()

    def blobs(self) -> list[Path]:
        """What the registry keeps: the host has all of it."""
        return sorted((self.folder / "registry").rglob("data"))

    def manifest(self) -> dict:
        """Of the encrypted image."""
        return json.loads(self.blob(self.told["digest"]).read_bytes())

    def blob(self, digest: str) -> Path:
        name = digest.removeprefix("sha256:")
        return self.folder / "registry/docker/registry/v2/blobs/sha256" / name[:2] / name / "data"

    def blob_of_tag(self, tag: str) -> bytes:
        link = self.folder / f"registry/docker/registry/v2/repositories/hallmark/demo/_manifests/tags/{tag}/current/link"
        return self.blob(link.read_text().strip()).read_bytes()

    def tag(self, tag: str, digest: str) -> None:
        """Moves a tag, as who has the registry's disk can."""
        folder = self.folder / f"registry/docker/registry/v2/repositories/hallmark/demo/_manifests/tags/{tag}/current"
        (folder / "link").write_text(digest)

    def audit(self) -> list[dict]:
        return [json.loads(line) for line in (self.folder / "kbs/audit.log").read_text().splitlines()]

    def refusals(self) -> list[str]:
        return [entry["why"] for entry in self.audit() if entry["event"] == "refused"]

    def releases(self) -> list[dict]:
        """Of the image's key, to guests."""
        return [entry for entry in self.audit() if entry["event"] == "released" and entry["tee"] and entry["what"] != "token"]


@contextmanager
def prepared(tee: str, platform: Path, folder: Path, *arguments: str | Path) -> Iterator[Owner]:
    """The servers run until the end of the block."""
    with subprocess.Popen(command(tee, platform, "--stop-before-boot", folder, *arguments), stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdin is not None and process.stderr is not None
        line = process.stdout.readline()
        assert line, process.stderr.read()
        try:
            yield Owner(folder, json.loads(line))
        finally:
            process.stdin.close()
            assert process.wait(30) == 0, process.stderr.read()
