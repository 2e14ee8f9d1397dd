# SPDX-License-Identifier: Apache-2.0
"""hallmark-boot demo: what it makes before it boots, held against tools of others; and all of it, to the workload's words."""

import base64
import hashlib
import io
import json
import subprocess
import tarfile
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.boot import demo
from tests.boot.demo import SKOPEO, TOOLS, Owner
from tests.boot.processes import unmarked
from tests.boot.simulated import BUILD, GUEST, needs_guest
from tests.boot.tpm import SWTPM

pytestmark = [needs_guest, pytest.mark.skipif(not SKOPEO.is_file(), reason=f"no {SKOPEO}: run ci/build")]

LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory, platform: Path) -> Iterator[Owner]:
    with ExitStack() as stack:
        with unmarked():
            made = stack.enter_context(
                demo.prepared("simulated-snp", platform, tmp_path_factory.mktemp("demo") / "owner"))
        yield made


def layout_blob(layout: Path, digest: str) -> bytes:
    return (layout / "blobs" / digest.replace(":", "/")).read_bytes()


def layout_manifest(layout: Path) -> dict:
    [entry] = json.loads((layout / "index.json").read_text())["manifests"]
    return json.loads(layout_blob(layout, entry["digest"]))


def policy_in_init_data(owner: Owner) -> dict:
    hub = tomllib.loads(tomllib.loads(owner.init_data.read_text())["data"]["cdh.toml"])
    return json.loads(hub["image"]["image_security_policy"])


def policy_for_this_host(owner: Owner, folder: Path) -> Path:
    """That of the init-data, for the registry as this host calls it."""
    [[repository, [requirement]]] = policy_in_init_data(owner)["transports"]["docker"].items()
    assert repository == owner.name.rsplit(":", 1)[0]
    assert requirement.pop("signedIdentity") == {"type": "matchExact"}
    requirement["signedIdentity"] = {"type": "exactReference", "dockerReference": owner.name}
    policy = {"default": [{"type": "reject"}],
              "transports": {"docker": {owner.here.rsplit(":", 1)[0]: [requirement]}}}
    (folder / "policy.json").write_text(json.dumps(policy))
    return folder / "policy.json"


def test_the_image_is_what_its_layout_says(owner: Owner) -> None:
    """By the OCI image specification, with Python's tar."""
    layout = owner.folder / "plain"
    manifest = layout_manifest(layout)
    config = json.loads(layout_blob(layout, manifest["config"]["digest"]))
    found: dict[str, tarfile.TarInfo] = {}
    for layer, diff_id in zip(manifest["layers"], config["rootfs"]["diff_ids"], strict=True):
        content = layout_blob(layout, layer["digest"])
        assert (layer["size"], layer["digest"]) == (len(content), "sha256:" + hashlib.sha256(content).hexdigest())
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            found |= {member.name: member for member in archive.getmembers()}
            if "etc/marker" in archive.getnames():
                marker = archive.extractfile("etc/marker").read()
            if "bin/busybox" in archive.getnames():
                assert archive.extractfile("bin/busybox").read() == (TOOLS / "busybox").read_bytes()
        assert diff_id == "sha256:" + hashlib.sha256(subprocess.run(
            ["gzip", "-dc"], input=content, capture_output=True, check=True, timeout=60).stdout).hexdigest()
    assert found["bin/sh"].linkname == "busybox" and found["workload.sh"].mode == 0o755
    assert {member.mtime for member in found.values()} == {0}
    assert owner.told["marker"].encode() in marker
    assert owner.told["proof"].endswith(": " + hashlib.sha256(marker).hexdigest())


def test_the_image_is_the_same_each_time(owner: Owner, platform: Path, tmp_path: Path) -> None:
    with demo.prepared("simulated-snp", platform, tmp_path / "again") as again:
        assert layout_manifest(again.folder / "plain") == layout_manifest(owner.folder / "plain")
        # Keys are not.
        assert again.told["digest"] != owner.told["digest"]


def test_the_registry_s_image_is_signed_and_decrypts_to_it(owner: Owner, tmp_path: Path) -> None:
    """Pulled by skopeo under the policy that the guest is given, decrypted with the owner's key provider."""
    assert [layer["mediaType"] for layer in owner.manifest()["layers"]] == [LAYER + "+encrypted"] * 2
    done = owner.skopeo("copy", "--remove-signatures", "--src-cert-dir", owner.folder / "authorities",
                        "--decryption-key", "provider:attestation-agent:any", f"docker://{owner.here}",
                        f"oci:{tmp_path / 'pulled'}:it", policy=policy_for_this_host(owner, tmp_path))
    assert done.returncode == 0, done.stderr
    plain, pulled = (layout_manifest(layout)["layers"] for layout in (owner.folder / "plain", tmp_path / "pulled"))
    assert [layer["digest"] for layer in pulled] == [layer["digest"] for layer in plain]


def test_no_other_signer_is_allowed(owner: Owner, tmp_path: Path) -> None:
    policy = policy_for_this_host(owner, tmp_path)
    (tmp_path / "passphrase").touch()
    done = owner.skopeo("generate-sigstore-key", "--output-prefix", tmp_path / "stranger", "--passphrase-file",
                        tmp_path / "passphrase")
    assert done.returncode == 0, done.stderr
    text = json.loads(policy.read_text())
    [[requirement]] = text["transports"]["docker"].values()
    requirement["keyData"] = base64.b64encode((tmp_path / "stranger.pub").read_bytes()).decode()
    policy.write_text(json.dumps(text))
    done = owner.skopeo("copy", "--remove-signatures", "--src-cert-dir", owner.folder / "authorities",
                        f"docker://{owner.here}", f"oci:{tmp_path / 'pulled'}:it", policy=policy)
    assert done.returncode != 0 and "Source image rejected" in done.stderr, done


def test_init_data_is_bound_and_tied_to_the_key(owner: Owner) -> None:
    done = subprocess.run(
        [BUILD / "measure/hallmark-measure", "snp", "--vcpus", "1", "--vcpu-type", "EPYC-v4", "--ovmf",
         GUEST / "OVMF.amdsev.fd", "--init-data", owner.init_data, "--json"], capture_output=True, text=True, timeout=60,
        check=False)
    assert done.returncode == 0, done
    digest = hashlib.sha256(owner.init_data.read_bytes()).hexdigest()
    assert digest in done.stdout
    [rule] = tomllib.loads((owner.folder / "release.toml").read_text())["rule"]
    assert rule["path"] == "default/key/demo" and rule["init_data"] == [digest]
    assert owner.told["release"] == f'init_data = ["{digest}"]'
    data = tomllib.loads(owner.init_data.read_text())["data"]
    [container] = tomllib.loads(data["hallmark.toml"])["pod"]["container"]
    assert (container["image"], container["digest"]) == (owner.name, owner.told["digest"])
    assert tomllib.loads(data["aa.toml"])["token_configs"]["kbs"]["cert"] == owner.certificate.read_text()
    assert policy_in_init_data(owner)["default"] == [{"type": "reject"}]


def test_what_the_host_has_holds_no_plain_byte_of_the_marker(owner: Owner) -> None:
    words = owner.told["marker"].encode()
    pieces = {words[at:at + 16] for at in range(len(words) - 16)}
    # The search finds it where it is.
    plain = layout_manifest(owner.folder / "plain")["layers"][1]["digest"]
    assert any(piece in layout_blob(owner.folder / "plain", plain) for piece in pieces)
    blobs = owner.blobs()
    assert {owner.blob(layer["digest"]) for layer in owner.manifest()["layers"]} <= set(blobs)
    for blob in blobs:
        content = blob.read_bytes()
        assert not [piece for piece in pieces if piece in content], blob


def test_no_key_lies_about_in_the_owner_s_folder(owner: Owner) -> None:
    """Of what lets an image be read; the master key and the signing key are their owner's to keep."""
    assert not (owner.folder / "image.key").exists()
    for name in ("admin.pem", "signing.private", "kbs/master.key", "kbs/tls.key"):
        assert (owner.folder / name).stat().st_mode & 0o077 == 0, name


def test_a_folder_that_is_there_is_not_taken(platform: Path, tmp_path: Path) -> None:
    done = subprocess.run(demo.command("simulated-snp", platform, "--stop-before-boot", tmp_path), capture_output=True,
                          text=True, timeout=60, check=False)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr == f"hallmark-boot demo: --stop-before-boot: {tmp_path}: File exists\n"


def test_a_failure_names_the_step_and_leaves_nothing(platform: Path, tmp_path: Path) -> None:
    """A guest that never starts: QEMU is none."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    done = demo.run("simulated-snp", platform, "--json", temporary=temporary, qemu=Path("/bin/false"))
    assert done.returncode == 1, done
    answer = json.loads(done.stdout)
    assert answer["steps"] == [] and answer["output"] == ""
    assert answer["failed"].startswith("step 1 (the VM starts) did not happen: "), answer
    assert done.stderr == f"hallmark-boot demo: {answer['failed']}\n"
    assert not list(temporary.iterdir())


def test_a_tool_that_is_missing_is_named(platform: Path, tmp_path: Path) -> None:
    """A program that was taken out of its build folder."""
    lonely = tmp_path / "hallmark-boot"
    lonely.write_bytes(demo.PROGRAM.read_bytes())
    lonely.chmod(0o755)
    done = subprocess.run([lonely, *demo.command("simulated-snp", platform)[1:]], capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 2 and "hallmark-kbs: not there" in done.stderr and "run ci/build" in done.stderr, done
    assert done.stderr.count("\n") == 1


def expect_all(done: subprocess.CompletedProcess[str], owner_s_words: str) -> None:
    assert done.returncode == 0 and done.stderr == "", done
    answer = json.loads(done.stdout)
    assert list(answer) == ["steps", "output"]
    assert [step["step"] for step in answer["steps"]] == list(range(1, 16))
    assert all(list(step) == ["step", "what", "seconds"] and step["what"] for step in answer["steps"])
    assert answer["steps"][0]["seconds"] == 0
    assert answer["steps"][14]["seconds"] >= answer["steps"][1]["seconds"] > 0
    assert owner_s_words in answer["output"].splitlines()


@pytest.mark.parametrize("tee", [
    "simulated-snp",
    pytest.param("simulated-tdx", marks=[pytest.mark.long, pytest.mark.skipif(SWTPM is None, reason="swtpm is not installed")]),
])
def test_fifteen_steps_and_the_workload_s_words(owner: Owner, platform: Path, tmp_path: Path, tee: str) -> None:
    folder = platform if tee == "simulated-snp" else tmp_path / "platform"
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    done = demo.run(tee, folder, "--json", temporary=temporary)
    expect_all(done, owner.told["proof"])
    assert not list(temporary.iterdir())
