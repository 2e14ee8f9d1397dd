# SPDX-License-Identifier: Apache-2.0
"""No secret stays in memory that a program of the guest has freed, nor in that of its libraries: a program that handles
one in the ways of the daemons, and the daemons. Their memory is looked through from outside, as whoever owns the host of
an ordinary guest could."""

import base64
import contextlib
import http.server
import json
import secrets
import socket
import ssl
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.kbs import BUILD, PLATFORM, PROGRAM
from tests.integration.test_data_hub import HUB, REST, Daemon, Guest
from tests.integration.test_attestation_agent import HOUR, self_signed
from tests.support import memory

DRIVERS = BUILD / "tests" / "drivers"
WIPED, UNWIPED = DRIVERS / "freed-secrets-driver", DRIVERS / "freed-secrets-unwiped-driver"
# 96 bytes: in base64 without a rest.
SIZE = 96


@contextlib.contextmanager
def handled(program: Path, folder: Path, secret: bytes, *words: str) -> Iterator[int]:
    """A process that got the secret over HTTPS and is done with it."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"secret": base64.b64encode(secret).decode()}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    certificate, key = self_signed(-HOUR, HOUR, folder / "tls")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"https://127.0.0.1:{server.server_port}/"
        with subprocess.Popen([program, url, certificate, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None and process.stdin is not None
            assert process.stdout.readline() == b"done\n"
            yield process.pid
            process.stdin.close()
            assert process.wait(20) == 0
        server.shutdown()


@pytest.mark.skipif(not WIPED.is_file(), reason="the programs are not built")
def test_freed_memory_has_no_secret(tmp_path: Path) -> None:
    secret = secrets.token_bytes(SIZE)
    with handled(WIPED, tmp_path, secret) as pid:
        assert memory.found(pid, secret) == []


@pytest.mark.skipif(not WIPED.is_file(), reason="the programs are not built")
def test_a_secret_in_memory_is_found(tmp_path: Path) -> None:
    secret = secrets.token_bytes(SIZE)
    with handled(WIPED, tmp_path, secret, "keep") as pid:
        assert [place.partition(": ")[2] for place in memory.found(pid, secret)] == ["bytes"]


@pytest.mark.skipif(not UNWIPED.is_file(), reason="the programs are not built")
def test_without_wiping_it_would_stay(tmp_path: Path) -> None:
    secret = secrets.token_bytes(SIZE)
    with handled(UNWIPED, tmp_path, secret) as pid:
        left = {place.partition(": ")[2] for place in memory.found(pid, secret)}
    assert {"base64", "hex"} <= left, left


@pytest.fixture(scope="module")
def guest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guest]:
    guest = Guest(tmp_path_factory.mktemp("guest"))
    yield guest
    guest.close()


@pytest.mark.skipif(
    not all(path.is_file() for path in (HUB, REST, PROGRAM, PLATFORM)), reason="the programs are not built"
)
def test_the_daemons_keep_no_secret_that_they_gave(guest: Guest) -> None:
    secret = secrets.token_bytes(SIZE)
    guest.store("default/key/marked", secret)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    rest = Daemon([REST, "--features", "resource", "--bind", f"127.0.0.1:{port}", "--cdh_addr",
                   f"unix://{guest.folder}/cdh.sock"], guest.folder / "rest.err", ("127.0.0.1", port))
    try:
        for _ in range(3):
            assert guest.get("kbs:///default/key/marked") == secret
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/cdh/resource/default/key/marked", timeout=20) as answer:
                assert answer.read() == secret
        sealed = guest.seal({"version": "0.1.0", "type": "vault", "provider": "kbs", "name": "kbs:///default/key/marked",
                             "provider_settings": {}, "annotations": {}}, "kbs:///default/key/signer")
        assert guest.unseal(sealed) == secret
        for daemon in (guest.hub, rest):
            # Who has the answer may be faster than the last lines of whoever gave it.
            deadline = time.monotonic() + 5
            while (places := memory.found(daemon.process.pid, secret)) and time.monotonic() < deadline:
                time.sleep(0.05)
            assert places == [], daemon.process.args
    finally:
        rest.stop()
