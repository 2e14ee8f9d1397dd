# SPDX-License-Identifier: Apache-2.0
"""The audit log from outside: read by hand, killed while it writes, put away while it is in use, and on a full disk."""

import hashlib
import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("HALLMARK_BUILD", ROOT / "build"))
DRIVER = BUILD / "tests" / "drivers" / "audit-log-driver"
KILLS = 100

pytestmark = pytest.mark.skipif(not DRIVER.is_file(), reason=f"{DRIVER} is not built")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    return tmp_path / "audit.log"


def run(log: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([DRIVER, log, *arguments], capture_output=True, text=True, timeout=60, check=False)


def checked(log: Path) -> tuple[dict[str, int], str, str]:
    done = run(log, "check")
    assert done.returncode == 0, done
    counts, digests = (line.split() for line in done.stdout.splitlines())
    return dict(zip(counts[::2], map(int, counts[1::2]), strict=True)), digests[1], digests[3]


def test_the_chain_is_what_it_is_said_to_be(log: Path) -> None:
    for why in ("first", 'a "quoted"\n\x1b[2J line'):
        assert run(log, "add", why).returncode == 0
    lines = log.read_bytes().split(b"\n")
    assert lines.pop() == b"" and len(lines) == 4
    previous = "0" * 64
    for sequence, line in enumerate(lines):
        assert line.isascii() and line.decode().isprintable()
        record = json.loads(line)
        assert record["audit"] == 1 and record["sequence"] == sequence and record["previous"] == previous
        assert time.strptime(record["time"].split(".")[0], "%Y-%m-%dT%H:%M:%S")
        previous = hashlib.sha256(line).hexdigest()
    assert [json.loads(line)["event"] for line in lines] == ["opened", "released", "opened", "released"]
    assert json.loads(lines[3]) | {"sequence": 0, "previous": "", "time": ""} == {
        "audit": 1, "sequence": 0, "previous": "", "time": "", "event": "released", "who": "session 5891b5b522d5df08",
        "peer": "192.0.2.1:40000", "what": "default/key/one", "verdict": "affirming",
        "why": 'a "quoted"\n\x1b[2J line', "tee": "snp", "simulated": False}
    assert log.stat().st_mode & 0o777 == 0o600
    assert checked(log) == ({"lines": 4, "released": 2, "refused": 0, "opened": 2, "torn": 0, "unfinished": 0},
                            "0" * 64, previous)


def test_killed_at_random_no_line_is_lost(log: Path) -> None:
    chance = random.Random(20261125)
    durable = 0
    for _ in range(KILLS):
        with subprocess.Popen([DRIVER, log, "churn"], stdout=subprocess.PIPE) as child:
            time.sleep(chance.uniform(0.005, 0.12))
            child.kill()
            said, _ = child.communicate(timeout=30)
        durable += said.count(b"\n")
        counts, _, _ = checked(log)
        # One line may have been written without having been told of.
        assert durable <= counts["released"] <= durable + 1
        durable = counts["released"]
    assert durable > KILLS


def test_put_away_while_in_use(log: Path) -> None:
    """As logrotate does it: a rename, then SIGHUP."""
    with subprocess.Popen([DRIVER, log, "churn"], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        for number in range(3):
            for _ in range(5):
                assert child.stdout.readline()
            log.rename(log.with_name(f"audit.log.{number}"))
            child.send_signal(signal.SIGHUP)
            end = time.monotonic() + 20
            while not (log.is_file() and log.stat().st_size) and time.monotonic() < end:
                child.stdout.readline()
        child.kill()
    last = "0" * 64
    for file in (*(log.with_name(f"audit.log.{number}") for number in range(3)), log):
        counts, first, end_of = checked(file)
        assert first == last and counts["lines"] > 0
        last = end_of


def test_a_full_disk_is_told_and_survived(log: Path) -> None:
    folder = log.parent
    script = f"""
    mount -t tmpfs -o mode=700,size=64k none "{folder}"
    "{DRIVER}" "{log}" add before
    dd if=/dev/zero of="{folder}/filler" bs=1k count=100 2>/dev/null || true
    i=0
    while "{DRIVER}" "{log}" add more; do i=$((i + 1)); [ $i -lt 100 ]; done
    rm "{folder}/filler"
    "{DRIVER}" "{log}" add after
    "{DRIVER}" "{log}" check
    """
    able = subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "none", folder], capture_output=True, check=False,
                          timeout=30)
    if able.returncode != 0:
        pytest.skip(f"no mount namespace here: {able.stderr.decode().strip()}")
    done = subprocess.run(["unshare", "-rm", "sh", "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done
    assert "No space left" in done.stderr and "nothing is released" in done.stderr
    assert "unfinished 0" in done.stdout


def test_a_second_writer_and_a_changed_line_are_refused(log: Path) -> None:
    with subprocess.Popen([DRIVER, log, "churn"], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None and child.stdout.readline()
        second = run(log, "add", "x")
        child.kill()
    assert second.returncode == 2 and "another process" in second.stderr
    log.write_bytes(log.read_bytes().replace(b'"why":"0"', b'"why":"1"', 1))
    done = run(log, "check")
    assert done.returncode == 1 and "was changed" in done.stderr
