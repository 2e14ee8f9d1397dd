# SPDX-License-Identifier: Apache-2.0
"""The boot race: our kernel and Debian's kernel for clouds, the same root, the same QEMU, in turns."""

import json
import mmap
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from image import command_lines
from image.verity import Verity

MEMORY_MIB = 512
TURNS = 3
LIMIT_SECONDS = 120
QUIET = "console=ttyS0 loglevel=4 panic=1"
PROFILE = Path(__file__).resolve().parents[2] / "image" / "command-lines" / "hallmark.txt"


@dataclass(frozen=True)
class Run:
    """One boot: seconds from the start of QEMU to user space, KiB of memory in use there."""

    seconds: float
    used_kib: int


def race(build: Path) -> tuple[Run, Run]:
    """The best of some boots of ours and of the peer's. In turns, so that a noisy minute meets both."""
    files = build / "tests/bench/race"
    parameters = Verity(**json.loads((files / "verity.json").read_text()))
    line = command_lines.render(PROFILE, parameters).text.replace("console=hvc0", "console=ttyS0")
    ours = ["-kernel", build / "guest/vmlinuz", "-append", line]
    peer = ["-kernel", files / "vmlinuz", "-initrd", files / "initrd", "-append", QUIET]
    runs: tuple[list[Run], list[Run]] = ([], [])
    with guest_memory() as memory:
        for _ in range(TURNS):
            for found, kernel in zip(runs, (ours, peer)):
                found.append(boot(build / "boot/qemu", files / "guest.img", kernel, memory))
    return best(runs[0]), best(runs[1])


@contextmanager
def guest_memory() -> Iterator[int]:
    """One memory for every boot: what a host takes to find pages that it has not used for a while is most of a boot."""
    memory = os.memfd_create("race")
    try:
        os.ftruncate(memory, MEMORY_MIB << 20)
        yield memory
    finally:
        os.close(memory)


def clear(memory: int) -> None:
    """As after power-on. The host has handed out every page then."""
    with mmap.mmap(memory, MEMORY_MIB << 20) as pages:
        for start in range(0, len(pages), 1 << 20):
            pages[start : start + (1 << 20)] = bytes(1 << 20)


def best(runs: list[Run]) -> Run:
    return Run(min(run.seconds for run in runs), min(run.used_kib for run in runs))


def boot(qemu: Path, disk: Path, kernel: list[Path | str], memory: int) -> Run:
    """Boots until the root's own init has spoken. A boot that does not get there is an error with its last words."""
    clear(memory)
    command = [
        qemu, "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-accel", "tcg",
        "-machine", "q35,memory-backend=ram", "-object",
        f"memory-backend-file,id=ram,size={MEMORY_MIB}M,share=on,mem-path=/proc/self/fd/{memory}",
        "-cpu", "EPYC-v4", "-m", str(MEMORY_MIB), "-serial", "stdio", *kernel,
        "-drive", f"if=none,id=root,format=raw,readonly=on,file={disk}", "-device", "virtio-blk-pci,drive=root",
    ]  # fmt: skip
    start = time.monotonic()
    with subprocess.Popen(["timeout", str(LIMIT_SECONDS), *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, pass_fds=[memory], text=True, errors="replace") as process:
        said: list[str] = []
        seconds, available = 0.0, 0
        for line in process.stdout:
            said = [*said[-4:], line.strip()]
            if "race: user space" in line:
                seconds = time.monotonic() - start
            if "race: available " in line:
                available = int(line.split()[-1])
    if not seconds or not available:
        raise ValueError(f"{kernel[1]}: no user space within {LIMIT_SECONDS} s; it said: {' / '.join(said)}")
    return Run(seconds, MEMORY_MIB * 1024 - available)
