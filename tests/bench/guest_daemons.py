# SPDX-License-Identifier: Apache-2.0
"""The guest's daemons on this host, with a simulated TEE and a key broker: what they spend on a call, and how much memory
they have when nobody asks."""

import contextlib
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator

CALLS = 20  # of each kind before memory is looked at
SERVICE = "attestation_agent.AttestationAgentService"
# GetToken's request: TokenType is field 1; "fresh", which is ours, is field 1000.
KBS_TOKEN = b"\x0a\x03kbs"
FRESH = b"\xc0\x3e\x01"
MAPPING = re.compile(r"^[0-9a-f]+-[0-9a-f]+ \S+ ([0-9a-f]+) \S+ (\d+)")


@contextlib.contextmanager
def daemons(build: pathlib.Path) -> Iterator[tuple[dict[str, int], pathlib.Path]]:
    """Their processes by name, each of which has answered; and the agent's socket."""
    os.environ["HALLMARK_BUILD"] = str(build)  # where the modules below look for programs
    from tests.integration import attestation_agent as guest
    from tests.integration import kbs as owner

    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        admin = owner.Admin(folder)
        tee = guest.Tee(folder / "keys", owner.MEASUREMENT)
        stack.callback(tee.close)
        broker = owner.Kbs(folder / "data", "--admin-key", admin.public, "--trust-simulated", folder / "keys/ark.pem",
                           *owner.policies(folder))
        stack.callback(broker.stop)
        owner.give_reference_value(broker, admin, [owner.MEASUREMENT])
        assert broker.ask("POST", owner.PATH, owner.SECRET, token=admin.token()).status == 200
        url, pem = broker.told["url"], pathlib.Path(broker.told["certificate"]).read_text()
        agent = guest.Agent(guest.Guest(folder / "guest", tee),
                            f"[token_configs.kbs]\nurl = '{url}'\ncert = '''{pem}'''\n")
        stack.callback(agent.stop)

        def start(*command: pathlib.Path | str) -> int:
            process = subprocess.Popen(command)
            stack.callback(process.wait)
            stack.callback(process.terminate)
            return process.pid

        (folder / "cmdline").write_text("quiet\n")
        hub_socket, rest_port = f"unix://{folder}/cdh.sock", free_port()
        (folder / "cdh.toml").write_text(f"socket = '{hub_socket}'\n[aa]\naa_socket = 'unix://{agent.socket}'\n"
                                         f"[kbc]\nname = 'cc_kbc'\nurl = '{url}'\nkbs_cert = '''{pem}'''\n")
        hub = start(build / "tests/drivers/data-hub-driver", folder, "-c", folder / "cdh.toml")
        rest = start(build / "tests/drivers/api-server-driver", "--features", "all", "--bind", f"127.0.0.1:{rest_port}",
                     "--cdh_addr", hub_socket, "--aa_addr", f"unix://{agent.socket}")
        for path in ("cdh/resource/default/key/disk", "aa/token?token_type=kbs"):
            for _ in range(CALLS):
                until_answered(rest_port, path)
        yield {"agent": agent.process.pid, "hub": hub, "REST": rest}, agent.socket


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def until_answered(port: int, path: str) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=20) as answer:
                answer.read()
                return
        time.sleep(0.05)
    raise ValueError(f"{path}: no answer of the REST server")


def calls(build: pathlib.Path, mode: str, name: str, request: bytes) -> dict:
    with daemons(build) as (_, agent):
        command = [build / "tests/bench/ttrpc-calls", mode, name, agent, SERVICE, "GetToken", request.hex()]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True, timeout=600).stdout)


def cached_token(build: pathlib.Path) -> dict:
    """A row: the token that the agent has, next to an echo of as many bytes by the same server."""
    return calls(build, "compare", "cached-token", KBS_TOKEN)


def handshake(build: pathlib.Path) -> dict:
    """A row: a whole handshake by the agent, next to the cryptography in it."""
    return calls(build, "handshake", "agent-handshake", KBS_TOKEN + FRESH)


def pages(pid: int) -> Iterator[tuple[str, int]]:
    """What a process has resident, in bytes: of each part of a file under the file's inode and the offset, and what is its
    own under no name."""
    name = ""
    for line in pathlib.Path(f"/proc/{pid}/smaps").read_text().splitlines():
        if found := MAPPING.match(line):
            name = "" if found[2] == "0" else f"{found[2]}:{found[1]}"
            continue
        key, _, value = line.partition(":")
        if key == "Rss":
            resident = int(value.split()[0]) * 1024
        elif key == "Anonymous":  # of a file that is mapped, what was written to
            own = int(value.split()[0]) * 1024
            yield "", own
            if name:
                yield name, resident - own


def own_pages(pid: int) -> int:
    """What is of no file, in bytes; of what a forked process shares with the one that it came from, its part."""
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss_Anon:"):
            return int(line.split()[1]) * 1024
    raise ValueError(f"/proc/{pid}/smaps_rollup: no Pss_Anon, expected one: Linux 5.4 or newer")


def memory(build: pathlib.Path) -> tuple[int, str]:
    """Of all daemons while nobody asks, in bytes, each page of a file once; and in words."""
    with daemons(build) as (running, _):
        own, shared, words = 0, {}, []
        hub = running["hub"]
        [beside] = pathlib.Path(f"/proc/{hub}/task/{hub}/children").read_text().split()  # it pulls and mounts
        for name, pid in (*running.items(), ("beside the hub", int(beside))):
            mine = list(pages(pid))
            words.append(f"{name} {sum(size for _, size in mine) / 1048576:.1f}")
            own += own_pages(pid)
            for part, size in mine:
                if part:
                    shared[part] = max(size, shared.get(part, 0))
        print(f"MiB resident: {', '.join(words)}; own {own / 1048576:.1f}, files {sum(shared.values()) / 1048576:.1f}",
              file=sys.stderr)
        return own + sum(shared.values()), ", ".join(words)
