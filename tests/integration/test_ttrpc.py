# SPDX-License-Identifier: Apache-2.0
"""Our ttrpc server, as containerd's client and callers without manners meet it."""

import base64
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration import ttrpc
from tests.integration.ttrpc import call, calls, connected, frame, needs_client, receive, request

DRIVER = ttrpc.BUILD / "tests/drivers/ttrpc-echo-driver"
STALL = 4  # seconds


@pytest.fixture(name="server")
def running_server(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "echo.sock"
    with subprocess.Popen([DRIVER, path, str(STALL * 1000)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as driver:
        assert driver.stdout.readline() == "ready\n"
        yield path
        driver.stdin.close()
        assert driver.wait(30) == 0


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


@needs_client
def test_answers_containerds_client(server: Path) -> None:
    message = {"data": encoded(bytes(range(256))), "more": "text"}
    assert call(server, "test.Echo", "Echo", message) == {"message": message}
    assert call(server, "test.Echo", "Echo") == {"message": {}}


@needs_client
def test_answers_a_thousand_calls_at_once(server: Path) -> None:
    sent = [{"data": encoded(b"%d" % number), "more": "x" * (number % 100)} for number in range(1000)]
    wanted = [{"service": "test.Echo", "method": "Echo", "message": message, "timeout": "120s"} for message in sent]
    assert [answer["message"] for answer in calls(server, wanted, parallel=True)] == sent


@needs_client
def test_names_what_it_does_not_serve(server: Path) -> None:
    assert call(server, "test.Nobody", "Echo") == {
        "code": ttrpc.UNIMPLEMENTED, "reason": "service 'test.Nobody' is unknown here, expected test.Echo"}
    assert call(server, "test.Echo", "Nothing") == {
        "code": ttrpc.UNIMPLEMENTED, "reason": "method 'Nothing' of service 'test.Echo' is unknown"}


@needs_client
def test_a_reason_reaches_the_caller(server: Path) -> None:
    wanted = [{"service": "test.Echo", "method": "Fail", "payload": "0a0161"}]  # field 1: "a"
    assert calls(server, wanted) == [{"code": ttrpc.NOT_FOUND, "reason": "??a"}]


@needs_client
def test_the_callers_timeout_arrives(server: Path) -> None:
    unlimited, limited = calls(server, [
        {"service": "test.Echo", "method": "Left", "message": {}},
        {"service": "test.Echo", "method": "Left", "message": {}, "timeout": "50s"}])
    assert "milliseconds" not in unlimited["message"]
    assert 20_000 < int(limited["message"]["milliseconds"]) <= 50_000


@needs_client
def test_calls_go_on_beside_half_frames_and_slow_readers(server: Path) -> None:
    half, slow = connected(server), connected(server)
    half.sendall(frame(1, ttrpc.REQUEST, b"", length=100)[:-1])
    large = request("test.Echo", "Echo", bytes(3 << 20))
    for stream in (1, 3, 5, 7):
        try:
            slow.settimeout(0.5)
            slow.sendall(frame(stream, ttrpc.REQUEST, large))
        except OSError:
            break  # the server reads no more, or has cut this one off already
    message = {"data": encoded(b"not held up")}
    assert call(server, "test.Echo", "Echo", message, timeout="60s") == {"message": message}
    half.settimeout(60)
    assert receive(half) is None
    time.sleep(2 * STALL)
    slow.settimeout(60)
    answers = 0
    while receive(slow):
        answers += 1
    assert answers < 4, "who doesn't read is cut off"


def test_a_large_answer_reaches_who_reads(server: Path) -> None:
    payload = os.urandom(ttrpc.LARGEST_DATA - 100)
    with connected(server) as caller:
        caller.sendall(frame(1, ttrpc.REQUEST, request("test.Echo", "Echo", payload)))
        assert receive(caller) == (1, ttrpc.RESPONSE, b"\x12" + ttrpc.varint(len(payload)) + payload)


@pytest.mark.parametrize("length", [ttrpc.LARGEST_DATA + 1, 16 << 20])
def test_an_oversized_frame_is_refused_and_passed_over(server: Path, length: int) -> None:
    with connected(server) as caller:
        caller.sendall(frame(1, ttrpc.REQUEST, bytes(length)))
        stream, kind, data = receive(caller)
        assert (stream, kind) == (1, ttrpc.RESPONSE)
        assert bytes([0x08, ttrpc.RESOURCE_EXHAUSTED]) in data
        caller.sendall(frame(3, ttrpc.REQUEST, request("test.Echo", "Echo", b"and on")))
        assert receive(caller) == (3, ttrpc.RESPONSE, b"\x12\x06and on")


def test_data_on_a_stream_is_refused(server: Path) -> None:
    with connected(server) as caller:
        caller.sendall(frame(1, ttrpc.DATA, b"x", flags=1))
        stream, kind, data = receive(caller)
        assert (stream, kind) == (1, ttrpc.RESPONSE)
        assert bytes([0x08, ttrpc.UNIMPLEMENTED]) in data


def test_a_second_server_leaves_the_first_alone(server: Path) -> None:
    second = subprocess.run([DRIVER, server, "1000"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                            check=False)
    assert second.returncode == 2
    assert "another process serves it" in second.stderr
    with connected(server) as caller:
        caller.sendall(frame(1, ttrpc.REQUEST, request("test.Echo", "Echo", b"x")))
        assert receive(caller) == (1, ttrpc.RESPONSE, b"\x12\x01x")
