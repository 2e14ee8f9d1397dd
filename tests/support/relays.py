# SPDX-License-Identifier: Apache-2.0
"""What stands between a client and a registry: a line that breaks, and a proxy. On the loopback interface only."""

import contextlib
import socket
import threading
from typing import Self

BLOCK = 64 * 1024
LONGEST = 60  # seconds that a connection may take


class Relay:
    """Passes connections on to a port; counts what comes back. Each connection breaks behind as many bytes as `breaks`
    says for it."""

    def __init__(self, port: int, breaks: list[int] | None = None) -> None:
        self.to, self.breaks = port, list(breaks or [])
        self.returned = 0
        self.connections = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.host = f"localhost:{self.port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                self.connections += 1
                threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client: socket.socket) -> None:
        most = self.breaks.pop(0) if self.breaks else None
        self.join(client, self.to, most)

    def join(self, client: socket.socket, port: int, most: int | None = None) -> None:
        with contextlib.suppress(OSError), client, socket.create_connection(("127.0.0.1", port)) as server:
            for end in (client, server):
                end.settimeout(LONGEST)
            threading.Thread(target=self.forward, args=(client, server), daemon=True).start()
            self.back(server, client, most)

    @staticmethod
    def forward(client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(BLOCK):
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)

    def back(self, server: socket.socket, client: socket.socket, most: int | None) -> None:
        while data := server.recv(BLOCK if most is None else min(BLOCK, most)):
            client.sendall(data)
            self.returned += len(data)
            if most is not None and (most := most - len(data)) == 0:
                break
        for end in (client, server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Proxy(Relay):
    """Answers CONNECT: every host is the same port of this machine."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.asked: list[str] = []

    def serve(self, client: socket.socket) -> None:
        request = b""
        client.settimeout(LONGEST)
        while b"\r\n\r\n" not in request:
            data = client.recv(BLOCK)
            if not data:
                return
            request += data
        self.asked.append(request.partition(b"\r\n")[0].decode())
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.join(client, self.to)
