# SPDX-License-Identifier: Apache-2.0
"""Policies and signatures of images: our verdict and skopeo's on the same images, signed by GnuPG, skopeo and OpenSSL."""

import base64
import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.signed_images import (
    COSIGN, DRIVER, REGISTRY, SKOPEO, Gpg, OpensslKey, Registry, cosign_payload, digest, payload)

pytestmark = [
    pytest.mark.skipif(not DRIVER.is_file(), reason=f"{DRIVER} is not built"),
    pytest.mark.skipif(not SKOPEO.is_file(), reason=f"no {SKOPEO}: build it with: ninja tests/tools/skopeo"),
    pytest.mark.skipif(not REGISTRY.is_file(), reason=f"no {REGISTRY}: build it with: ninja boot/demo/docker-registry"),
]
LONG_AGO = "20200101T000000"


class World:
    """A registry with images, a store of their simple signatures, and the keys of all who signed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.registry = Registry(folder)
        self.gpg = Gpg(folder / "gnupg")
        self.policies = 0
        self.store = folder / "store"
        self.store.mkdir()
        self.registries = folder / "registries.d"
        self.registries.mkdir()
        # Their name for cosign's attachments; ours looks for them whatever is said.
        (self.registries / "all.yaml").write_text(
            f"# where signatures are\ndefault-docker:\n    lookaside: file://{self.store}\n"
            "    use-sigstore-attachments: true\n")
        self.keys = folder / "keys"
        self.keys.mkdir()
        self.make_keys()
        self.make_images()

    def close(self) -> None:
        self.gpg.close()
        self.registry.close()

    def make_keys(self) -> None:
        gpg = self.gpg
        self.owner = gpg.make("owner", "rsa2048")
        self.edward = gpg.make("edward", "ed25519")
        self.nist = gpg.make("nist", "nistp384")
        self.stranger = gpg.make("stranger", "ed25519")
        self.expired = gpg.make("expired", "ed25519", "sign", "1d", "--faked-system-time", LONG_AGO)
        self.revoked = gpg.make("revoked", "ed25519")
        # Old enough for its end to be set to a time before now.
        self.outlived = gpg.make("outlived", "ed25519", "sign", "never", "--faked-system-time", LONG_AGO)
        self.bearer = gpg.make("bearer", "ed25519", "cert")
        gpg.run("--quick-add-key", self.bearer, "ed25519", "sign", "never")
        gpg.run("--quick-add-key", self.bearer, "rsa2048", "sign", "never")
        self.subkey, self.lost_subkey = gpg.fingerprints("bearer")[1:]
        for name in ("owner", "edward", "nist", "stranger", "expired", "outlived"):
            (self.keys / f"{name}.gpg").write_bytes(gpg.export(getattr(self, name)))
        (self.keys / "armored.asc").write_bytes(gpg.export(self.owner, self.edward, armor=True))
        (self.keys / "good-revoked.gpg").write_bytes(gpg.export(self.revoked))
        self.curve = OpensslKey(self.keys, "curve", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        self.other_curve = OpensslKey(self.keys, "other", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        self.p384 = OpensslKey(self.keys, "p384", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384")
        self.rsa = OpensslKey(self.keys, "rsa", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
        self.ed25519 = OpensslKey(self.keys, "ed25519", "-algorithm", "ed25519")
        (self.folder / "passphrase").write_text("of a test")
        self.skopeo("generate-sigstore-key", "--output-prefix", str(self.keys / "skopeo"), "--passphrase-file",
                    str(self.folder / "passphrase"))
        (self.keys / "skopeo.private").rename(self.keys / "skopeo.key")

    def name(self, image: str, reference: str = "1") -> str:
        """By a tag or a digest."""
        return f"{self.registry.host}/team/{image}{'@' if ':' in reference else ':'}{reference}"

    def put(self, manifest: bytes, image: str, *signatures: bytes) -> None:
        folder = self.store / f"team/{image}@{digest(manifest).replace(':', '=')}"
        folder.mkdir(parents=True)
        for number, signature in enumerate(signatures, 1):
            (folder / f"signature-{number}").write_bytes(signature)

    def image(self, image: str) -> bytes:
        return self.registry.push_image(f"team/{image}", "1", image)

    def simply_signed(self, image: str, key: str, *options: str, reference: str = "") -> None:
        manifest = self.image(image)
        self.put(manifest, image, self.gpg.sign(key, payload(manifest, reference or self.name(image)), *options))

    def cosigned(self, image: str, *keys: OpensslKey, reference: str = "") -> None:
        manifest = self.image(image)
        content = cosign_payload(manifest, reference or self.name(image))
        self.registry.push_signatures(f"team/{image}", manifest, [(content, key.sign(content)) for key in keys])

    def make_images(self) -> None:
        self.image("unsigned")
        for name in ("owner", "edward", "nist", "stranger", "revoked", "outlived"):
            self.simply_signed(name, getattr(self, name))
        self.simply_signed("uncompressed", self.owner, "-z", "0")
        self.simply_signed("zlib", self.owner, "--compress-algo", "zlib")
        self.simply_signed("sha1", self.owner, "--digest-algo", "SHA1")
        self.simply_signed("expired", self.expired, "--faked-system-time", LONG_AGO)
        self.simply_signed("short-lived", self.owner, "--default-sig-expire", "seconds=1")
        self.simply_signed("subkey", self.subkey)
        self.simply_signed("lost-subkey", self.lost_subkey)
        self.simply_signed("other-name", self.owner, reference=self.name("owner"))
        self.simply_signed("other-tag", self.owner, reference=self.name("other-tag", "2"))
        self.simply_signed("no-tag", self.owner, reference=self.name("no-tag").rsplit(":", 1)[0])
        manifest = self.image("both")
        content = payload(manifest, self.name("both"))
        self.put(manifest, "both", self.gpg.sign(self.stranger, content), self.gpg.sign(self.owner, content))
        self.changed()
        self.cosigned("curve", self.curve)
        self.cosigned("p384", self.p384)
        self.cosigned("rsa", self.rsa)
        self.cosigned("ed25519", self.ed25519)
        self.cosigned("cosign-other-name", self.curve, reference=self.name("curve"))
        self.cosigned("cosign-no-tag", self.curve, reference=self.name("cosign-no-tag").rsplit(":", 1)[0])
        self.cosigned("cosign-both", self.other_curve, self.curve)
        self.signed_by_skopeo()
        self.revoke()

    def changed(self) -> None:
        """Somebody put another image in place, and brought the signatures of the first along."""
        first = self.registry.push_image("team/changed", "1", "first")
        second = self.registry.push_image("team/changed", "1", "second")
        self.put(second, "changed", self.gpg.sign(self.owner, payload(first, self.name("changed"))))
        content = cosign_payload(first, self.name("changed"))
        self.registry.push_signatures("team/changed", second, [(content, self.curve.sign(content))])

    def signed_by_skopeo(self) -> None:
        self.image("unsigned")
        source = f"docker://{self.name('unsigned')}"
        for image, options in (("by-skopeo", ["--sign-by", self.owner]),
                               ("sigstore-by-skopeo", ["--sign-by-sigstore-private-key", str(self.keys / "skopeo.key"),
                                                       "--sign-passphrase-file", str(self.folder / "passphrase")])):
            done = self.skopeo("--insecure-policy", "copy", "--src-tls-verify=false", "--dest-tls-verify=false",
                               *options, source, f"docker://{self.name(image)}")
            assert done.returncode == 0, done.stderr

    def revoke(self) -> None:
        """After they have signed."""
        certificate = (self.gpg.home / f"openpgp-revocs.d/{self.revoked}.rev").read_bytes()
        self.gpg.run("--import", given=certificate.replace(b":-----BEGIN", b"-----BEGIN"))
        (self.keys / "revoked.gpg").write_bytes(self.gpg.export(self.revoked))
        edit = f"key {self.lost_subkey}\nrevkey\ny\n1\n\ny\nsave\n"
        self.gpg.run("--command-fd", "0", "--no-tty", "--edit-key", self.bearer, given=edit.encode())
        (self.keys / "bearer.gpg").write_bytes(self.gpg.export(self.bearer))
        self.gpg.run("--faked-system-time", f"{int(time.time()) - 10}!", "--quick-set-expire", self.outlived, "seconds=5")
        (self.keys / "outlived.gpg").write_bytes(self.gpg.export(self.outlived))

    def skopeo(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "TMPDIR": str(self.folder),
                       "GNUPGHOME": str(self.gpg.home)}
        return subprocess.run([SKOPEO, "--registries.d", str(self.registries), *arguments], env=environment,
                              capture_output=True, text=True, timeout=120, check=False)

    def theirs(self, policy: Path, image: str, reference: str = "1") -> str:
        """skopeo's verdict: "allowed", "refused" or "malformed"."""
        done = self.skopeo("--policy", str(policy), "copy", "--remove-signatures", "--src-tls-verify=false",
                           f"docker://{self.name(image, reference)}", f"oci:{self.folder / 'copied'}:it")
        if done.returncode == 0:
            return "allowed"
        malformed = "Error loading trust policy" in done.stderr
        assert malformed or "Source image rejected" in done.stderr, done.stderr
        return "malformed" if malformed else "refused"

    def ours(self, policy: Path, image: str, reference: str = "1") -> subprocess.CompletedProcess[str]:
        manifest = self.registry.manifest(f"team/{image}", reference)
        assert manifest is not None
        file, attachments = self.folder / "manifest", self.folder / "attachments"
        file.write_bytes(manifest)
        self.registry.save_attachments(f"team/{image}", manifest, attachments)
        return subprocess.run([DRIVER, policy, self.name(image, reference), file, self.registries / "all.yaml", attachments],
                              env={"HALLMARK_RESOURCES": str(self.keys)}, capture_output=True, text=True, timeout=60,
                              check=False)

    def policy(self, *requirements: dict, scopes: dict | None = None) -> Path:
        self.policies += 1
        file = self.folder / f"policy-{self.policies}.json"
        text = {"default": list(requirements)}
        if scopes is not None:
            text["transports"] = {"docker": scopes}
        file.write_text(json.dumps(text))
        return file

    def signed_by(self, *keys: str, identity: dict | None = None) -> dict:
        paths = [str(self.keys / key) for key in keys]
        where = {"keyPath": paths[0]} if len(paths) == 1 else {"keyPaths": paths}
        return {"type": "signedBy", "keyType": "GPGKeys", **where, **({"signedIdentity": identity} if identity else {})}

    def sigstore(self, *keys: str, identity: dict | None = None) -> dict:
        paths = [str(self.keys / key) for key in keys]
        where = {"keyPath": paths[0]} if len(paths) == 1 else {"keyPaths": paths}
        return {"type": "sigstoreSigned", **where, **({"signedIdentity": identity} if identity else {})}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    # A short path: the agent of GnuPG makes a socket in its home.
    made = World(tmp_path_factory.mktemp("w"))
    yield made
    made.close()


VERDICTS = {0: "allowed", 1: "refused", 2: "malformed"}


def agree(world: World, policy: Path, image: str, expected: str, *, theirs: str = "", reference: str = "1") -> str:
    """Both say what is expected; `theirs` where skopeo says something else, "any" where that is its version's matter."""
    done = world.ours(policy, image, reference)
    line = (done.stdout + done.stderr).strip()
    assert VERDICTS[done.returncode] == expected, line
    assert "\n" not in line
    if theirs != "any":
        assert world.theirs(policy, image, reference) == (theirs or expected), line
    return line


@pytest.mark.parametrize("image", ["owner", "uncompressed", "zlib", "both", "by-skopeo"])
def test_signed_by_the_owner(world: World, image: str) -> None:
    line = agree(world, world.policy(world.signed_by("owner.gpg")), image, "allowed")
    assert f"key {world.owner}" in line


@pytest.mark.parametrize("image", ["edward", "nist"])
def test_signed_by_elliptic_curves(world: World, image: str) -> None:
    line = agree(world, world.policy(world.signed_by(f"{image}.gpg")), image, "allowed")
    assert f"key {getattr(world, image)}" in line


def test_keyrings_may_be_several_and_armoured(world: World) -> None:
    agree(world, world.policy(world.signed_by("stranger.gpg", "owner.gpg")), "owner", "allowed")
    agree(world, world.policy(world.signed_by("stranger.gpg", "nist.gpg")), "owner", "refused")
    agree(world, world.policy(world.signed_by("armored.asc")), "edward", "allowed")
    data = {"type": "signedBy", "keyType": "GPGKeys"}
    for file in ("owner.gpg", "armored.asc"):
        encoded = base64.b64encode((world.keys / file).read_bytes()).decode()
        agree(world, world.policy({**data, "keyData": encoded}), "owner", "allowed")
        agree(world, world.policy({**data, "keyData": encoded}), "stranger", "refused")


@pytest.mark.parametrize(("image", "why"), [
    ("unsigned", "there is no signature"),
    ("stranger", "made by key"),
    ("other-name", "signed for"),
    ("other-tag", "signed for"),
    ("no-tag", "signed for"),
    ("changed", "signed sha256:"),
    ("short-lived", "expired"),
    ("curve", "there is no signature"),
])
def test_not_signed_by_the_owner(world: World, image: str, why: str) -> None:
    if image == "short-lived":
        time.sleep(1.1)
    line = agree(world, world.policy(world.signed_by("owner.gpg")), image, "refused")
    assert why in line


@pytest.mark.parametrize(("image", "why"), [("expired", "expired"), ("revoked", "is revoked"), ("outlived", "expired")])
def test_keys_that_are_over(world: World, image: str, why: str) -> None:
    line = agree(world, world.policy(world.signed_by(f"{image}.gpg")), image, "refused")
    assert why in line


def test_a_key_before_its_revocation_was_known(world: World) -> None:
    agree(world, world.policy(world.signed_by("good-revoked.gpg")), "revoked", "allowed")


def test_sha1_is_refused(world: World) -> None:
    # GnuPG decides for skopeo, and 2.2 takes it.
    line = agree(world, world.policy(world.signed_by("owner.gpg")), "sha1", "refused", theirs="any")
    assert "SHA-1" in line


def test_subkeys(world: World) -> None:
    policy = world.policy(world.signed_by("bearer.gpg"))
    # Before its pull request 2905 containers/image took no subkey at all: it looked for it among the primary keys.
    line = agree(world, policy, "subkey", "allowed", theirs="any")
    assert f"subkey {world.subkey[-16:]} of key {world.bearer}" in line
    assert "is revoked" in agree(world, policy, "lost-subkey", "refused")


@pytest.mark.parametrize(("image", "key"), [
    ("curve", "curve"), ("p384", "p384"), ("rsa", "rsa"), ("ed25519", "ed25519"), ("cosign-both", "curve"),
    ("sigstore-by-skopeo", "skopeo")])
def test_signed_as_cosign_does(world: World, image: str, key: str) -> None:
    agree(world, world.policy(world.sigstore(f"{key}.pub")), image, "allowed")
    agree(world, world.policy(world.sigstore("rsa.pub" if key != "rsa" else "curve.pub")), image, "refused")


@pytest.mark.parametrize("image", ["unsigned", "owner", "cosign-other-name", "cosign-no-tag", "changed"])
def test_not_signed_as_cosign_does(world: World, image: str) -> None:
    agree(world, world.policy(world.sigstore("curve.pub")), image, "refused")


@pytest.mark.skipif(not COSIGN.is_file(), reason=f"no {COSIGN}: build it with: ninja tests/tools/cosign")
def test_signed_by_cosign(world: World) -> None:
    """Which signs for the repository, without a tag."""
    manifest = world.image("by-cosign")
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(world.folder), "COSIGN_PASSWORD": "of a test"}
    name = f"{world.registry.host}/team/by-cosign@{digest(manifest)}"
    for arguments in (["generate-key-pair", "--output-key-prefix", "cosign"],
                      ["sign", "--yes", "--tlog-upload=false", "--allow-http-registry", "--key", "cosign.key", name]):
        done = subprocess.run([COSIGN, *arguments], cwd=world.keys, env=environment, capture_output=True, text=True,
                              timeout=120, check=False)
        assert done.returncode == 0, done.stderr
    repository = {"type": "matchRepository"}
    agree(world, world.policy(world.sigstore("cosign.pub", identity=repository)), "by-cosign", "allowed")
    agree(world, world.policy(world.sigstore("curve.pub", identity=repository)), "by-cosign", "refused")
    agree(world, world.policy(world.sigstore("cosign.pub")), "by-cosign", "refused")


def test_keys_of_cosign_as_data(world: World) -> None:
    text = (world.keys / "curve.pub").read_text()
    encoded = base64.b64encode(text.encode()).decode()
    other = base64.b64encode((world.keys / "rsa.pub").read_bytes()).decode()
    agree(world, world.policy({"type": "sigstoreSigned", "keyData": encoded}), "curve", "allowed")
    agree(world, world.policy({"type": "sigstoreSigned", "keyDatas": [other, encoded]}), "curve", "allowed")
    agree(world, world.policy({"type": "sigstoreSigned", "keyDatas": [other]}), "curve", "refused")
    # As CoCo's guest components take it, and containers/image does not.
    agree(world, world.policy({"type": "sigstoreSigned", "keyData": text}), "curve", "allowed", theirs="malformed")


def test_keys_of_the_broker(world: World) -> None:
    policy = world.policy({"type": "sigstoreSigned", "keyPath": "kbs:///curve.pub"})
    assert world.ours(policy, "curve").returncode == 0
    policy = world.policy({"type": "signedBy", "keyType": "GPGKeys", "keyPath": "kbs:///nothing"})
    done = world.ours(policy, "owner")
    assert done.returncode == 2 and "kbs:///nothing" in done.stderr


def identities(world: World) -> list[tuple[dict, str, str]]:
    host = world.registry.host
    exact = world.name("owner")
    return [
        ({"type": "matchExact"}, "owner", "allowed"),
        ({"type": "matchExact"}, "other-tag", "refused"),
        ({"type": "matchRepository"}, "other-tag", "allowed"),
        ({"type": "matchRepository"}, "no-tag", "allowed"),
        ({"type": "matchRepository"}, "other-name", "refused"),
        ({"type": "exactReference", "dockerReference": exact}, "other-name", "allowed"),
        ({"type": "exactReference", "dockerReference": exact}, "other-tag", "refused"),
        ({"type": "exactRepository", "dockerRepository": exact.rsplit(":", 1)[0]}, "other-name", "allowed"),
        ({"type": "exactRepository", "dockerRepository": f"{host}/team"}, "other-name", "refused"),
        ({"type": "remapIdentity", "prefix": f"{host}/team/other-name", "signedPrefix": f"{host}/team/owner"},
         "other-name", "allowed"),
        ({"type": "remapIdentity", "prefix": f"{host}/team", "signedPrefix": f"{host}/teams"}, "owner", "refused"),
        ({"type": "remapIdentity", "prefix": f"{host}/te", "signedPrefix": f"{host}/x"}, "owner", "allowed"),
    ]


def test_identities(world: World) -> None:
    for identity, image, expected in identities(world):
        agree(world, world.policy(world.signed_by("owner.gpg", identity=identity)), image, expected)
    for image, expected in (("cosign-no-tag", "allowed"), ("cosign-other-name", "refused")):
        agree(world, world.policy(world.sigstore("curve.pub", identity={"type": "matchRepository"})), image, expected)


def test_images_asked_for_by_digest(world: World) -> None:
    policy = world.policy(world.signed_by("owner.gpg"))
    exact = world.policy(world.signed_by("owner.gpg", identity={"type": "matchExact"}))
    for image, expected in (("owner", "allowed"), ("other-tag", "allowed"), ("other-name", "refused"),
                            ("no-tag", "refused")):
        reference = digest(world.registry.manifest(f"team/{image}", "1"))
        agree(world, policy, image, expected, reference=reference)
        agree(world, exact, image, "refused", reference=reference)


def test_scopes(world: World) -> None:
    host, reject, accept = world.registry.host, [{"type": "reject"}], [{"type": "insecureAcceptAnything"}]
    name = world.name("owner")
    for scopes, expected in (
        ({name: accept}, "allowed"),
        ({name.rsplit(":", 1)[0]: accept}, "allowed"),
        ({f"{host}/team": accept}, "allowed"),
        ({f"{host}/tea": accept}, "refused"),
        ({host: accept}, "allowed"),
        ({host.split(":")[0]: accept}, "refused"),
        ({"*.0.0.1": accept}, "allowed"),
        ({"*.127.0.0.1": accept}, "refused"),
        ({"": accept}, "allowed"),
        ({"": accept, host: reject}, "refused"),
        ({"*.1": accept, "*.0.1": reject}, "refused"),
        ({f"{host}/team": reject, name: accept}, "allowed"),
        ({f"{host}/team": accept, name: reject}, "refused"),
    ):
        agree(world, world.policy(*reject, scopes=scopes), "owner", expected)


def test_all_requirements_must_hold(world: World) -> None:
    owner, curve, accept = world.signed_by("owner.gpg"), world.sigstore("curve.pub"), {"type": "insecureAcceptAnything"}
    agree(world, world.policy(owner, accept), "owner", "allowed")
    agree(world, world.policy(owner, curve), "owner", "refused")
    agree(world, world.policy(owner, world.signed_by("stranger.gpg")), "both", "allowed")
    agree(world, world.policy(owner, world.signed_by("edward.gpg")), "both", "refused")
    agree(world, world.policy(owner, {"type": "reject"}), "owner", "refused")


@pytest.mark.parametrize("text", [
    "", "[]", "{}", '{"default":[]}', '{"default":[{"type":"insecureAcceptAnything"}],"more":{}}',
    '{"default":[{"type":"insecureAcceptAnything","more":1}]}', '{"default":[{"type":"any"}]}',
    '{"default":[{"type":"insecureAcceptAnything"}],"default":[{"type":"insecureAcceptAnything"}]}',
    '{"default":[{"type":"insecureAcceptAnything"}],"transports":{"docker":{"":[]}}}',
    '{"default":[{"type":"insecureAcceptAnything"}],"transports":{"dir":{"":[]}}}',
    '{"default":[{"type":"signedBy","keyType":"GPGKeys"}]}',
    '{"default":[{"type":"signedBy","keyPath":"/a"}]}',
    '{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPath":"/a","keyData":"YQ=="}]}',
    '{"default":[{"type":"sigstoreSigned","keyDatas":[]}]}',
    '{"default":[{"type":"sigstoreSigned","keyData":"YQ==","signedIdentity":{"type":"exactReference","dockerReference":"a"}}]}',
    '{"default":[{"type":"sigstoreSigned","keyData":"YQ==","signedIdentity":{"type":"remapIdentity","prefix":"a/","signedPrefix":"b"}}]}',
])
def test_malformed_policies(world: World, text: str) -> None:
    policy = world.folder / "malformed.json"
    policy.write_text(text)
    agree(world, policy, "owner", "malformed")


def test_a_missing_policy_or_key_is_no_permission(world: World) -> None:
    agree(world, world.folder / "missing.json", "owner", "malformed")
    agree(world, world.policy(world.signed_by("missing.gpg")), "owner", "malformed", theirs="refused")


@pytest.mark.parametrize("members", [
    {"fulcio": {"caData": "YQ==", "oidcIssuer": "a", "subjectEmail": "b"}, "rekorPublicKeyData": "YQ=="},
    {"keyData": "YQ==", "rekorPublicKeyData": "YQ=="},
])
def test_what_is_not_supported_is_told_when_the_policy_is_read(world: World, members: dict) -> None:
    policy = world.policy({"type": "insecureAcceptAnything"},
                          scopes={"elsewhere.example": [{"type": "sigstoreSigned", **members}]})
    done = world.ours(policy, "owner")
    assert done.returncode == 2 and "not supported" in done.stderr
    assert world.theirs(policy, "owner") == "allowed"
