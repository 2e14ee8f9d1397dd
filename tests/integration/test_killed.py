# SPDX-License-Identifier: Apache-2.0
"""The guest's daemons killed at random, a hundred times each, while they are asked: what they have measured and logged
stays one, and no secret is anywhere but in its place. The seed is printed; HALLMARK_SEED gives another."""

import base64
import json
import os
import random
import stat
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.boot import quotes
from tests.integration.attestation_agent import SERVICE, Agent, Guest, Tee, field
from tests.integration.guest_sockets import call
from tests.integration.kbs import BUILD
from tests.integration.test_data_hub import HUB, KEK, SECRET
from tests.integration.test_data_hub import Guest as HubGuest

TRUST_DOMAIN = BUILD / "tests" / "drivers" / "simulated-td"
KILLS = 100
SEED = int(os.environ.get("HALLMARK_SEED", "6"))
CALLERS = 3
# How long a daemon lives at most, next to how long one takes to start: this machine may be slow.
LIVES = 3
DOMAIN, OPERATION = "hallmark.example/killed", "Event"


def kill_at_random(start: Callable[[], subprocess.Popen], seconds: float, log: Path) -> None:
    """Each is started once the one before is dead; none may end by itself. `seconds` is what one takes to start."""
    print(f"seed {SEED}")
    lives = random.Random(SEED)
    for number in range(KILLS):
        process = start()
        time.sleep(lives.uniform(0, LIVES * seconds))
        assert process.poll() is None, (number, log.read_text())
        process.kill()
        process.wait()


@contextmanager
def load(*jobs: Callable[[], None]) -> Iterator[None]:
    """Does each job over and over in threads of its own, whether somebody answers or not."""
    done = threading.Event()
    failed: list[BaseException] = []

    def work(job: Callable[[], None]) -> None:
        while not done.is_set():
            try:
                job()
            except (OSError, EOFError):  # nobody listens, or died meanwhile
                time.sleep(0.002)
            except BaseException as error:  # noqa: BLE001 - a thread's failure is the test's
                failed.append(error)
                return

    threads = [threading.Thread(target=work, args=(job,)) for job in jobs for _ in range(CALLERS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert not failed, failed


class Measured:
    """Events that callers had measured, and what evidence says of them."""

    def __init__(self, guest: Guest, folder: Path) -> None:
        self.socket = guest.socket
        self.folder = folder
        self.lock = threading.Lock()
        self.sent = 0
        self.acknowledged: list[str] = []
        self.looked = 0

    def extend(self) -> None:
        with self.lock:
            self.sent += 1
            content = f"{self.sent}-"
        request = field(1, DOMAIN) + field(2, OPERATION) + field(3, content)
        answer = call(self.socket, SERVICE, "ExtendRuntimeMeasurement", request)
        assert answer.get(1, 0) == 0, answer
        with self.lock:
            self.acknowledged.append(content)

    def look(self) -> bytes:
        """The log of fresh evidence, which replays to the registers of the quote that came with it."""
        answer = call(self.socket, SERVICE, "GetEvidence", field(1, bytes(48)))
        evidence = json.loads(bytes(answer[1]))
        log = base64.b64decode(evidence["cc_eventlog"])
        name = self.folder / str(threading.get_ident())
        name.with_suffix(".quote").write_bytes(base64.b64decode(evidence["quote"]))
        name.with_suffix(".log").write_bytes(log)
        assert quotes.replay(name.with_suffix(".log")) == quotes.read(name.with_suffix(".quote")).rtmrs
        with self.lock:
            self.looked += 1
        return log


@pytest.mark.skipif(not TRUST_DOMAIN.is_file(), reason="the programs are not built")
def test_event_log_and_register_agree_whenever_the_agent_is_killed(tmp_path: Path) -> None:
    td = Tee(tmp_path / "keys", "11" * 48, bytes(48), program=TRUST_DOMAIN)
    guest = Guest(tmp_path / "guest", td)
    config = "[eventlog_config]\nenable_eventlog = true\n"
    log = tmp_path / "aa.log"
    command = guest.command(config)
    measured = Measured(guest, tmp_path)
    began = time.monotonic()
    first = Agent(guest, config)
    seconds = time.monotonic() - began
    with load(measured.extend, measured.look):
        first.process.kill()
        first.process.wait()
        with log.open("w") as errors:
            kill_at_random(lambda: subprocess.Popen(command, stderr=errors), seconds, log)
    agent = Agent(guest, config)
    entries = measured.look()
    agent.stop()
    td.close()
    # Killed in the middle of it, too: some that was asked for was not measured, or was and the caller never heard.
    assert measured.looked > CALLERS and CALLERS < len(measured.acknowledged) < measured.sent
    logged = [content for content in (f"{number}-" for number in range(1, measured.sent + 1))
              if f"{DOMAIN} {OPERATION} {content}".encode() in entries]  # fmt: skip
    assert set(measured.acknowledged) <= set(logged)
    assert entries.count(f"{DOMAIN} {OPERATION} ".encode()) == len(logged), "none is there twice"
    print(f"{measured.sent} events sent, {len(measured.acknowledged)} acknowledged, {len(logged)} logged")


def files_with(secret: bytes, folder: Path) -> set[Path]:
    forms = (secret, secret.hex().encode(), base64.b64encode(secret)[:-4], base64.urlsafe_b64encode(secret)[:-4])
    return {path for path in folder.rglob("*") if path.is_file() and any(form in path.read_bytes() for form in forms)}


@pytest.mark.skipif(not HUB.is_file(), reason="the programs are not built")
def test_no_secret_is_outside_its_place_whenever_the_data_hub_is_killed(tmp_path: Path) -> None:
    guest = HubGuest(tmp_path)
    guest.hub.stop()
    began = time.monotonic()
    guest.hub = guest.start((tmp_path / "cdh.toml").read_text())
    seconds = time.monotonic() - began
    guest.hub.stop()
    place = tmp_path / "cdh"
    sealed = guest.seal({"version": "0.1.0", "type": "vault", "name": "kbs:///default/key/kek", "provider": "kbs",
                         "provider_settings": {}, "annotations": {}}, "kbs:///default/key/signer")  # fmt: skip
    answered = {"get": 0, "unseal": 0}

    def get() -> None:
        assert guest.get("kbs:///default/key/one") == SECRET
        answered["get"] += 1

    def unseal() -> None:
        assert guest.unseal(sealed) == KEK
        answered["unseal"] += 1

    log = tmp_path / "hub.err"
    command = [HUB, tmp_path, "-c", tmp_path / "cdh.toml"]
    with log.open("w") as errors, load(get, unseal):
        kill_at_random(lambda: subprocess.Popen(command, stderr=errors, cwd=tmp_path), seconds, log)
    print(answered)
    assert min(answered.values()) > CALLERS
    # One is to be written as a credential, the other never.
    found = files_with(SECRET, tmp_path)
    assert place / "kbs" / "one" in found and all(path.is_relative_to(place) for path in found), found
    assert not files_with(KEK, tmp_path)
    assert (place / "kbs" / "one").read_bytes() == SECRET
    for path in [place, *place.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    guest.hub = guest.start((tmp_path / "cdh.toml").read_text())
    assert guest.get("kbs:///default/key/one") == SECRET
    guest.close()
