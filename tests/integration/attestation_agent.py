# SPDX-License-Identifier: Apache-2.0
"""An attestation agent in a guest that lies in a folder, and a client of ttrpc written from its description (containerd
ttrpc, PROTOCOL.md; protobuf's wire format). Nothing here is the project's own code but the programs that are started."""

import signal
import socket
import subprocess
import time
from pathlib import Path

from tests.integration.kbs import BUILD

AGENT = BUILD / "tests" / "drivers" / "attestation-agent-driver"
TEE = BUILD / "tests" / "drivers" / "simulated-tee"
SERVICE = "attestation_agent.AttestationAgentService"
INTERNAL = 13
INVALID_ARGUMENT = 3


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def field(number: int, value: bytes | str | int) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def fields(message: bytes) -> dict[int, bytes | int]:
    """The last value of each field; only of the two wire types that the protocol has."""
    found: dict[int, bytes | int] = {}
    at = 0

    def number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        tag = number()
        if tag & 7 == 0:
            found[tag >> 3] = number()
        else:
            assert tag & 7 == 2, tag
            length = number()
            found[tag >> 3] = message[at : at + length]
            at += length
    return found


def assert_confined(process: subprocess.Popen) -> None:
    """By the kernel's word on each thread."""
    threads = list(Path(f"/proc/{process.pid}/task").iterdir())
    assert len(threads) > 1
    for thread in threads:
        status = dict(line.split(":\t", 1) for line in (thread / "status").read_text().splitlines() if ":\t" in line)
        capabilities = [status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")]
        assert capabilities == 4 * ["0000000000000000"], status
        assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2"), status


class Refused(Exception):
    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Tee:
    """The security processor of a simulated guest: of SEV-SNP, where no other program plays it."""

    def __init__(self, keys: Path, measurement: str, host_data: bytes = bytes(32), program: Path = TEE) -> None:
        self.process = subprocess.Popen(
            [program, keys, measurement, host_data.hex()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.port = self.process.stdout.readline().strip()

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(10) == 0


class Guest:
    """A folder with /sys, /dev and /proc, in which the agent finds its TEE or none."""

    def __init__(self, folder: Path, tee: Tee | None, command_line: str = "quiet") -> None:
        self.folder = folder
        self.socket = folder / "run" / "aa.sock"
        (folder / "dev").mkdir(parents=True)
        port = folder / "sys/class/virtio-ports/vport0p1"
        port.mkdir(parents=True)
        (folder / "proc").mkdir()
        (folder / "run").mkdir()
        (folder / "proc/cmdline").write_text(command_line + "\n")
        if tee is not None:
            (folder / "dev/vport0p1").symlink_to(tee.port)
            (port / "name").write_text("org.hallmark.tee.0\n")

    def command(self, config: str | None, *arguments: str | Path) -> list[str | Path]:
        words: list[str | Path] = [AGENT, self.folder, "--attestation_sock", f"unix://{self.socket}", *arguments]
        if config is not None:
            (self.folder / "aa.toml").write_text(config)
            words += ["-c", self.folder / "aa.toml"]
        return words

    def refuses_to_start(self, config: str | None, *arguments: str | Path) -> tuple[int, str]:
        done = subprocess.run(
            self.command(config, *arguments), capture_output=True, text=True, timeout=60, check=False
        )
        assert done.stdout == "" and done.stderr.startswith("attestation-agent: "), done
        return done.returncode, done.stderr


class Agent:
    """One that runs in a guest."""

    def __init__(self, guest: Guest, config: str | None, *arguments: str | Path) -> None:
        self.socket = guest.socket
        self.log = guest.folder / "aa.log"
        self.process = subprocess.Popen(guest.command(config, *arguments), stderr=self.log.open("w"))
        deadline = time.monotonic() + 60
        while not self._listens():  # an earlier one that was killed leaves its socket behind
            assert self.process.poll() is None and time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def call(self, method: str, request: bytes = b"", service: str = SERVICE) -> dict[int, bytes | int]:
        payload = field(1, service) + field(2, method) + field(3, request) + field(4, 50 * 10**9)
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(60)
            connection.connect(str(self.socket))
            connection.sendall(len(payload).to_bytes(4, "big") + (1).to_bytes(4, "big") + b"\1\0" + payload)
            header = self._read(connection, 10)
            assert header[4:9] == (1).to_bytes(4, "big") + b"\2"
            answer = fields(self._read(connection, int.from_bytes(header[:4], "big")))
        status = fields(bytes(answer.get(1, b"")))
        if status.get(1, 0) != 0:
            raise Refused(int(status[1]), bytes(status.get(2, b"")).decode())
        return fields(bytes(answer.get(2, b"")))

    def _listens(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            return connection.connect_ex(str(self.socket)) == 0

    @staticmethod
    def _read(connection: socket.socket, size: int) -> bytes:
        data = b""
        while len(data) < size:
            part = connection.recv(size - len(data))
            assert part, "the agent hung up"
            data += part
        return data

    def token(self, kind: str, *, fresh: bool = False) -> bytes:
        return bytes(self.call("GetToken", field(1, kind) + (field(1000, 1) if fresh else b""))[1])

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(20) == 0, self.log.read_text()
        assert not self.socket.exists()
