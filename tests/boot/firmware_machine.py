# SPDX-License-Identifier: Apache-2.0
"""A plain PC that boots what its firmware finds: no kernel from QEMU, no confidential guest."""

import os
import socket
import struct
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("HALLMARK_BUILD", ROOT / "build"))
QEMU = Path(os.environ.get("HALLMARK_QEMU", BUILD / "boot" / "qemu"))
GUEST = Path(os.environ.get("HALLMARK_GUEST", BUILD / "guest"))
TIME_LIMIT = 90  # seconds, for one boot

# common/formats/guest_port.hpp
FRAME = struct.Struct("<IHHII")
MAGIC, VERSION, READY, POWER_OFF = 0x4B4D4C48, 2, 0x0101, 0x0104


class Machine:
    """QEMU with OVMF.fd, the guest's disk as /dev/vda and `system` behind it, from which the firmware is to boot.

    Without a system the kernel comes from QEMU, named in `more`. The guest's memory is the file `ram` of the folder.
    """

    def __init__(self, folder: Path, system: Path | None, *more: str) -> None:
        self.console_file = folder / "console"
        self.control, theirs = socket.socketpair()
        self.deadline = time.monotonic() + TIME_LIMIT
        self.process = subprocess.Popen(
            [QEMU, "-name", "hallmark", "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",
             "-machine", "q35", "-accel", "tcg", "-cpu", "max", "-m", "512M", "-bios", GUEST / "OVMF.fd",
             "-object", f"memory-backend-file,id=ram,size=512M,share=on,mem-path={folder / 'ram'}",
             "-machine", "memory-backend=ram", *disk("root", GUEST / "guest.img"),
             *(disk("system", system, ",bootindex=0") if system else []),
             "-device", "virtio-serial-pci",
             "-chardev", f"file,id=console,path={self.console_file}", "-device", "virtconsole,chardev=console",
             "-chardev", f"socket,id=control,fd={theirs.fileno()}",
             "-device", "virtserialport,chardev=control,name=org.hallmark.control.0", *more],
            pass_fds=[theirs.fileno()], stderr=(folder / "errors").open("wb"))
        theirs.close()

    def __enter__(self) -> "Machine":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self.control.close()

    def console(self) -> str:
        return self.console_file.read_text(errors="replace") if self.console_file.exists() else ""

    def wait_ready(self) -> str:
        """What init says of itself once it serves its control port."""
        magic, version, kind, request, size = FRAME.unpack(self._receive(FRAME.size))
        assert (magic, version, kind, request) == (MAGIC, VERSION, READY, 0) and size < 1024
        return self._receive(size).decode()

    def power_off(self) -> int:
        self.control.sendall(FRAME.pack(MAGIC, VERSION, POWER_OFF, 1, 0))
        return self.process.wait(self._left())

    def wait_for_console(self, word: str) -> None:
        while word not in self.console():
            assert time.monotonic() < self.deadline and self.process.poll() is None, f"no '{word}' in: {self.console()}"
            time.sleep(0.05)

    def _receive(self, size: int) -> bytes:
        content = b""
        while len(content) < size:
            self.control.settimeout(self._left())
            part = self.control.recv(size - len(content))
            assert part, f"the machine ended: {self.console()}"
            content += part
        return content

    def _left(self) -> float:
        return max(self.deadline - time.monotonic(), 0.001)


def disk(name: str, file: Path, more: str = "") -> list[str]:
    return ["-drive", f"if=none,id={name},format=raw,readonly=on,file={file}", "-device",
            f"virtio-blk-pci,drive={name},romfile={more}"]
