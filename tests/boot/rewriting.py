# SPDX-License-Identifier: Apache-2.0
"""What a hostile network does to a registry: it answers for it over TLS, and rewrites what it passes on."""

import http.client
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

PASSED_ON = ("Accept", "Authorization", "Range", "User-Agent")
LONGEST = 60  # seconds that a connection may take

# Path and body of an answer that was 200 or 206; what it gives goes to the guest, with a length that fits.
Rewrite = Callable[[str, bytes], bytes]


def honest(_: str, body: bytes) -> bytes:
    return body


class RewritingProxy:
    """Listens at once, so that its port can be told to others; answers from `serve` on, with the registry's own
    certificate and key: whoever has taken these has taken all that TLS protects."""

    def __init__(self) -> None:
        self.rewrite: Rewrite = honest
        self.asked: list[str] = []
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = LONGEST

            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                proxy.asked.append(self.path)
                headers = {name: self.headers[name] for name in PASSED_ON if name in self.headers}
                status, more, body = proxy.fetch(self.path, headers)
                before = body
                if status in (200, 206):
                    body = proxy.rewrite(self.path, body)
                told_anew = ["content-length", "connection", "transfer-encoding"]
                if body != before:
                    told_anew.append("docker-content-digest")  # which would give it away
                self.send_response(status)
                for name, value in more:
                    if name.lower() not in told_anew:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def get_request(self) -> tuple[ssl.SSLSocket, object]:
                plain, peer = super().get_request()
                return proxy.shown.wrap_socket(plain, server_side=True, do_handshake_on_connect=False), peer

            def handle_error(self, *_: object) -> None:
                pass  # a guest that has seen enough

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port

    def serve(self, registry: str, authority: Path, certificate: Path, key: Path) -> None:
        """`registry`: "https://HOST:PORT", known by `authority`."""
        self.upstream = registry.removeprefix("https://")
        self.trust = ssl.create_default_context(cafile=authority)
        self.show(certificate, key)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def show(self, certificate: Path, key: Path) -> None:
        """From now on this certificate."""
        self.shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.shown.load_cert_chain(certificate, key)

    def fetch(self, path: str, headers: dict[str, str]) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPSConnection(self.upstream, timeout=LONGEST, context=self.trust)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
