# SPDX-License-Identifier: Apache-2.0
"""A TPM for a guest, and what was measured into it: every TPM2_PCR_Extend that swtpm saw, from its log.

Source: TCG TPM 2.0 Library, part 3, section 22.2 (TPM2_PCR_Extend); part 2, section 6.3 (algorithms).
"""

import re
import shutil
import struct
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

SWTPM = shutil.which("swtpm")
START_LIMIT = 10  # seconds
PCR_EXTEND = 0x182
DIGEST_SIZES = {0x4: 20, 0xB: 32, 0xC: 48, 0xD: 64}  # SHA-1, SHA-256, SHA-384, SHA-512
SHA384 = 0xC  # the only one that TDX has


@dataclass
class Tpm:
    """swtpm, for as long as the block lasts; it ends by itself when QEMU closes the connection."""

    folder: Path
    arguments: list[str] = field(default_factory=list)  # for QEMU

    def __enter__(self) -> "Tpm":
        socket = self.folder / "tpm"
        self.process = subprocess.Popen(
            [str(SWTPM), "socket", "--tpm2", "--terminate", "--tpmstate", f"dir={self.folder}",
             "--ctrl", f"type=unixio,path={socket}", "--log", f"file={self.folder / 'tpm.log'},level=20"])
        deadline = time.monotonic() + START_LIMIT
        while not socket.exists():
            assert self.process.poll() is None and time.monotonic() < deadline, "swtpm does not start"
            time.sleep(0.02)
        self.arguments = ["-chardev", f"socket,id=tpm,path={socket}", "-tpmdev", "emulator,id=tpm0,chardev=tpm",
                          "-device", "tpm-crb,tpmdev=tpm0"]
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    def extended(self, algorithm: int = SHA384) -> dict[int, list[str]]:
        """PCR number to the digests (hex) that were extended into it, in their order."""
        found: dict[int, list[str]] = {}
        for command in self._commands():
            if len(command) >= 10 and struct.unpack_from(">I", command, 6)[0] == PCR_EXTEND:
                pcr, digests = extend(command)
                found.setdefault(pcr, []).append(digests[algorithm].hex())
        return found

    def _commands(self) -> list[bytes]:
        text = (self.folder / "tpm.log").read_text()
        blocks = re.findall(r"SWTPM_IO_Read: length \d+\n((?:[ 0-9A-F]+\n)+)", text)
        return [bytes.fromhex(block) for block in blocks]


def extend(command: bytes) -> tuple[int, dict[int, bytes]]:
    """Header, PCR, authorisation with its size, then a list of algorithm and digest; all big-endian."""
    pcr, authorisation = struct.unpack_from(">II", command, 10)
    at = 18 + authorisation
    count, at = struct.unpack_from(">I", command, at)[0], at + 4
    digests = {}
    for _ in range(count):
        algorithm, at = struct.unpack_from(">H", command, at)[0], at + 2
        digests[algorithm], at = command[at : at + DIGEST_SIZES[algorithm]], at + DIGEST_SIZES[algorithm]
    assert at == len(command)
    return pcr, digests
