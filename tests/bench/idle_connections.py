# SPDX-License-Identifier: Apache-2.0
"""What hallmark-kbs serve takes for clients that have begun a session over TLS, and then keep it waiting."""

import contextlib
import http.client
import json
import pathlib
import resource
import ssl
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator

CONNECTIONS = 1000
# The broker takes 256 connections from one address.
ADDRESSES = 8
# It leaves a connection after 15 seconds without a request; where opening them all takes longer, they ask again.
STIR_SECONDS = 5
OTHER_FILES = 64
AUTH = json.dumps({"version": "0.4.0", "tee": "snp", "extra-params": {}})


@contextlib.contextmanager
def broker(build: pathlib.Path) -> Iterator[tuple[int, int, ssl.SSLContext]]:
    """A running one: its process, its port, and how a client knows it."""
    with tempfile.TemporaryDirectory() as folder:
        command = [build / "relying-party/hallmark-kbs", "serve", "--data", folder, "--listen", "127.0.0.1:0", "--json"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
            port = int(told["url"].rpartition(":")[2])
            yield process.pid, port, ssl.create_default_context(cafile=told["certificate"])
        finally:
            process.terminate()
            process.wait()


def ask(connection: http.client.HTTPConnection, method: str, path: str, body: str = "") -> None:
    connection.request(method, path, body)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise ValueError(f"{path}: answered {answer.status}")


def memory(pid: int) -> dict[str, int]:
    """Of a process, in bytes."""
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    values = dict(line.split(":", 1) for line in lines)
    return {name: int(values[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM")}


def measure(build: pathlib.Path) -> int:
    """The most memory that the broker ever had resident, in bytes, with all connections open at the end."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, CONNECTIONS + OTHER_FILES), most))
    with broker(build) as (pid, port, context):
        before = memory(pid)["VmRSS"]
        idle: deque[tuple[http.client.HTTPConnection, float]] = deque()
        for number in range(CONNECTIONS):
            source = (f"127.0.0.{2 + number % ADDRESSES}", 0)
            new = http.client.HTTPSConnection("127.0.0.1", port, timeout=60, context=context, source_address=source)
            ask(new, "POST", "/kbs/v0/auth", AUTH)
            idle.append((new, time.monotonic()))
            while time.monotonic() - idle[0][1] > STIR_SECONDS:
                stale, _ = idle.popleft()
                ask(stale, "GET", "/healthz")
                idle.append((stale, time.monotonic()))
        after = memory(pid)
        files = len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))
        if files < CONNECTIONS:
            raise ValueError(f"{files} files are open, expected {CONNECTIONS} connections")
        print(f"a connection {(after['VmRSS'] - before) / 1024 / CONNECTIONS:.1f} KiB, resident "
              f"{after['VmRSS'] // 1024} KiB, at most {after['VmHWM'] // 1024} KiB; {files} files open",
              file=sys.stderr)
        for connection, _ in idle:
            connection.close()
        return after["VmHWM"]
