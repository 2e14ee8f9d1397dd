# SPDX-License-Identifier: Apache-2.0
"""The attestation agent and hallmark-kbs with somebody between them who delays and who replays."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.integration.attestation_agent import INTERNAL, Agent, Guest, Refused
from tests.integration.kbs import Kbs

# Fixtures: a broker that knows the guest's measurement, and the guest.
from tests.integration.test_attestation_agent import admin, guest, kbs, keys, tee  # noqa: F401

SLOW_SECONDS = 2


class Relay:
    """Hands requests on to a broker; `meddle` sees each body, and says what goes on in its place."""

    def __init__(self, kbs: Kbs) -> None:
        relay = self
        self.meddle: Callable[[str, bytes], bytes] = lambda _, body: body

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = relay.meddle(self.path, self.rfile.read(int(self.headers["Content-Length"])))
                answer = kbs.ask("POST", self.path, body, cookie=self.headers.get("Cookie", ""))
                self.send_response(answer.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer.body)))
                if answer.cookie:
                    self.send_header("Set-Cookie", answer.cookie)
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.config = f'[token_configs.kbs]\nurl = "http://127.0.0.1:{self.server.server_port}"\n'
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def relay(kbs: Kbs) -> Iterator[Relay]:  # noqa: F811
    relay = Relay(kbs)
    yield relay
    relay.close()


def test_an_answer_to_another_challenge_is_refused(relay: Relay, guest: Guest) -> None:  # noqa: F811
    answers: list[bytes] = []

    def replay(path: str, body: bytes) -> bytes:
        if path.endswith("/attest"):
            answers.append(body)
            return answers[0]
        return body

    relay.meddle = replay
    agent = Agent(guest, relay.config)
    agent.token("kbs")
    with pytest.raises(Refused, match="AttestationError: .*nonce is not the nonce of this session") as refused:
        agent.token("kbs", fresh=True)
    assert refused.value.code == INTERNAL
    assert len(answers) == 2, "evidence that was refused is not sent again"

    # The old evidence under the new nonce: it was made for the other one.
    def graft(path: str, body: bytes) -> bytes:
        if not path.endswith("/attest"):
            return body
        return json.dumps({**json.loads(body), "tee-evidence": json.loads(answers[0])["tee-evidence"]}).encode()

    relay.meddle = graft
    with pytest.raises(Refused, match="the report data of the evidence are not those of this nonce and key"):
        agent.token("kbs", fresh=True)
    agent.stop()


def test_a_slow_broker_is_waited_for(relay: Relay, guest: Guest) -> None:  # noqa: F811
    def dawdle(_: str, body: bytes) -> bytes:
        time.sleep(SLOW_SECONDS)
        return body

    relay.meddle = dawdle
    agent = Agent(guest, relay.config)
    begun = time.monotonic()
    with ThreadPoolExecutor(2) as callers:
        token = callers.submit(agent.token, "kbs")
        # Meanwhile others are answered.
        assert agent.call("GetTeeType")[1] == b"snp"
        assert time.monotonic() - begun < 2 * SLOW_SECONDS and not token.done()
        assert json.loads(token.result())["token"]
    assert time.monotonic() - begun > 2 * SLOW_SECONDS  # auth and attest
    agent.stop()
