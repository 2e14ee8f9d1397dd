# SPDX-License-Identifier: Apache-2.0
"""Calls of ttrpc by containerd's own client, which tests/tools builds; and frames by hand."""

import json
import os
import socket
import struct
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("HALLMARK_BUILD", ROOT / "build"))
CLIENT = BUILD / "tests/tools/independent-ttrpc"

needs_client = pytest.mark.skipif(not CLIENT.is_file(), reason=f"no {CLIENT}: build it with: ninja tests/tools/skopeo")

# google.rpc.Code
INVALID_ARGUMENT, DEADLINE_EXCEEDED, NOT_FOUND, RESOURCE_EXHAUSTED, UNIMPLEMENTED = 3, 4, 5, 8, 12
# github.com/containerd/ttrpc, PROTOCOL.md
REQUEST, RESPONSE, DATA = 1, 2, 3
LARGEST_DATA = 4 << 20


def calls(path: Path, wanted: list[dict], parallel: bool = False) -> list[dict]:
    """The answers, in the order of the calls; what a call is and what an answer: see tests/independent/ttrpc/main.go."""
    lines = "".join(json.dumps(one) + "\n" for one in wanted)
    done = subprocess.run([CLIENT, *(["-parallel"] if parallel else []), path], input=lines, capture_output=True, text=True,
                          timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def call(path: Path, service: str, method: str, message: dict | None = None, **more: str) -> dict:
    return calls(path, [{"service": service, "method": method, "message": message or {}, **more}])[0]


def frame(stream: int, kind: int, data: bytes, flags: int = 0, length: int | None = None) -> bytes:
    return struct.pack(">IIBB", len(data) if length is None else length, stream, kind, flags) + data


def request(service: str, method: str, payload: bytes) -> bytes:
    """A message ttrpc.Request: fields 1 to 3, each with its length."""
    return b"".join(bytes([number << 3 | 2]) + varint(len(value)) + value
                    for number, value in enumerate((service.encode(), method.encode(), payload), 1))


def varint(number: int) -> bytes:
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def connected(path: Path) -> socket.socket:
    caller = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    caller.settimeout(60)
    caller.connect(str(path))
    return caller


def receive(caller: socket.socket) -> tuple[int, int, bytes] | None:
    """Stream, type and data of the next frame; None where the server has closed the connection."""
    header = exactly(caller, 10)
    if header is None:
        return None
    length, stream, kind, _ = struct.unpack(">IIBB", header)
    data = exactly(caller, length)
    return None if data is None else (stream, kind, data)


def exactly(caller: socket.socket, size: int) -> bytes | None:
    got = b""
    while len(got) < size:
        try:
            part = caller.recv(size - len(got))
        except ConnectionResetError:
            return None
        if not part:
            return None
        got += part
    return got
