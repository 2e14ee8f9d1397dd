# SPDX-License-Identifier: Apache-2.0
"""Images pulled whole: from Debian's registry, encrypted by skopeo and signed as by cosign, into a bundle; compared with
what umoci unpacks; and what is left when something is wrong, or somebody dies."""

import gzip
import io
import json
import os
import random
import shutil
import signal
import stat
import subprocess
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.odd_layer import tree
from tests.integration.signed_images import BUILD, REGISTRY, SKOPEO, OpensslKey, Registry, cosign_payload, digest

DRIVER = BUILD / "tests/drivers/image-pull-driver"
UMOCI = shutil.which("umoci")
KILLS, RESTARTS = 200, 50

pytestmark = [
    pytest.mark.skipif(not DRIVER.is_file(), reason=f"{DRIVER} is not built"),
    pytest.mark.skipif(not SKOPEO.is_file(), reason=f"no {SKOPEO}: build it with: ninja tests/tools/skopeo"),
    pytest.mark.skipif(not REGISTRY.is_file(), reason=f"no {REGISTRY}: build it with: ninja boot/demo/docker-registry"),
    pytest.mark.skipif(os.geteuid() != 0, reason="the root of a bundle is mounted, which needs root"),
]
MARKER = b"a marker that must not be seen "


def layer(*entries: tuple[str, bytes, bytes | str], folders: int = 0o755, owner: int = 0) -> bytes:
    """A tar of entries: name, type, and content or target; and the mode of its folders, and their owner."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, kind, what in entries:
            member = tarfile.TarInfo(name)
            member.type, member.mtime, member.mode = kind, 1_700_000_000, folders if kind == tarfile.DIRTYPE else 0o640
            member.uid = owner if kind == tarfile.DIRTYPE else 0
            if isinstance(what, str):
                member.linkname = what
                archive.addfile(member)
            else:
                member.size = len(what)
                archive.addfile(member, io.BytesIO(what))
    return file.getvalue()


FILE, FOLDER, LINK, HARD = tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE
LAYERS = [
    layer(("etc", FOLDER, b""), ("etc/passwd", FILE, b"root:x:0:0::/root:/bin/sh\nweb:x:33:34::/srv:/bin/false\n"),
          ("etc/group", FILE, b"root:x:0:\nweb:x:34:\nlogs:x:50:web\n"), ("bin", FOLDER, b""),
          ("bin/tool", FILE, b"tool" * 1000), ("old", FOLDER, b""), ("old/a", FILE, b"a"), ("gone", FILE, b"gone")),
    layer((".wh.gone", FILE, b""), ("old", FOLDER, b""), ("old/.wh..wh..opq", FILE, b""), ("old/b", FILE, MARKER * 999),
          ("bin", FOLDER, b""), ("bin/tool", FILE, b"tool" * 1000), ("bin/again", HARD, "bin/tool"), ("bin/sh", LINK, "tool")),
    layer(("srv", FOLDER, b""), ("srv/data", FILE, random.Random(7).randbytes(2_000_000)), ("etc", FOLDER, b""),
          ("etc/group", FILE, b"root:x:0:\nweb:x:34:\n")),
]
# Whose upper layers name files and not the folders that they lie in, as some builders of images do.
BARE_LAYERS = [
    layer((".", FOLDER, b""), ("tmp", FOLDER, b""), ("gone", FOLDER, b""), ("home", FOLDER, b""), folders=0o1777, owner=7),
    layer(("home/deep", FOLDER, b""), ("home/deep/er", FOLDER, b""), folders=0o711, owner=9),
    layer(("tmp/a", FILE, b"a"), ("home/deep/er/b", FILE, b"b"), ("new/folder/c", FILE, b"c"), ("gone/d", FILE, b"d")),
    layer((".wh.gone", FILE, b""), ("tmp/e", FILE, b"e"), ("home/deep/er/f", FILE, b"f")),
    layer(("gone/g", FILE, b"g"), ("home/deep", FOLDER, b""), folders=0o700, owner=11),
]
PROCESS = {"Entrypoint": ["/bin/tool"], "Cmd": ["--serve"], "Env": ["PATH=/bin", "MODE=test"], "User": "web", "WorkingDir": "/srv"}


def write_layout(folder: Path, layers: list[bytes] = LAYERS, process: dict = PROCESS) -> None:
    blobs = folder / "blobs/sha256"
    blobs.mkdir(parents=True)

    def put(content: bytes, kind: str) -> dict:
        (blobs / digest(content).removeprefix("sha256:")).write_bytes(content)
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": digest(content), "size": len(content)}

    config = {"architecture": "amd64", "os": "linux", "config": process,
              "rootfs": {"type": "layers", "diff_ids": [digest(tar) for tar in layers]}}
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": put(json.dumps(config).encode(), "config.v1+json"),
                "layers": [put(gzip.compress(tar, 1, mtime=0), "layer.v1.tar+gzip") for tar in layers]}
    entry = {**put(json.dumps(manifest).encode(), "manifest.v1+json"), "annotations": {"org.opencontainers.image.ref.name": "it"}}
    (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))


class World:
    """A registry with the image in several forms, and the keys of its owner."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.layout = folder / "layout"
        write_layout(self.layout)
        self.registry = Registry(folder)
        self.signer = OpensslKey(folder, "signer", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        self.stranger = OpensslKey(folder, "stranger", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        self.reader = OpensslKey(folder, "reader", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
        write_layout(folder / "bare", BARE_LAYERS, {"Cmd": ["/tmp/a"]})
        self.push("plain")
        self.push("bare", layout="bare")
        self.push("zstd", "--dest-compress", "--dest-compress-format", "zstd")
        self.push("secret", "--encryption-key", f"jwe:{self.reader.public}")
        self.sign("secret", self.signer)
        self.conf = folder / "registries.conf"
        self.conf.write_text(f'[[registry]]\nprefix = "{self.registry.host}"\ninsecure = true\n')
        self.policy = self.write_policy("policy.json", self.signer)

    def push(self, name: str, *words: str, layout: str = "layout") -> None:
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "TMPDIR": str(self.folder)}
        done = subprocess.run([SKOPEO, "--insecure-policy", "copy", "--dest-tls-verify=false", *words,
                               f"oci:{self.folder / layout}:it", f"docker://{self.registry.host}/{name}:1"], env=environment,
                              capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr

    def sign(self, name: str, key: OpensslKey) -> None:
        manifest = self.registry.manifest(name, "1")
        content = cosign_payload(manifest, f"{self.registry.host}/{name}:1")
        self.registry.push_signatures(name, manifest, [(content, key.sign(content))])

    def write_policy(self, name: str, key: OpensslKey | None) -> Path:
        requirement = {"type": "reject"} if key is None else {"type": "sigstoreSigned", "keyPath": str(key.public)}
        (self.folder / name).write_text(json.dumps({"default": [requirement]}))
        return self.folder / name

    def name(self, image: str) -> str:
        return f"{self.registry.host}/{image}:1"

    def blob(self, name: str, number: int) -> Path:
        """Where the registry keeps a layer."""
        found = json.loads(self.registry.manifest(name, "1"))["layers"][number]["digest"].removeprefix("sha256:")
        return self.folder / "registry/docker/registry/v2/blobs/sha256" / found[:2] / found / "data"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("world"))
    yield made
    made.registry.close()


class Guest:
    """A store, and bundles that are unmounted in the end."""

    def __init__(self, folder: Path, world: World) -> None:
        self.folder, self.world, self.store = folder, world, folder / "store"

    def command(self, image: str, bundle: str, *words: object) -> list[str]:
        return [str(word) for word in (DRIVER, "--conf", self.world.conf, "--wait", "10", *words, image, self.store,
                                       self.folder / bundle)]

    def run(self, image: str, *words: object, bundle: str = "bundle") -> subprocess.CompletedProcess[str]:
        return subprocess.run(self.command(self.world.name(image), bundle, *words), capture_output=True, text=True,
                              timeout=120, check=False)

    def pull(self, image: str, *words: object, bundle: str = "bundle") -> dict:
        done = self.run(image, *words, bundle=bundle)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def refuse(self, image: str, *words: object) -> str:
        done = self.run(image, *words)
        # Of a changed blob the gzip in it may tell first, as input that is wrong, or its digest.
        assert done.returncode in (1, 2) and done.stdout == "", done
        assert not (self.folder / "bundle/rootfs").exists() and not (self.folder / "bundle/config.json").exists()
        assert list((self.store / "incoming").iterdir()) == []
        return done.stderr.splitlines()[-1]

    def layers(self) -> list[str]:
        folder = self.store / "layers"
        return sorted(entry.name for entry in folder.iterdir()) if folder.exists() else []

    def close(self) -> None:
        for rootfs in self.folder.glob("*/rootfs"):
            subprocess.run(["umount", "--lazy", rootfs], check=False, capture_output=True)


@pytest.fixture
def guest(tmp_path: Path, world: World) -> Iterator[Guest]:
    made = Guest(tmp_path, world)
    yield made
    made.close()


def opened(world: World) -> list[object]:
    """What the owner gives a guest that may run the secret image."""
    return ["--policy", world.policy, "--key", world.reader.private]


@pytest.mark.skipif(UMOCI is None, reason="no umoci on this host")
@pytest.mark.parametrize("image", ["plain", "zstd"])
def test_the_bundle_is_what_umoci_makes_of_the_image(world: World, guest: Guest, image: str) -> None:
    peer = guest.folder / "umoci"
    subprocess.run([UMOCI, "unpack", "--image", f"{world.layout}:it", peer], check=True, capture_output=True, timeout=120)
    told = guest.pull(image)
    assert [Path(folder).name for folder in told["layers"]] == [digest(tar).replace(":", "-") for tar in LAYERS]
    assert tree(guest.folder / "bundle/rootfs") == tree(peer / "rootfs")
    ours = json.loads((guest.folder / "bundle/config.json").read_text())["process"]
    theirs = json.loads((peer / "config.json").read_text())["process"]
    assert ours["args"] == theirs["args"] == ["/bin/tool", "--serve"]
    assert ours["cwd"] == theirs["cwd"] == "/srv"
    assert (ours["user"]["uid"], ours["user"]["gid"]) == (theirs["user"]["uid"], theirs["user"]["gid"]) == (33, 34)
    assert {"PATH=/bin", "MODE=test"} <= set(ours["env"]) & set(theirs["env"])


@pytest.mark.skipif(UMOCI is None, reason="no umoci on this host")
def test_a_folder_that_a_layer_only_implies_is_as_the_layers_below_have_it(world: World, guest: Guest) -> None:
    peer = guest.folder / "umoci"
    subprocess.run([UMOCI, "unpack", "--image", f"{world.folder}/bare:it", peer], check=True, capture_output=True, timeout=120)
    guest.pull("bare")
    ours, theirs = tree(guest.folder / "bundle/rootfs"), tree(peer / "rootfs")
    nobodys = {"new", "new/folder", "gone"}  # no layer describes them: umoci gives them the time of its run
    for found in (ours, theirs):
        found.update({name: found[name][:3] + found[name][4:] for name in nobodys})
    assert ours == theirs
    status = os.stat(guest.folder / "bundle/rootfs/tmp")
    assert (stat.S_IMODE(status.st_mode), status.st_uid) == (0o1777, 7)
    assert not any(name.startswith("trusted.") for name in os.listxattr(guest.folder / "bundle/rootfs/tmp"))


# Of this host, which is Debian: programs with setuid bits and capabilities, links of every kind, the package database.
DEBIAN = [["/etc", "/usr/bin/passwd", "/usr/bin/su", "/usr/sbin", "/usr/share/zoneinfo"],
          ["/var/lib/dpkg/info", "/var/lib/dpkg/alternatives", "/usr/lib/x86_64-linux-gnu/perl-base"]]


@pytest.mark.skipif(UMOCI is None, reason="no umoci on this host")
def test_a_debian_root_is_what_umoci_makes_of_it(world: World, guest: Guest) -> None:
    tars = []
    for folders in DEBIAN:
        there = [folder.lstrip("/") for folder in folders if Path(folder).exists()]
        tars.append(subprocess.run(["tar", "--create", "--format=posix", "--xattrs", "--xattrs-include=*", "--numeric-owner",
                                    "--one-file-system", "--directory=/", *there], stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, check=True, timeout=120).stdout)
    write_layout(guest.folder / "debian", tars, {"Cmd": ["/usr/bin/true"]})
    world.push("debian", layout=str(guest.folder / "debian"))
    peer = guest.folder / "umoci"
    subprocess.run([UMOCI, "unpack", "--image", f"{guest.folder}/debian:it", peer], check=True, capture_output=True, timeout=300)
    guest.pull("debian")
    ours, theirs = tree(guest.folder / "bundle/rootfs"), tree(peer / "rootfs")
    assert len(ours) > 2000 and any(status[0] & stat.S_ISUID for status in ours.values())
    for name in ("usr", "usr/bin", "usr/lib", "usr/lib/x86_64-linux-gnu", "usr/share", "var", "var/lib", "var/lib/dpkg"):
        for found in (ours, theirs):  # no entry describes them: umoci gives them the time of its run
            found[name] = found[name][:3]
    assert ours == theirs


def test_an_encrypted_and_signed_image_is_pulled(world: World, guest: Guest) -> None:
    done = guest.run("secret", *opened(world))
    assert done.returncode == 0, done.stderr
    steps = [line.split()[0] for line in done.stderr.splitlines()]
    assert steps[:2] == ["resolved", "allowed"] and steps[-1] == "complete"
    assert sorted(steps[2:-1]) == ["asked"] * 3 + ["encrypted"] + ["key"] * 3 + ["layer"] * 3
    assert "sigstoreSigned" in json.loads(done.stdout)["allowed"]
    root = guest.folder / "bundle/rootfs"
    assert (root / "old/b").read_bytes() == MARKER * 999
    assert sorted(entry.name for entry in (root / "old").iterdir()) == ["b"] and not (root / "gone").exists()
    assert os.stat(root / "bin/again").st_nlink == 2
    # What the registry has does not give it away.
    for number in range(3):
        assert MARKER not in world.blob("secret", number).read_bytes()


def test_nothing_is_pulled_that_the_policy_does_not_allow(world: World, guest: Guest) -> None:
    assert "allowed" not in guest.refuse("plain", *opened(world))
    assert guest.layers() == []
    other = world.write_policy("other.json", world.stranger)
    assert "signature" in guest.refuse("secret", "--policy", other, "--key", world.reader.private)
    assert guest.layers() == []
    # Layers that are there already are no way around it.
    guest.pull("secret", *opened(world), bundle="first")
    assert "reject" in guest.refuse("secret", "--policy", world.write_policy("none.json", None), "--key", world.reader.private)


def test_a_key_that_is_not_given_opens_nothing(world: World, guest: Guest) -> None:
    line = guest.refuse("secret", "--policy", world.policy)
    assert "none of its wrapped keys" in line and "jwe" in line
    assert guest.layers() == []
    guest.pull("secret", *opened(world), bundle="first")
    # Nor do the layers that somebody else had the key of.
    assert "none of its wrapped keys" in guest.refuse("secret", "--policy", world.policy)


def test_another_image_under_the_name_is_not_taken(world: World, guest: Guest) -> None:
    line = guest.refuse("plain", "--demand", digest(b"another"))
    assert "demanded" in line and digest(b"another") in line
    told = guest.pull("plain", "--demand", digest(world.registry.manifest("plain", "1")))
    assert told["manifest"] == told["named"]


@pytest.mark.parametrize("image", ["plain", "secret"])
def test_a_changed_layer_leaves_nothing_and_the_next_pull_works(world: World, guest: Guest, image: str) -> None:
    blob = world.blob(image, 2)
    content = blob.read_bytes()
    middle = len(content) // 2
    try:
        blob.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1:])
        line = guest.refuse(image, *(opened(world) if image == "secret" else []))
    finally:
        blob.write_bytes(content)
    assert line.startswith("image-pull-driver: layer sha256:"), line
    assert digest(LAYERS[2]).replace(":", "-") not in guest.layers()
    guest.pull(image, *(opened(world) if image == "secret" else []))


def layer_tree(folder: Path) -> dict[str, tuple]:
    """Without the times of whiteouts, which are nobody's."""
    found = tree(folder)
    return {name: entry[:3] + entry[4:] if stat.S_ISCHR(entry[0]) else entry for name, entry in found.items()}


def whole_layers(guest: Guest) -> None:
    """Every layer that has its name is what it is called."""
    for name in guest.layers():
        number = [digest(tar).replace(":", "-") for tar in LAYERS].index(name)
        folder = guest.store / "layers" / name
        assert layer_tree(folder) == guest.expected[number], name


def expected_layers(world: World, guest: Guest) -> list[dict]:
    clean = Guest(guest.folder / "clean", world)
    clean.folder.mkdir()
    told = clean.pull("plain")
    trees = [layer_tree(Path(folder)) for folder in told["layers"]]
    clean.close()
    return trees


def test_whoever_is_killed_leaves_whole_layers_or_none(world: World, guest: Guest) -> None:
    guest.expected = expected_layers(world, guest)
    dice = random.Random(11)
    started = time.monotonic()
    # Its mounts go with it: it has a namespace of its own.
    alone = ["unshare", "--mount", "--"]
    subprocess.run([*alone, *guest.command(world.name("plain"), "timed")], check=True, capture_output=True, timeout=120)
    usual = time.monotonic() - started
    for number in range(KILLS):
        shutil.rmtree(guest.store, ignore_errors=True) if number % 4 == 0 else None
        pulling = subprocess.Popen([*alone, *guest.command(world.name("plain"), f"bundle{number}")],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(dice.uniform(0, usual * 1.1))
        pulling.send_signal(signal.SIGKILL)
        pulling.wait(20)
        whole_layers(guest)
    told = guest.pull("plain", bundle="last")
    assert len(told["layers"]) == 3 and len(guest.layers()) == 3
    whole_layers(guest)
    assert list((guest.store / "incoming").iterdir()) == []


def test_a_registry_that_restarts_is_asked_again(world: World, guest: Guest) -> None:
    guest.expected = expected_layers(world, guest)
    dice = random.Random(13)
    pulled = 0
    for number in range(RESTARTS):
        shutil.rmtree(guest.store, ignore_errors=True)
        pulling = subprocess.Popen([*guest.command(world.name("plain"), f"bundle{number}", "--attempts", "2")],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        time.sleep(dice.uniform(0, 0.1))
        world.registry.restart()
        _, said = pulling.communicate(timeout=120)
        assert pulling.returncode in (0, 1, 2), said
        whole_layers(guest)
        pulled += pulling.returncode == 0
        subprocess.run(["umount", "--lazy", guest.folder / f"bundle{number}/rootfs"], check=False, capture_output=True)
    guest.pull("plain", bundle="last")
    whole_layers(guest)
    assert pulled > 0
