# SPDX-License-Identifier: Apache-2.0
"""Simple signatures of GnuPG, as whole pulls find them: at the registry itself (X-R-S-S) and in a store over HTTPS."""

import base64
import gzip
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.signed_images import BUILD, Gpg, digest, payload
from tests.integration.test_image_pull import FILE, layer
from tests.support.registries import Certificate, Image, Told, says

DRIVER = BUILD / "tests/drivers/image-pull-driver"

pytestmark = [
    pytest.mark.skipif(not DRIVER.is_file(), reason=f"{DRIVER} is not built"),
    pytest.mark.skipif(shutil.which("gpg") is None, reason="no gpg on this host"),
    pytest.mark.skipif(os.geteuid() != 0, reason="the root of a bundle is mounted, which needs root"),
]


class World:
    """A registry with one image, and a signer whom the policy trusts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        certificate = Certificate(folder / "certificate")
        self.certificate = certificate.path
        tar = layer(("bin/tool", FILE, b"tool"))
        self.image = Image([gzip.compress(tar, mtime=0)])
        config = json.loads(self.image.config)
        config["rootfs"]["diff_ids"] = [digest(tar)]
        manifest = json.loads(self.image.manifest)
        self.image.config = json.dumps(config).encode()
        manifest["config"] |= {"digest": digest(self.image.config), "size": len(self.image.config)}
        self.image.manifest = json.dumps(manifest).encode()
        self.registry = Told(certificate)
        self.registry.offer("app", self.image)
        self.gpg = Gpg(folder / "gpg")
        self.key = self.gpg.make("signer", "rsa2048")
        (folder / "policy.json").write_text(json.dumps({"default": [{
            "type": "signedBy", "keyType": "GPGKeys", "keyData": base64.b64encode(self.gpg.export(self.key)).decode()}]}))
        self.name = f"{self.registry.host}/app:1"
        self.pulls = 0

    def signature(self, manifest: bytes | None = None) -> bytes:
        return self.gpg.sign(self.key, payload(manifest or self.image.manifest, self.name))

    def pull(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        self.pulls += 1
        bundle = self.folder / f"bundle{self.pulls}"
        done = subprocess.run([DRIVER, "--root", self.certificate, "--policy", self.folder / "policy.json", "--wait", "10",
                               *words, self.name, self.folder / "store", bundle], capture_output=True, text=True,
                              timeout=60, check=False)
        subprocess.run(["umount", "--lazy", bundle / "rootfs"], check=False, capture_output=True)
        return done

    def close(self) -> None:
        self.gpg.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("world"))
    with made.registry:
        yield made
    made.close()


def listed(*signatures: bytes) -> bytes:
    return json.dumps({"signatures": [{"schemaVersion": 2, "type": "atomic", "name": f"{number}",
                                       "content": base64.b64encode(signature).decode()}
                                      for number, signature in enumerate(signatures)]}).encode()


def test_an_unsigned_image_is_refused(world: World) -> None:
    done = world.pull()
    assert done.returncode == 1 and "signedBy" in done.stderr, done.stderr
    assert f"/extensions/v2/app/signatures/{digest(world.image.manifest)}" in world.registry.paths()


def test_a_signature_that_the_registry_keeps(world: World) -> None:
    place = f"/extensions/v2/app/signatures/{digest(world.image.manifest)}"
    world.registry.answers[place] = says(listed(world.signature(b"another")))
    assert world.pull().returncode == 1
    world.registry.answers[place] = says(listed(world.signature(b"another"), world.signature()))
    done = world.pull()
    assert done.returncode == 0, done.stderr
    assert world.key in json.loads(done.stdout)["allowed"]
    world.registry.answers[place] = says(b"<html>")
    assert "signatures" in world.pull().stderr
    del world.registry.answers[place]


def test_a_signature_in_a_store_over_https(world: World) -> None:
    conf = world.folder / "lookaside.yaml"
    conf.write_text(f"docker:\n  {world.registry.host}:\n    lookaside: https://{world.registry.host}/store\n")
    folder = f"/store/app@{digest(world.image.manifest).replace(':', '=')}"
    assert world.pull("--lookaside", conf).returncode == 1
    world.registry.answers[f"{folder}/signature-1"] = says(world.signature(b"another"))
    assert world.pull("--lookaside", conf).returncode == 1
    world.registry.answers[f"{folder}/signature-2"] = says(world.signature())
    done = world.pull("--lookaside", conf)
    assert done.returncode == 0, done.stderr
    assert f"{folder}/signature-3" in world.registry.paths()
    world.registry.answers[f"{folder}/signature-1"] = says(b"no", 500)
    failed = world.pull("--lookaside", conf)
    assert failed.returncode == 1 and "status 500" in failed.stderr, failed.stderr
