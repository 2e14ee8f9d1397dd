# SPDX-License-Identifier: Apache-2.0
"""Attacks on container images: in the registry, on the wire, by other names. The guest of the demo pulls what it was told
to, or nothing runs; why, its owner reads in the container's end and in the broker's audit log."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.boot import demo
from tests.boot.demo import SKOPEO, Owner
from tests.boot.init_data import HOST
from tests.boot.processes import unmarked
from tests.boot.rewriting import RewritingProxy, honest
from tests.boot.simulated import Boot, boot, needs_guest
from tests.support.registries import Certificate

pytestmark = [needs_guest, pytest.mark.skipif(not SKOPEO.is_file(), reason=f"no {SKOPEO}: run ci/build")]


class World:
    """The demo's owner, and a network between registry and guest."""

    def __init__(self, owner: Owner, proxy: RewritingProxy, platform: Path) -> None:
        self.owner, self.proxy, self.platform = owner, proxy, platform
        self.document = owner.init_data.read_text()

    def boot(self, document: str | None = None) -> Boot:
        return self.boot_with(self.owner.tell(document or self.document))

    def boot_with(self, init_data: Path) -> Boot:
        return boot(self.platform, "--network", "--init-data", init_data, "--pod", time_limit=demo.TIME_LIMIT)

    def without_digest(self) -> str:
        """The owner trusts signatures alone."""
        return "\n".join(line for line in self.document.splitlines() if not line.startswith("digest = ")) + "\n"

    def signature_manifest(self) -> str:
        return self.owner.told["digest"].replace(":", "-") + ".sig"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, platform: Path) -> Iterator[World]:
    with ExitStack() as stack:
        proxy = stack.enter_context(RewritingProxy())
        with unmarked():
            owner = stack.enter_context(demo.prepared("simulated-snp", platform, tmp_path_factory.mktemp("demo") / "owner",
                                                      "--registry-seen-at", f"{HOST}:{proxy.port}"))
        proxy.serve(owner.told["registry"], owner.certificate, owner.certificate, owner.folder / "kbs/tls.key")
        yield World(owner, proxy, platform)


@pytest.fixture(autouse=True)
def honest_again(world: World) -> Iterator[None]:
    yield
    world.proxy.rewrite = honest
    world.proxy.show(world.owner.certificate, world.owner.folder / "kbs/tls.key")


def expect_refused(world: World, done: Boot, *words: str) -> None:
    """The container never ran, for this reason."""
    assert done.status == 1, done
    [end] = done.answer["pod"]
    assert end["name"] == "demo" and end["status"] != 0, end
    assert all(word in end["reason"] for word in words), end
    assert done.answer["output"] == "" and end["reason"] in done.error


def flipped(body: bytes, at: int | None = None) -> bytes:
    at = len(body) // 2 if at is None else at
    return body[:at] + bytes([body[at] ^ 1]) + body[at + 1:]


def test_the_way_is_open(world: World) -> None:
    """What follows fails for its own reason: through this network the honest image runs."""
    done = world.boot()
    assert done.status == 0 and world.owner.told["proof"] in done.answer["output"].splitlines(), done
    assert any("/blobs/" in path for path in world.proxy.asked)
    assert world.owner.releases()


def parts(world: World) -> dict[str, tuple[str, str]]:
    """The end of the path under which a guest asks for each, and what it says of one that is changed."""
    manifest = world.owner.manifest()
    layer, config = manifest["layers"][1]["digest"], manifest["config"]["digest"]
    payload = json.loads(world.owner.blob_of_tag(world.signature_manifest()))["layers"][0]["digest"]
    damaged = ": found bytes with the digest "
    # Decompressing may notice a changed layer before its digest does.
    return {"layer": (f"/blobs/{layer}", f"layer {layer}: "), "config": (f"/blobs/{config}", config + damaged),
            "manifest": ("/manifests/1", world.owner.name.rsplit(":", 1)[0]),
            "signature": (f"/manifests/{world.signature_manifest()}", ": sigstoreSigned: "),
            "signature's payload": (f"/blobs/{payload}", payload + damaged)}


@pytest.mark.parametrize("part", [
    "layer", *(pytest.param(name, marks=pytest.mark.long) for name in ("config", "manifest", "signature", "signature's payload"))])
def test_changed_on_the_wire(world: World, part: str) -> None:
    path, reason = parts(world)[part]
    changed = []

    def rewrite(asked: str, body: bytes) -> bytes:
        if not asked.endswith(path):
            return body
        changed.append(asked)
        return flipped(body)

    world.proxy.rewrite = rewrite
    expect_refused(world, world.boot(), reason)
    assert changed


@pytest.mark.long
@pytest.mark.parametrize("part", ["layer", "config", "manifest", "signature's payload"])
def test_changed_in_the_registry(world: World, part: str) -> None:
    """By who has the registry's disk."""
    owner = world.owner
    path, reason = parts(world)[part]
    digest = owner.told["digest"] if part == "manifest" else path.removeprefix("/blobs/")
    blob = owner.blob(digest)
    before = blob.read_bytes()
    blob.write_bytes(flipped(before))
    try:
        expect_refused(world, world.boot(), reason)
    finally:
        blob.write_bytes(before)


@pytest.mark.long
def test_changed_between_two_pulls(world: World) -> None:
    """The second container has the same image, but the registry answers for its name anew."""
    path, seen = "/manifests/1", []

    def rewrite(asked: str, body: bytes) -> bytes:
        if not asked.endswith(path):
            return body
        seen.append(asked)
        return body if len(seen) == 1 else flipped(body)

    world.proxy.rewrite = rewrite
    container = world.document[world.document.index("[[pod.container]]"):].removesuffix("'''\n")
    document = world.document.removesuffix("'''\n") + container.replace('name = "demo"', 'name = "again"') + "'''\n"
    done = world.boot(document)
    assert done.status == 1 and len(seen) > 1, done
    first, second = done.answer["pod"]
    assert (first["name"], first["status"], second["name"]) == ("demo", 0, "again")
    assert second["status"] != 0 and second["reason"], second


@pytest.mark.long
@pytest.mark.parametrize("pinned", [True, False], ids=["digest in init-data", "signature alone"])
def test_tag_moved_to_an_image_that_nobody_signed(world: World, pinned: bool) -> None:
    owner = world.owner
    moved = owner.push(owner.folder / "plain", "moved", signed_as=None)

    def rewrite(asked: str, body: bytes) -> bytes:
        return owner.blob(moved).read_bytes() if asked.endswith("/manifests/1") else body

    world.proxy.rewrite = rewrite
    expect_refused(world, world.boot(world.document if pinned else world.without_digest()), "there is no signature")


@pytest.mark.long
def test_tag_moved_to_another_image_of_the_owner(world: World) -> None:
    """Signed for the very name, as an older version would be: only the digest in init-data tells them apart."""
    owner = world.owner
    moved = owner.push(owner.folder / "plain", "1")
    assert moved != owner.told["digest"]
    try:
        expect_refused(world, world.boot(), "init-data expects")
        done = world.boot(world.without_digest())
        assert done.status == 0 and owner.told["proof"] in done.answer["output"], done
    finally:
        owner.tag("1", owner.told["digest"])


@pytest.mark.long
def test_another_image_under_the_same_name(world: World) -> None:
    """Signed by the owner, for another name."""
    owner = world.owner
    other = owner.push(owner.folder / "plain", "other", signed_as=owner.name.rsplit(":", 1)[0] + ":other")

    def rewrite(asked: str, body: bytes) -> bytes:
        return owner.blob(other).read_bytes() if asked.endswith("/manifests/1") else body

    world.proxy.rewrite = rewrite
    expect_refused(world, world.boot(world.without_digest()), ":other', which matchExact does not take for " + owner.name)


@pytest.mark.long
def test_the_key_of_another_image(world: World) -> None:
    """Encrypted under a key that no release policy gives to this pod; all else is the owner's."""
    owner = world.owner
    (owner.folder / "other.key").write_bytes(bytes(range(32)))
    owner.administer("set-resource", "default/key/other", owner.folder / "other.key")
    before = len(owner.releases())
    moved = owner.push(owner.folder / "plain", "1", key="default/key/other")
    assert moved != owner.told["digest"]
    try:
        expect_refused(world, world.boot(world.without_digest()), "default/key/other: PolicyDeny")
        assert "default/key/other" in owner.audit()[-1]["what"] and owner.audit()[-1]["event"] == "refused"
        assert len(owner.releases()) == before
    finally:
        owner.tag("1", owner.told["digest"])


@pytest.mark.long
def test_another_pod_does_not_get_the_key(world: World) -> None:
    """The host makes init-data of its own, with the same image and another command: the launch is bound to it."""
    owner = world.owner
    owner.tell(world.document)
    before = len(owner.releases())
    hosts = owner.folder / "hosts.toml"
    hosts.write_text(world.document.removesuffix("'''\n") + 'command = ["/bin/sh", "-c", "id"]\n' + "'''\n")
    expect_refused(world, world.boot_with(hosts), "default/key/demo: PolicyDeny")
    assert "snp.init_data is " in " ".join(entry["why"] for entry in owner.audit()[-3:])
    assert len(owner.releases()) == before


@pytest.mark.long
def test_registry_with_another_certificate(world: World, tmp_path: Path) -> None:
    other = Certificate(tmp_path / "other")
    world.proxy.show(other.path, other.key)
    asked = len(world.proxy.asked)
    expect_refused(world, world.boot(), "certificate")
    assert len(world.proxy.asked) == asked
