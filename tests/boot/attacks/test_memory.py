# SPDX-License-Identifier: Apache-2.0
"""The memory of a guest while its pod runs: the keys of the image's layers, and the key that they were wrapped with, are
gone. A simulated platform does not encrypt memory, so all of it can be searched; on real ones the host sees none of it."""

import base64
import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.boot import demo
from tests.boot.demo import SKOPEO, Owner
from tests.boot.processes import running, unmarked
from tests.boot.simulated import BUILD, command, needs_guest

DRIVER = BUILD / "tests/drivers/key-store-driver"
ANNOTATION = "org.opencontainers.image.enc.keys.provider.attestation-agent"
PLANTED = b"a planted key of 32 bytes, ASCII"
BLOCK = 1 << 24

pytestmark = [needs_guest, pytest.mark.skipif(not SKOPEO.is_file(), reason=f"no {SKOPEO}: run ci/build"),
              pytest.mark.skipif(not DRIVER.is_file(), reason=f"{DRIVER} is not built")]


def forms(key: bytes) -> dict[str, bytes]:
    """How a key may lie about: as it is, as text, and as the key provider's protocol has bytes."""
    standard = base64.b64encode(key).rstrip(b"=")
    return {"raw": key, "hex": key.hex().encode(), "HEX": key.hex().upper().encode(), "base64": standard,
            "base64url": base64.urlsafe_b64encode(key).rstrip(b"="),
            "base64 as numbers": ",".join(str(byte) for byte in standard).encode()}


def layer_keys(owner: Owner) -> dict[str, bytes]:
    """The key that wraps, from the owner's store, and those of the layers that it opens."""
    [arguments] = [provider["cmd"]["args"] for provider in
                   json.loads((owner.folder / "ocicrypt.json").read_text())["key-providers"].values()]
    store, master = (arguments[arguments.index(name) + 1] for name in ("--store", "--master-key"))
    wrapping = subprocess.run([DRIVER, store, master, "read", "default/key/demo"], stdout=subprocess.PIPE, timeout=60,
                              check=True).stdout
    keys = {"the wrapping key": wrapping}
    for number, layer in enumerate(owner.manifest()["layers"], 1):
        packet = json.loads(base64.b64decode(layer["annotations"][ANNOTATION]))
        options = AESGCM(wrapping).decrypt(base64.b64decode(packet["iv"]), base64.b64decode(packet["wrapped_data"]), None)
        keys[f"the key of layer {number}"] = base64.b64decode(json.loads(options)["symkey"])
    return keys


def memory_of(process: int) -> Path:
    """The file that is the guest's RAM, as hallmark-boot holds it."""
    files = [file for file in Path(f"/proc/{process}/fd").iterdir() if os.readlink(file).startswith("/memfd:")]
    return max(files, key=lambda file: file.stat().st_size)


def search(memory: Path, wanted: dict[str, bytes]) -> set[str]:
    """Which of them are there; what was never written is passed over."""
    found, overlap = set(), max(len(pattern) for pattern in wanted.values())
    with memory.open("rb", buffering=0) as file:
        end, at = os.fstat(file.fileno()).st_size, 0
        while at < end:
            try:
                at = os.lseek(file.fileno(), at, os.SEEK_DATA)
            except OSError:  # nothing but holes
                break
            block = os.pread(file.fileno(), BLOCK + overlap, at)
            found |= {name for name, pattern in wanted.items() if name not in found and pattern in block}
            at += BLOCK
    return found


@contextmanager
def running_pod(owner: Owner, platform: Path, folder: Path) -> Iterator[Path]:
    """The demo's guest with its container asleep, and the planted key in its environment; the memory."""
    planted = {f"PLANTED_{number}": text.decode() for number, text in enumerate(forms(PLANTED).values())}
    words = ", ".join(f'{name} = "{text}"' for name, text in planted.items())
    told = owner.tell(re.sub(r'(name = "demo"\n)', rf'\1command = ["/bin/busybox", "sleep", "25"]\nenvironment = {{ {words} }}\n',
                             owner.init_data.read_text()))
    console = folder / "console"
    with subprocess.Popen(command(platform, "--network", "--init-data", told, "--pod", "--console", console),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        end = time.monotonic() + 60
        while not (console.exists() and b"hallmark-step 15" in console.read_bytes()):
            assert process.poll() is None and time.monotonic() < end, process.communicate()
            time.sleep(0.1)
        yield memory_of(process.pid)
        output, errors = process.communicate(timeout=90)
        assert process.returncode == 0, (output, errors)


@pytest.mark.long
def test_keys_are_gone_from_memory_after_they_were_used(platform: Path, tmp_path: Path) -> None:
    with ExitStack() as stack:
        with unmarked():
            owner = stack.enter_context(demo.prepared("simulated-snp", platform, tmp_path / "owner"))
        keys = layer_keys(owner)
        assert len(keys) == 3
        with running_pod(owner, platform, tmp_path) as memory:
            wanted = {f"{name}, {form}": pattern for name, key in [*keys.items(), ("planted", PLANTED)]
                      for form, pattern in forms(key).items()}
            found = search(memory, wanted)
            arguments = [Path(f"/proc/{process}/cmdline").read_bytes() for process in running()]
        assert any(b"qemu-system" in words for words in arguments)
        assert {name for name in found if name.startswith("planted")} == {f"planted, {form}" for form in forms(PLANTED)}
        assert {name for name in found if not name.startswith("planted")} == set()
        written = [path for path in (tmp_path / "owner").rglob("*") if path.is_file()]
        for path, content in [*((path, path.read_bytes()) for path in [tmp_path / "console", *written]),
                              *(("arguments", words) for words in arguments)]:
            for name, key in keys.items():
                if name != "the wrapping key":  # which the owner keeps
                    assert not [form for form, pattern in forms(key).items() if pattern in content], (name, path)
