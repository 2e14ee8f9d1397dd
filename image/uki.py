# SPDX-License-Identifier: Apache-2.0
"""guest.efi, the unified kernel image: kernel, command line and os-release as sections of one PE file behind systemd's stub.

There is no initrd: the command line opens the root by itself. The stub would make a small one of .osrel; our kernel is built
without initrd support (BLK_DEV_INITRD) and asks for none, so nothing that lies beside the UKI gets into the guest that way.
Sources: UAPI Group, Unified Kernel Image specification; Linux, Documentation/arch/x86/boot.rst (kernel_version).
"""

import struct
from pathlib import Path

from ci.lib.errors import Fault

from image.tools import Run

STUB = "/usr/lib/systemd/boot/efi/linuxx64.efi.stub"

_BOOT_MARK = b"HdrS"  # at 0x202 of every bzImage
_VERSION_POINTER = 0x20E  # u16, little-endian: where the version's text starts, less 0x200
_LONGEST_VERSION = 256


def make(kernel: Path, command_line: str, os_release: Path, uki: Path, run: Run) -> None:
    """Writes `uki`. `uki.parent` must be writable in the build root."""
    run(
        [
            "ukify", "build", f"--stub={STUB}", "--linux=/in/vmlinuz", f"--cmdline={command_line}",
            "--os-release=@/in/os-release", f"--uname={kernel_version(kernel)}", f"--output=/out/{uki.name}",
        ],
        [(kernel, "/in/vmlinuz", True), (os_release, "/in/os-release", True), (uki.parent, "/out", False)],
        "/out",
    )  # fmt: skip


def kernel_version(kernel: Path) -> str:
    """What `uname -r` will say, from the kernel's own header: "7.2.12-hallmark"."""
    with kernel.open("rb") as file:
        start = file.read(1 << 16)
    if start[0x202:0x206] != _BOOT_MARK:
        raise Fault(f"{kernel}: found {start[0x202:0x206].hex() or 'nothing'} at 0x202, expected 'HdrS'; it is no bzImage")
    at = struct.unpack_from("<H", start, _VERSION_POINTER)[0] + 0x200
    text = start[at : at + _LONGEST_VERSION].split(b"\0")[0].split(b" ")[0]
    if not text or not text.isascii() or not text.decode().isprintable():
        raise Fault(f"{kernel}: no version at {at:#x}, where the header says that it is; build the kernel again")
    return text.decode()
