# SPDX-License-Identifier: Apache-2.0
"""PullImage of the data hub, end to end: an image encrypted by skopeo through our key provider and signed, its keys and
the policy's key at a real hallmark-kbs, pulled by the process beside the hub into a bundle."""

import json
import os
import secrets
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

import pytest

from tests.integration.attestation_agent import INTERNAL, Refused, field
from tests.integration.guest_sockets import call
from tests.integration.kbs import PLATFORM, PROGRAM
from tests.integration.signed_images import BUILD, REGISTRY, SKOPEO, OpensslKey, Registry, cosign_payload, digest
from tests.integration.test_data_hub import HUB, Daemon, Guest, failure
from tests.integration.test_image_pull import LAYERS, MARKER, write_layout
from tests.integration.test_key_provider import Owner
from tests.integration.ttrpc import RESOURCE_EXHAUSTED

DRIVER = BUILD / "tests/drivers/key-store-driver"
KEK = secrets.token_bytes(32)
HELD = 12  # pulls that are under way or wait, at most

pytestmark = [
    pytest.mark.skipif(not all(path.is_file() for path in (HUB, PROGRAM, PLATFORM, DRIVER)), reason="programs are not built"),
    pytest.mark.skipif(not SKOPEO.is_file(), reason=f"no {SKOPEO}: build it with: ninja tests/tools/skopeo"),
    pytest.mark.skipif(REGISTRY is None, reason="no docker-registry on this host"),
    pytest.mark.skipif(os.geteuid() != 0, reason="the root of a bundle is mounted, which needs root"),
]


class Pod:
    """A guest with a broker, and a registry with an owner's image: secret and signed, and the same unsigned."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        layout = folder / "layout"
        write_layout(layout)
        self.registry = Registry(folder)
        (folder / "owner").mkdir(mode=0o700)
        self.owner = Owner(folder / "owner")
        self.owner.driver("write", "default/key/image", given=KEK)
        self.signer = OpensslKey(folder, "signer", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        for name in ("secret", "unsigned"):
            done = self.owner.skopeo("copy", "--dest-tls-verify=false", "--encryption-key",
                                     "provider:attestation-agent:keyid=kbs:///default/key/image", f"oci:{layout}:it",
                                     f"docker://{self.registry.host}/{name}:1")
            assert done.returncode == 0, done.stderr
        manifest = self.registry.manifest("secret", "1")
        self.manifest = digest(manifest)
        content = cosign_payload(manifest, f"{self.registry.host}/secret:1")
        self.registry.push_signatures("secret", manifest, [(content, self.signer.sign(content))])
        self.guest = Guest(folder)
        self.guest.store("default/key/cosign", self.signer.public.read_bytes())
        self.guest.store("default/key/policy", json.dumps({
            "default": [{"type": "reject"}],
            "transports": {"docker": {self.registry.host: [{"type": "sigstoreSigned",
                                                           "keyPath": "kbs:///default/key/cosign"}]}}}).encode())
        self.guest.store("default/key/image", KEK)
        self.events: list[tuple] = []
        self.there_before: list[bool] = []
        self.guest.agent.answers["ExtendRuntimeMeasurement"] = self.extend
        self.guest.hub.stop()
        self.guest.hub = self.start_hub()

    def start_hub(self, image: str = "") -> Daemon:
        return self.guest.start(f"""
            socket = "unix://{self.folder}/cdh.sock"
            [aa]
            aa_socket = "unix://{self.folder}/aa.sock"
            [kbc]
            name = "cc_kbc"
            url = "{self.guest.kbs.told["url"]}"
            kbs_cert = '''{Path(self.guest.kbs.told["certificate"]).read_text()}'''
            [image]
            work_dir = "{self.folder}/store"
            image_security_policy_uri = "kbs:///default/key/policy"
            {image}
            [[image.registry_config.registry]]
            prefix = "{self.registry.host}"
            insecure = true
        """)

    def extend(self, request: dict) -> bytes:
        self.events.append(tuple(bytes(request[number]).decode() for number in (1, 2, 3)))
        self.there_before.append((self.folder / "bundle/rootfs/bin").exists())
        return b""

    def pull(self, image: str, bundle: str = "bundle") -> str:
        message = field(1, image) + field(2, f"{self.folder}/{bundle}")
        return bytes(call(self.folder / "cdh.sock", "api.ImagePullService", "PullImage", message)[1]).decode()

    def name(self, image: str) -> str:
        return f"{self.registry.host}/{image}:1"

    def close(self) -> None:
        for rootfs in self.folder.glob("*/rootfs"):
            subprocess.run(["umount", "--lazy", rootfs], check=False, capture_output=True)
        self.guest.close()
        self.registry.close()


@pytest.fixture(scope="module")
def pod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pod]:
    made = Pod(tmp_path_factory.mktemp("pod"))
    yield made
    made.close()


def test_an_unsigned_image_is_refused_and_leaves_nothing(pod: Pod) -> None:
    failed = failure(pod.pull, pod.name("unsigned"), "refused")
    assert failed.code == INTERNAL and failed.message.startswith("[CDH] [ERROR]: Pull image failed: ")
    assert "sigstoreSigned" in failed.message and pod.events == []
    assert not (pod.folder / "refused/rootfs").exists()


def test_a_secret_and_signed_image_becomes_a_bundle(pod: Pod) -> None:
    assert pod.pull(pod.name("secret")) == pod.manifest
    bundle = pod.folder / "bundle"
    assert (bundle / "rootfs/old/b").read_bytes() == MARKER * 999
    assert json.loads((bundle / "config.json").read_text())["process"]["args"] == ["/bin/tool", "--serve"]
    assert json.loads((bundle / "image.json").read_text())["rootfs"]["diff_ids"] == [digest(tar) for tar in LAYERS]
    # Canonical JSON (RFC 8785): members in order, no space between them.
    assert pod.events == [("github.com/confidential-containers", "PullImage",
                           f'{{"digest":"{pod.manifest}","image":"{pod.name("secret")}"}}')]
    assert pod.there_before == [False], "an image is recorded before it can be run"
    for blob in (pod.folder / "registry").rglob("data"):
        assert MARKER[:16] not in blob.read_bytes(), "the registry holds a plain byte of the image"


def test_a_second_container_of_the_image_shares_its_layers(pod: Pod) -> None:
    assert pod.pull(pod.name("secret"), "second") == pod.manifest
    first, second = (pod.folder / name / "rootfs" for name in ("bundle", "second"))
    (second / "etc/passwd").write_text("changed")
    assert (first / "etc/passwd").read_text().startswith("root:")
    assert len(list((pod.folder / "store/layers").iterdir())) == len(LAYERS)


def test_a_name_with_another_digest_is_refused(pod: Pod) -> None:
    failed = failure(pod.pull, f"{pod.registry.host}/secret@sha256:{'0' * 64}", "other")
    assert failed.code == INTERNAL and "sha256:0000" in failed.message


@pytest.mark.parametrize("image, bundle", [("", "x"), ("--bundle", "x"), ("-c", "x"), ("a b", "x")])
def test_no_name_becomes_an_option(pod: Pod, image: str, bundle: str) -> None:
    with pytest.raises(Refused) as refused:
        pod.pull(image, bundle)
    assert not (pod.folder / bundle).exists() and "image" in refused.value.message


def test_people_pull_with_a_key_of_their_own(pod: Pod, tmp_path: Path) -> None:
    reader = OpensslKey(tmp_path, "reader", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
    done = pod.owner.skopeo("copy", "--dest-tls-verify=false", "--encryption-key", f"jwe:{reader.public}",
                            f"oci:{pod.folder}/layout:it", f"docker://{pod.registry.host}/for-people:1")
    assert done.returncode == 0, done.stderr
    config = tmp_path / "cdh.toml"
    config.write_text(f"[image]\nwork_dir = '{tmp_path}/store'\n[[image.registry_config.registry]]\n"
                      f"prefix = '{pod.registry.host}'\ninsecure = true\n")
    command = [HUB, "image", "pull", pod.name("for-people"), "--bundle", pod.folder / "people", "-c", config]
    without = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert without.returncode == 1 and without.stdout == "" and "key" in without.stderr, without.stderr
    wrong = subprocess.run([*command, "--certificate", reader.public], capture_output=True, text=True, timeout=60, check=False)
    assert wrong.returncode == 2 and "--key" in wrong.stderr
    done = subprocess.run([*command, "--key", reader.private], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["layers"] == len(LAYERS)
    assert (pod.folder / "people/rootfs/old/b").read_bytes() == MARKER * 999


def outcome(pull: Future) -> str:
    """The digest, or "refused" as one too many."""
    failed = pull.exception()
    if failed is None:
        return pull.result()
    assert isinstance(failed, Refused) and failed.code == RESOURCE_EXHAUSTED, failed
    assert failed.message == (f"[CDH] [ERROR]: Pull image failed: {HELD} images and disks are under way or wait already, "
                              "the most at once: try again when one of them is done")
    return "refused"


def test_many_callers_at_once_leave_room_for_the_keys_that_pulls_need(pod: Pod, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()

    def record(request: dict) -> bytes:
        assert go_on.wait(60)
        return b""

    monkeypatch.setitem(pod.guest.agent.answers, "ExtendRuntimeMeasurement", record)
    callers = 2 * HELD + 6
    with ThreadPoolExecutor(callers) as pool:
        pulls = [pool.submit(pod.pull, pod.name("secret"), f"many-{number}") for number in range(callers)]
        try:
            # No pull ends before it is recorded, so those that are told at once are those for whom there is no room.
            end, waiting = time.monotonic() + 20, set(pulls)
            while len(waiting) > HELD and time.monotonic() < end:
                waiting = wait(waiting, 1, FIRST_COMPLETED).not_done
            assert len(waiting) == HELD
            assert pod.guest.get("kbs:///default/key/policy"), "pulls hold all workers of the hub"
            mount = failure(call, pod.folder / "cdh.sock", "api.SecureMountService", "SecureMount", b"")
            assert mount.code == RESOURCE_EXHAUSTED and mount.message.startswith("[CDH] [ERROR]: Secure Mount failed: ")
        finally:
            go_on.set()
    assert sorted(outcome(pull) for pull in pulls) == sorted([pod.manifest] * HELD + ["refused"] * (callers - HELD))
    assert pod.pull(pod.name("secret"), "after-many") == pod.manifest, "a place is given back"


def is_alive(process: str) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return False


def test_the_pulling_process_ends_with_the_hub(pod: Pod) -> None:
    hub = pod.guest.hub.process.pid
    children = Path(f"/proc/{hub}/task/{hub}/children").read_text().split()
    assert len(children) == 1
    status = Path(f"/proc/{children[0]}/status").read_text()
    bounding = int(next(line for line in status.splitlines() if line.startswith("CapBnd")).split()[1], 16)
    # CHOWN, DAC_OVERRIDE, FOWNER, FSETID, SYS_ADMIN, MKNOD, SETFCAP (linux/capability.h), as far as this host has them.
    allowed = sum(1 << number for number in (0, 1, 3, 4, 21, 27, 31))
    assert bounding & ~allowed == 0 and "NoNewPrivs:\t1" in status
    pod.guest.hub.stop()
    end = time.monotonic() + 10
    while is_alive(children[0]):
        assert time.monotonic() < end
        time.sleep(0.05)
    pod.guest.hub = pod.start_hub()


def test_what_the_configuration_asks_for_and_is_not_there_is_an_error(pod: Pod) -> None:
    pod.guest.hub.stop()
    pod.guest.hub = pod.start_hub('sigstore_config_uri = "kbs:///default/key/nothing"')
    failed = failure(pod.pull, pod.name("secret"), "third")
    assert failed.code == INTERNAL and "default/key/nothing" in failed.message
    assert not (pod.folder / "third").exists()
    pod.guest.hub.stop()
    pod.guest.hub = pod.start_hub()
