# SPDX-License-Identifier: Apache-2.0
"""image/kata_agent.py and what becomes of it: a small static-pie program in place of the real agent."""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from ci.lib.errors import Fault
from image import assemble, kata_agent, kata_contract, manifest, plan, root

BUILD = Path(os.environ.get("HALLMARK_BUILD", "build"))
AUDIT = BUILD / "image/audit/hallmark-audit"
TOP = Path(__file__).resolve().parents[3]
FLAGS = ["-O1", "-fPIE", "-static-pie", "-Wl,-z,relro,-z,now,-z,noexecstack"]
SOURCE = f'#include <stdio.h>\nint main(void) {{ return puts("{kata_contract.POLICY}") < 0; }}\n'


@pytest.fixture(scope="session")
def agent(tmp_path_factory):
    """An agent and its SHA-256."""
    file = tmp_path_factory.mktemp("agent") / "any-name"
    subprocess.run(["gcc", "-x", "c", "-", "-o", file, *FLAGS], input=SOURCE, text=True, check=True, timeout=60)
    return file, hashlib.sha256(file.read_bytes()).hexdigest()


def parsed(agent, tmp_path, sha256=None):
    words = ["--version=1", "--guest-binary", str(agent[0]), "--audit", "x", "--kernel", "x", "--firmware-amdsev", "x"]
    words += ["--firmware-generic", "x", "--into", str(tmp_path), "--kata-agent", str(agent[0])]
    return assemble.parse([*words, "--kata-agent-sha256", sha256 or agent[1]])


def test_agent_gets_into_an_audited_root_that_keeps_the_contract(agent, tmp_path):
    if not AUDIT.is_file():
        pytest.skip(f"{AUDIT} is not built")
    programs, overlays, rows = assemble.with_agent(parsed(agent, tmp_path), tmp_path)
    made = tmp_path / "root"
    made.mkdir()
    links = {"/sbin/init": "/usr/bin/hallmark-guest"}
    directories = dict.fromkeys(("/dev", "/proc", "/run", "/sys", "/tmp"), 0o755)

    def audit(into):
        done = subprocess.run([AUDIT, into], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout

    root.make([], plan.Plan(links, directories, []), overlays, programs, made, [audit, kata_contract.require])
    installed = made / "usr/bin/kata-agent"
    assert installed.read_bytes() == agent[0].read_bytes() and installed.stat().st_mode & 0o777 == 0o755
    found = {one.path: one.verdict for one in kata_contract.examine(made) if one.level == "agent"}
    assert found[kata_contract.AGENT] == found[kata_contract.POLICY] == "ok"
    assert [manifest._input(row) for row in rows] == rows and rows[0]["sha256"] == agent[1]


def test_agent_with_policy_needs_one_in_the_root(agent, tmp_path):
    made = tmp_path / "root"
    made.mkdir()
    with pytest.raises(Fault, match="default-policy.rego: found nothing"):
        links = {"/sbin/init": "/usr/bin/kata-agent"}
        directories = dict.fromkeys(("/dev", "/proc", "/run", "/sys", "/tmp"), 0o755)
        programs = {kata_contract.AGENT: agent[0]}
        root.make([], plan.Plan(links, directories, []), [TOP / "image/overlay"], programs, made, [kata_contract.require])


def test_other_bytes_than_the_hash_names_are_refused(agent, tmp_path):
    with pytest.raises(Fault, match=f"SHA-256 is {agent[1]}, expected {'0' * 64}; take the right file"):
        assemble.with_agent(parsed(agent, tmp_path, "0" * 64), tmp_path)


@pytest.mark.parametrize("sha256", ["", "A" * 64, "0" * 63])
def test_hash_that_is_none_is_refused(agent, tmp_path, sha256):
    with pytest.raises(Fault, match="expected 64 digits"):
        kata_agent.take(agent[0], sha256, tmp_path)


def test_file_that_is_missing_or_empty_is_refused(tmp_path):
    (tmp_path / "empty").write_bytes(b"")
    for name in ("empty", "missing"):
        with pytest.raises(Fault, match=f"{name}: not a file of 1 to"):
            kata_agent.take(tmp_path / name, "0" * 64, tmp_path)


@pytest.mark.parametrize("options, message", [
    (["--kata-agent-sha256", "0" * 64], "--kata-agent-sha256: no --kata-agent with it"),
    (["--kata-agent", "AGENT"], "--kata-agent: no --kata-agent-sha256 with it"),
    (["--kata-agent", "/missing", "--kata-agent-sha256", "0" * 64], "/missing: not a file"),
    (["--kata-agent", "AGENT", "--kata-agent-sha256", "0" * 64], "SHA-256 is"),
])
def test_build_says_so_in_one_line_before_it_does_anything(agent, options, message):
    words = [str(agent[0]) if word == "AGENT" else word for word in options]
    done = subprocess.run([TOP / "ci/build", *words], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2 and message in done.stderr and done.stderr.count("\n") == 1
