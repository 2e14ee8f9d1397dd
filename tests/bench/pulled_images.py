# SPDX-License-Identifier: Apache-2.0
"""How long an image of ten layers takes from a registry on loopback into layers on a file system, against podman, and how
much memory that takes. In turns, the fastest run of each counts; in memory where there is room (see unpacked_layers)."""

import functools
import gzip
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.bench.unpacked_layers import names, place_for

LAYERS = 10
RUNS = 3
# What podman wants to find before it pulls, and does not use then.
UNUSED = ("conmon", "netavark", "aardvark-dns", "crun")


@dataclass
class Measured:
    """Seconds of the fastest run; resident memory in bytes."""

    podman: float | None  # where it can't run
    why: str
    ours: float
    resident: int
    megabytes: int


def digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def with_folders(paths: list[bytes]) -> list[bytes]:
    """In front of everything the folders that it lies in, as builders of images do."""
    wanted: dict[bytes, None] = {}
    for path in paths:
        parts = path.split(b"/")
        for end in range(2, len(parts)):
            wanted[b"/".join(parts[:end])] = None
        wanted[path] = None
    return list(wanted)


def write_layout(folder: pathlib.Path) -> int:
    """An image of files of this host; the bytes of its gzip."""
    blobs = folder / "blobs/sha256"
    blobs.mkdir(parents=True)

    def put(content: bytes, kind: str) -> dict:
        (blobs / digest(content).partition(":")[2]).write_bytes(content)
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": digest(content), "size": len(content)}

    paths = names().split(b"\0")
    layers, diff_ids = [], []
    for number in range(LAYERS):
        tar = subprocess.run(["tar", "--create", "--format=posix", "--null", "--no-recursion", "--files-from=-"],
                             input=b"\0".join(with_folders(paths[number::LAYERS])), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                             check=True).stdout
        diff_ids.append(digest(tar))
        layers.append(put(gzip.compress(tar, 6, mtime=0), "layer.v1.tar+gzip"))
    config = {"architecture": "amd64", "os": "linux", "config": {"Cmd": ["/bin/true"]},
              "rootfs": {"type": "layers", "diff_ids": diff_ids}}
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": put(json.dumps(config).encode(), "config.v1+json"), "layers": layers}
    entry = {**put(json.dumps(manifest).encode(), "manifest.v1+json"), "annotations": {"org.opencontainers.image.ref.name": "it"}}
    (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))
    return sum(layer["size"] for layer in layers)


@contextmanager
def registry(folder: pathlib.Path, build: pathlib.Path) -> Iterator[str]:
    """A registry that has the image; its name there."""
    os.environ["HALLMARK_BUILD"] = str(build)
    from tests.integration.signed_images import Registry  # pylint: disable=import-outside-toplevel

    running = Registry(folder)
    try:
        subprocess.run([build / "tests/tools/skopeo", "--insecure-policy", "copy", "--quiet", "--dest-tls-verify=false",
                        f"oci:{folder}/layout:it", f"docker://{running.host}/bench:1"], check=True, stdout=subprocess.DEVNULL)
        yield f"{running.host}/bench:1"
    finally:
        running.close()


def prepare_podman(work: pathlib.Path) -> dict[str, str]:
    (work / "bin").mkdir(parents=True)
    for name in UNUSED:
        shutil.copy("/bin/true", work / "bin" / name)
    (work / "policy.json").write_text('{"default":[{"type":"insecureAcceptAnything"}]}')
    (work / "storage.conf").write_text('[storage]\ndriver = "overlay"\n')
    (work / "containers.conf").write_text(
        '[engine]\nconmon_path = ["/own/bin/conmon"]\nhelper_binaries_dir = ["/own/bin"]\nruntime = "/own/bin/crun"\n')
    return {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/own", "TMPDIR": "/own",
            "CONTAINERS_CONF": "/own/containers.conf", "CONTAINERS_STORAGE_CONF": "/own/storage.conf",
            "CONTAINERS_REGISTRIES_CONF": "/dev/null", "PODMAN_IGNORE_CGROUPSV1_WARNING": "1"}


def run_podman(build: pathlib.Path, work: pathlib.Path, image: str) -> float:
    environment = prepare_podman(work)
    begin = time.monotonic()
    subprocess.run([build / "tests/tools/podman", work, "--root", "/own/graph", "--runroot", "/own/run", "--tmpdir",
                    "/own/tmp", "--storage-driver", "overlay", "pull", "--quiet", "--tls-verify=false",
                    "--signature-policy", "/own/policy.json", image], env=environment, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    seconds = time.monotonic() - begin
    shutil.rmtree(work)
    return seconds


def most_resident(pid: int) -> int:
    """Of that program alone: what wait4(2) tells begins with what its parent had."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0  # it has ended


def run_ours(build: pathlib.Path, work: pathlib.Path, image: str) -> tuple[float, int]:
    """Seconds, and the most that was resident."""
    work.mkdir()
    (work / "registries.conf").write_text(f'[[registry]]\nprefix = "{image.partition("/")[0]}"\ninsecure = true\n')
    begin = time.monotonic()
    child = subprocess.Popen([build / "tests/drivers/image-pull-driver", "--conf", work / "registries.conf", image,
                              work / "store", work / "bundle"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    resident = 0
    while child.poll() is None:
        resident = max(resident, most_resident(child.pid))
        time.sleep(0.005)
    seconds = time.monotonic() - begin
    subprocess.run(["umount", "--lazy", work / "bundle/rootfs"], check=False, stderr=subprocess.DEVNULL)
    assert child.returncode == 0, f"image-pull-driver: exit status {child.returncode}, expected 0"
    shutil.rmtree(work)
    return seconds, resident


@functools.lru_cache(maxsize=1)
def measure(build: pathlib.Path) -> Measured:
    with tempfile.TemporaryDirectory(dir=place_for(build)) as place:
        folder = pathlib.Path(place)
        size = write_layout(folder / "layout")
        podman, ours, resident, why = [], [], [], ""
        with registry(folder, build) as image:
            for _ in range(RUNS):
                try:
                    if not why:
                        podman.append(run_podman(build, folder / "podman", image))
                except subprocess.CalledProcessError as error:  # unshare and mount are not for everybody
                    why = error.stderr.strip().splitlines()[-1] if error.stderr.strip() else str(error)
                seconds, most = run_ours(build, folder / "ours", image)
                ours.append(seconds)
                resident.append(most)
        return Measured(None if why else min(podman), why, min(ours), max(resident), size // 1_000_000)
