# SPDX-License-Identifier: Apache-2.0
"""Both ends of ttrpc, written from its description, and an attestation agent made of them. Nothing here is the project's
own code."""

import json
import os
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from tests.integration.attestation_agent import INTERNAL, SERVICE, Refused, field, fields
from tests.integration.kbs import Kbs, Platform, TeeKey

REQUEST, RESPONSE = 1, 2
OK, UNIMPLEMENTED = 0, 12


def receive(peer: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        block = peer.recv(size - len(data))
        if not block:
            raise EOFError
        data += block
    return data


def receive_frame(peer: socket.socket) -> tuple[int, int, bytes]:
    length, stream, kind, _ = struct.unpack(">IIBB", receive(peer, 10))
    return stream, kind, receive(peer, length)


def send_frame(peer: socket.socket, stream: int, kind: int, data: bytes) -> None:
    peer.sendall(struct.pack(">IIBB", len(data), stream, kind, 0) + data)


def call(path: Path, service: str, method: str, message: bytes, seconds: float = 30) -> dict[int, bytes | int]:
    """The fields of the answer."""
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(seconds)
        peer.connect(str(path))
        request = field(1, service) + field(2, method) + field(3, message) + field(4, int(seconds * 1e9))
        send_frame(peer, 1, REQUEST, request)
        stream, kind, data = receive_frame(peer)
        assert (stream, kind) == (1, RESPONSE)
    response = fields(data)
    status = fields(bytes(response.get(1, b"")))
    if status.get(1, OK) != OK:
        raise Refused(int(status[1]), bytes(status.get(2, b"")).decode())
    return fields(bytes(response.get(2, b"")))


class FakeAgent:
    """An attestation agent on a socket; methods of it may be replaced."""

    def __init__(self, path: Path, platform: Platform, kbs: Kbs) -> None:
        self.platform, self.kbs = platform, kbs
        self.attested = 0
        self.answers: dict[str, Callable[[dict], bytes]] = {
            "GetToken": self.token,
            "GetEvidence": lambda request: field(1, b'{"of":"' + bytes(request[1]).hex().encode() + b'"}'),
            "GetAdditionalEvidence": lambda request: b"",
            "GetTeeType": lambda request: field(1, "snp"),
            "GetAdditionalTees": lambda request: b"",
            "ExtendRuntimeMeasurement": lambda request: field(1, 1),
        }
        self.listener = socket.socket(socket.AF_UNIX)
        path.unlink(missing_ok=True)
        self.listener.bind(str(path))
        os.chmod(path, 0o600)
        self.listener.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def token(self, request: dict) -> bytes:
        if request[1] != b"kbs":
            raise Refused(INTERNAL, "no such token")
        self.attested += 1
        key = TeeKey()
        answer = self.kbs.attest(self.platform, key, self.kbs.auth())
        if answer.status != 200:
            raise Refused(INTERNAL, "the broker says: " + answer.json()["detail"])
        pem = key.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return field(1, json.dumps({"token": answer.json()["token"], "tee_keypair": pem.decode()}))

    def serve(self) -> None:
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(peer,), daemon=True).start()

    def talk(self, peer: socket.socket) -> None:
        with peer:
            try:
                while True:
                    stream, _, data = receive_frame(peer)
                    request = fields(data)
                    assert request[1] == SERVICE.encode()
                    send_frame(peer, stream, RESPONSE, self.answer(request))
            except (EOFError, OSError):
                pass

    def answer(self, request: dict) -> bytes:
        try:
            return field(2, self.answers[bytes(request[2]).decode()](fields(bytes(request.get(3, b"")))))
        except Refused as failed:
            return field(1, field(1, failed.code) + field(2, failed.message))

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
