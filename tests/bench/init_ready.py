# SPDX-License-Identifier: Apache-2.0
"""How many instructions a guest spends from init's first to all its daemons' sockets, next to those of the kernel's own
boot. QEMU counts them (instructions.cpp); the kernel's are from its first at its own address to init's first, without
firmware and decompression."""

import json
import mmap
import os
import socket
import struct
import subprocess
import tempfile
from pathlib import Path

LIMIT_SECONDS = 300
MEMORY_MIB = 512
COMMAND_LINE = "hallmark"


def measure(build: Path) -> tuple[int, int]:
    """Of the kernel, and of what comes from there to the word that the guest is ready; all in the same boot."""
    os.environ["HALLMARK_BUILD"] = str(build)  # where the module below looks for programs
    from tests.integration.attestation_agent import Tee

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tee = Tee(folder / "keys", "00" * 48)
        try:
            return boot(build, folder, tee.port)
        finally:
            tee.close()


def boot(build: Path, folder: Path, tee_port: str) -> tuple[int, int]:
    counts = folder / "counts"
    counts.write_bytes(bytes(24))
    with socket.socket(socket.AF_UNIX) as listener, counts.open("rb") as file:
        listener.bind(str(folder / "control"))
        listener.listen()
        listener.settimeout(LIMIT_SECONDS)
        with subprocess.Popen(machine(build, folder, counts, tee_port), stdin=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as qemu:
            try:
                control, _ = listener.accept()
                control.settimeout(LIMIT_SECONDS)
                with control, mmap.mmap(file.fileno(), 24, prot=mmap.PROT_READ) as mapped:
                    # Init sends the first word once everything is there, and waits for an answer then.
                    if not control.recv(1):
                        raise ValueError("the guest ended before it was ready: " + last_words(folder))
                    ready, kernel_began, user_began = struct.unpack("<3Q", mapped[:])
            except TimeoutError as late:
                raise ValueError(f"not ready within {LIMIT_SECONDS} s: " + last_words(folder)) from late
            finally:
                qemu.kill()
    if not 0 < kernel_began < user_began < ready:
        raise ValueError(f"counted to {kernel_began}, {user_began} and {ready}: kernel, init, ready, expected to rise")
    return user_began - kernel_began, ready - user_began


def machine(build: Path, folder: Path, counts: Path, tee_port: str) -> list[Path | str]:
    guest = build / "guest"
    lines = json.loads((guest / "manifest.json").read_text())["command_lines"]
    line = next(one["text"] for one in lines if one["name"] == COMMAND_LINE)
    return [
        build / "boot/qemu", "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-machine", "q35",
        "-accel", "tcg,thread=single", "-cpu", "EPYC-v4", "-smp", "1", "-m", str(MEMORY_MIB),
        "-plugin", f"file={build / 'tests/bench/instructions.so'},into={counts}",
        "-kernel", guest / "vmlinuz", "-append", line,
        "-drive", f"if=none,id=root,format=raw,readonly=on,file={guest / 'guest.img'}",
        "-device", "virtio-blk-pci,drive=root", "-device", "virtio-serial-pci",
        "-chardev", f"file,id=console,path={folder / 'console'}", "-device", "virtconsole,chardev=console",
        "-chardev", f"socket,id=control,path={folder / 'control'}",
        "-device", "virtserialport,chardev=control,name=org.hallmark.control.0",
        "-chardev", f"serial,id=tee,path={tee_port}", "-device", "virtserialport,chardev=tee,name=org.hallmark.tee.0",
    ]  # fmt: skip


def last_words(folder: Path) -> str:
    console = folder / "console"
    return " / ".join(console.read_text(errors="replace").splitlines()[-5:]) if console.exists() else "nothing on its console"
