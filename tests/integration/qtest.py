# SPDX-License-Identifier: Apache-2.0
"""A stock QEMU that runs no guest code, asked over its qtest protocol what it hands to firmware.

Source: QEMU, docs/devel/testing/qtest.rst (protocol), docs/specs/fw_cfg.rst (registers, DMA).
"""

import base64
import os
import socket
import struct
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
QEMU = Path(os.environ.get("HALLMARK_QEMU", Path(os.environ.get("HALLMARK_BUILD", ROOT / "build")) / "boot" / "qemu"))
TIME_LIMIT = 60  # seconds, for one answer

# Items of fw_cfg.
SETUP_SIZE, SETUP_DATA, KERNEL_SIZE, KERNEL_DATA, DIRECTORY = 0x17, 0x18, 0x08, 0x11, 0x19
SCRATCH = 0x1000000  # where in the guest's memory things are put
FAILED, READ, SELECT = 1, 2, 8


class Qtest:
    """QEMU with these arguments, for as long as the block lasts."""

    def __init__(self, *arguments: str | Path) -> None:
        self.ours, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            [QEMU, "-display", "none", "-accel", "qtest", "-chardev", f"socket,id=qtest,fd={theirs.fileno()}",
             "-qtest", "chardev:qtest", "-qtest-log", "/dev/null", *arguments],
            pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
        theirs.close()
        self.ours.settimeout(TIME_LIMIT)
        self.answers = self.ours.makefile("r")

    def __enter__(self) -> "Qtest":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self.ours.close()

    def ask(self, *words: object) -> list[str]:
        self.ours.sendall((" ".join(str(word) for word in words) + "\n").encode())
        answer = self.answers.readline().split()
        assert answer and answer[0] == "OK", (words, answer)
        return answer[1:]

    def memory(self, address: int, size: int) -> bytes:
        return base64.b64decode(self.ask("b64read", hex(address), hex(size))[0])

    def pci(self, device: int, function: int, register: int, value: int) -> None:
        self.ask("outl", "0xcf8", hex(0x80000000 | device << 11 | function << 8 | register))
        self.ask("outl", "0xcfc", hex(value))

    def item(self, number: int, size: int) -> bytes:
        """One item of fw_cfg, by DMA: control, length and address are big-endian."""
        request = struct.pack(">IIQ", number << 16 | SELECT | READ, size, SCRATCH + 16)
        self.ask("write", hex(SCRATCH), len(request), "0x" + request.hex())
        self.ask("outl", "0x514", 0)
        self.ask("outl", "0x518", hex(int.from_bytes(struct.pack(">I", SCRATCH), "little")))
        assert struct.unpack(">I", self.memory(SCRATCH, 4))[0] == 0, "the transfer failed"
        return self.memory(SCRATCH + 16, size)

    def number(self, item: int) -> int:
        return struct.unpack("<I", self.item(item, 4))[0]

    def file(self, name: str) -> bytes:
        count = struct.unpack(">I", self.item(DIRECTORY, 4))[0]
        directory = self.item(DIRECTORY, 4 + 64 * count)
        for at in range(4, len(directory), 64):
            size, item, found = struct.unpack_from(">IH2x56s", directory, at)
            if found.rstrip(b"\0").decode() == name:
                return self.item(item, size)
        raise KeyError(name)

    def kernel(self) -> bytes:
        """The kernel as firmware joins it from fw_cfg: setup, then the rest."""
        return (self.item(SETUP_DATA, self.number(SETUP_SIZE)) +
                self.item(KERNEL_DATA, self.number(KERNEL_SIZE)))
