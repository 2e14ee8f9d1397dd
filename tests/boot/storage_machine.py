# SPDX-License-Identifier: Apache-2.0
"""A machine with the guest's kernel, and its root but for process 1, which is tests/support/storage_machine.cpp: it asks
the guest's own program for mounts, as the answerer of SecureMount and init do, and lets the host at the disks meanwhile."""

import base64
import json
import os
import re
import select
import shutil
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ci.lib import build_root
from tests.boot.simulated import GUEST, QEMU, ROOT

TIME_LIMIT = 180
SECTOR = 512
MIB = 1 << 20
FIRST_DISK = "vdc"  # behind the root and the steps
KEYS = {"default/key/disk": b"K" * 64, "default/key/other": b"O" * 64, "default/key/short": b"s" * 31}


def text_field(number: int, value: str | bytes) -> bytes:
    """A field of protobuf with a length; both numbers take one or two bytes."""
    content = value.encode() if isinstance(value, str) else value
    size = bytes([len(content)]) if len(content) < 128 else bytes([len(content) & 127 | 128, len(content) >> 7])
    return bytes([number << 3 | 2]) + size + content


def secure_mount_request(folder: str, disk: str, options: dict[str, str]) -> bytes:
    """For a mount on /run/kata-containers/FOLDER."""
    given = {"devicePath": f"/dev/{disk}", "encryptionType": "luks2", "mapperName": folder, **options}
    request = text_field(1, "block-device")
    for name, value in given.items():
        request += text_field(2, text_field(1, name) + text_field(2, value))
    return request + text_field(4, path(folder))


def mount(folder: str, disk: str = FIRST_DISK, **options: str) -> str:
    """The step that has the guest's program mount a disk."""
    return "mount " + secure_mount_request(folder, disk, options).hex()


def ask(folder: str, disk: str = FIRST_DISK, **options: str) -> str:
    """The step that asks the data hub for the same, by ttrpc: length, stream, a request, nothing more to come."""
    request = (text_field(1, "api.SecureMountService") + text_field(2, "SecureMount")
               + text_field(3, secure_mount_request(folder, disk, options)))
    return "ask " + (struct.pack(">IIBB", len(request), 1, 1, 0) + request).hex()


def path(name: str) -> str:
    return f"/run/kata-containers/{name}"


def put_away(folder: str) -> list[str]:
    return [f"unmount {path(folder)}", f"run /usr/sbin/cryptsetup close --disable-locks {folder}"]


@dataclass
class Machine:
    """Its root as a file, made once."""

    root: Path

    @classmethod
    def make(cls, folder: Path, waits: bool = False) -> "Machine":
        """With `waits` it says so in front of each cryptsetup, as at a step `wait`."""
        tree, image = folder / "tree", folder / "root.erofs"
        tree.mkdir()
        _unpack(tree)
        init = tree / "usr/sbin/init"
        init.unlink()
        subprocess.run(["c++", "-std=c++23", "-O1", "-static", "-s", "-o", init,
                        ROOT / "tests/support/storage_machine.cpp"], check=True)
        if waits:
            program = tree / "usr/sbin/cryptsetup"
            program.rename(program.with_name("cryptsetup.real"))
            shutil.copy(init, program)
        secrets = {name: base64.b64encode(key).decode() for name, key in KEYS.items()}
        (tree / "etc/aa-offline_fs_kbc-resources.json").write_text(json.dumps(secrets))
        image.touch()
        assert build_root.run(["mkfs.erofs", "--quiet", "/root.erofs", "/tree"],
                              binds=[(tree, "/tree", True), (image, "/root.erofs", False)]) == 0
        shutil.rmtree(tree)
        return cls(image)

    def run(self, steps: Sequence[str], disks: Sequence[Path],
            meanwhile: Callable[[], None] | None = None) -> "Run":
        """Takes the steps; at each `wait`, `meanwhile` is called, and the machine waits for its end."""
        with tempfile.NamedTemporaryFile() as step_disk:
            step_disk.write("\n".join(steps).encode().ljust(MIB, b"\0"))
            step_disk.flush()
            drives = [(self.root, "on"), (Path(step_disk.name), "on"), *((disk, "off") for disk in disks)]
            machine = subprocess.Popen(_command(drives), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL)
            try:
                return Run(_converse(machine, meanwhile))
            finally:
                machine.kill()
                machine.communicate()


@dataclass
class Run:
    """What was said; what became of each step, from 1 on."""

    output: str
    steps: dict[int, str] = field(init=False)

    def __post_init__(self) -> None:
        found = re.findall(r"^step (\d+) \w+: (.*?)\r?$", self.output, re.MULTILINE)
        self.steps = {int(number): outcome for number, outcome in found}

    def refusals(self) -> list[str]:
        return [line.strip() for line in self.output.splitlines() if line.startswith("hallmark-guest secure-mount: ")]


def _unpack(tree: Path) -> None:
    """Partition 1 of the built disk."""
    disk = (GUEST / "guest.img").read_bytes()
    start, sectors = struct.unpack_from("<II", disk, 446 + 8)
    with tempfile.NamedTemporaryFile() as root:
        root.write(disk[start * SECTOR : (start + sectors) * SECTOR])
        root.flush()
        assert build_root.run(["fsck.erofs", "--extract=/tree", "--overwrite", "/root.erofs"],
                              binds=[(Path(root.name), "/root.erofs", True), (tree, "/tree", False)]) == 0


def _command(drives: Sequence[tuple[Path, str]]) -> list[str | Path]:
    words: list[str | Path] = [
        QEMU, "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-machine", "q35", "-accel", "tcg",
        "-cpu", "EPYC-v4", "-m", "512", "-serial", "stdio", "-kernel", GUEST / "vmlinuz", "-append",
        "root=/dev/vda rootfstype=erofs ro console=ttyS0 loglevel=4 no_timer_check panic=1"]
    for number, (file, read_only) in enumerate(drives):
        words += ["-drive", f"if=none,id=d{number},format=raw,readonly={read_only},file={file}",
                  "-device", f"virtio-blk-pci,drive=d{number}"]
    return words


def _converse(machine: subprocess.Popen, meanwhile: Callable[[], None] | None) -> str:
    output, deadline = b"", time.monotonic() + TIME_LIMIT
    seen = 0
    while time.monotonic() < deadline:
        if not select.select([machine.stdout], [], [], 1)[0]:
            continue
        block = os.read(machine.stdout.fileno(), 65536)
        if not block:
            return output.decode(errors="replace")
        output += block
        while output.count(b"waiting") > seen:
            seen += 1
            if meanwhile:
                meanwhile()
            machine.stdin.write(b"\n")
            machine.stdin.flush()
    raise AssertionError(f"not done in {TIME_LIMIT} s:\n{output.decode(errors='replace')}")
