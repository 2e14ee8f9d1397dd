# SPDX-License-Identifier: Apache-2.0
"""What hallmark-measure says of a boot before it, and of an event log after it."""

import json
import os
import subprocess
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from tests.boot.firmware_machine import BUILD, GUEST

PROGRAM = Path(os.environ.get("HALLMARK_MEASURE", BUILD / "measure" / "hallmark-measure"))
BANKS = {"sha256": 0xB, "sha384": 0xC}

Events = dict[int, list[dict[str, str]]]  # PCR to the digests of its events by bank, in their order


@dataclass
class Prediction:
    events: Events
    registers: dict[str, dict[str, str]]  # bank to PCR to value; only of PCRs that are wholly predicted


@dataclass
class Log:
    events: Events
    registers: dict[str, dict[str, str]]


def predict(*arguments: str | Path) -> Prediction:
    shown = _run("pcr", *arguments, "--ovmf", GUEST / "OVMF.fd")
    return Prediction(_by_pcr(shown["events"], "pcr"), shown["pcrs"])


def read_log(file: Path) -> Log:
    shown = _run("inspect", file, "--as", "event-log")
    extended = [event for event in shown["events"] if event["type"] != "EV_NO_ACTION"]
    return Log(_by_pcr(extended, "register"), shown["registers"])


def explain(log: Path, *arguments: str | Path) -> dict:
    """What explain says of a log for this request."""
    return _run("explain", "pcr", "--expected", log, *arguments, "--ovmf", GUEST / "OVMF.fd", status=(0, 1))


def _by_pcr(events: list[dict], name: str) -> Events:
    found: Events = {}
    for event in events:
        found.setdefault(event[name], []).append({bank: event["digests"][bank] for bank in BANKS})
    return found


def _run(*arguments: str | Path, status: Collection[int] = (0,)) -> dict:
    done = subprocess.run([PROGRAM, *arguments, "--json"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode in status, done.stderr
    return json.loads(done.stdout)
