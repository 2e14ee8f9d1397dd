# SPDX-License-Identifier: Apache-2.0
"""Boots of the built image with the firmware for TDX, a TPM in the place of the TDX module.

Three that know nothing of each other must agree: hallmark-measure's prediction from the files, the log that firmware,
stub and kernel leave in guest memory, and the registers of swtpm. Then the guest itself asks the simulated platform for
quotes over the challenge and passes them on, with the log that it was given and what it logged itself.
"""

import hashlib
import json
import subprocess
from functools import cache
from pathlib import Path

import pytest

from tests.boot import init_data, quotes
from tests.boot.simulated import BUILD, END_LIMIT, GUEST, PROGRAM, QEMU, TIME_LIMIT, Boot, needs_guest, report_data
from tests.boot.tpm import SWTPM

pytestmark = [needs_guest, pytest.mark.skipif(SWTPM is None, reason="swtpm is not installed")]

MEMORY = 512  # MiB
# Of the attestation agent's log, where it keeps one: what RTMR3 held when it began.
FIRST_ENTRY = "INIT sha384/" + 96 * "0"
WITH_A_LOG = """version = "0.1.0"
algorithm = "sha384"
[data]
"aa.toml" = '''
[eventlog_config]
enable_eventlog = true
'''
"""
# Of the machine and the build of its firmware: hallmark-measure predicts these from files that are not given here.
LEFT_OPEN = ["acpi_table_loader", "acpi_rsdp", "acpi_tables", "smbios"]


@pytest.fixture(scope="session")
def tdx_platform(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The simulated platform's keys, made once for all tests."""
    return tmp_path_factory.mktemp("platform") / "simulated-tdx"


def boot(platform: Path, *arguments: str | Path) -> Boot:
    done = subprocess.run(
        [PROGRAM, GUEST, "--tee", "simulated-tdx", "--qemu", QEMU, "--simulated-root", platform, "--timeout",
         str(TIME_LIMIT), "--json", *arguments],
        capture_output=True, text=True, timeout=TIME_LIMIT + END_LIMIT, check=False)
    assert done.stdout, done.stderr
    return Boot(done.returncode, json.loads(done.stdout), done.stderr)


def command_line() -> str:
    lines = json.loads((GUEST / "manifest.json").read_text())["command_lines"]
    return next(line["text"] for line in lines if line["name"] == "hallmark")


@cache
def predicted() -> dict:
    done = subprocess.run(
        [BUILD / "measure" / "hallmark-measure", "tdx", "--ovmf", GUEST / "OVMF.fd", "--kernel", GUEST / "vmlinuz",
         "--append", command_line(), "--memory", f"{MEMORY}M", "--json"],
        capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)


def verdicts(done: Boot) -> dict[str, str]:
    return {name: register["verdict"] for name, register in done.answer["registers"].items()}


def wrong_events(done: Boot) -> list[str]:
    return [f"{event['register']} {event['name']}" for event in done.answer["events"]
            if event["verdict"] not in ("equal", "not predicted", "by the guest's log")]


def test_an_honest_boot_measures_what_was_predicted(tdx_platform: Path, tmp_path: Path) -> None:
    document = init_data.write_bare(tmp_path / "init-data.toml", "sha384")
    done = boot(tdx_platform, "--memory", str(MEMORY), "--init-data", document, "--evidence", tmp_path / "evidence")
    assert done.status == 0 and done.error == "" and done.answer["verdict"] == "proven", done
    assert [step["name"] for step in done.answer["steps"]] == [
        "prepare", "start", "measure", "read the log", "boot", "attest", "secrets", "power off", "prove"]
    assert verdicts(done) == {"mrtd.single_pass": "equal", "mrtd.two_pass": "equal", "rtmr0": "not predicted",
                              "rtmr1": "equal", "rtmr2": "equal", "rtmr3": "equal"}
    registers = {name: register["observed"] for name, register in done.answer["registers"].items()}
    assert registers["mrtd.single_pass"] == predicted()["mrtd"]["single_pass"]
    assert registers["mrtd.two_pass"] == predicted()["mrtd"]["two_pass"]
    assert registers["rtmr1"] == predicted()["rtmr1"] and registers["rtmr2"] == predicted()["rtmr2"]
    quoted = {name: register["quoted"] for name, register in done.answer["registers"].items()}
    assert quoted == {**registers, "mrtd.two_pass": None}  # QEMU's order since 10.1 is the other one
    events = done.answer["events"]
    assert [event["name"] for event in events if event["verdict"] == "not predicted"] == LEFT_OPEN
    for register in ("rtmr0", "rtmr1", "rtmr2"):
        shown = [(event["name"], event["predicted"]) for event in events if event["register"] == register]
        assert shown == [(event["name"], event["digest"]) for event in predicted()["events"]
                         if event["register"] == register]
    # The agent keeps no event log unless its configuration asks for one.
    assert registers["rtmr3"] == bytes(48).hex()
    assert [event for event in events if event["register"] == "rtmr3"] == []
    assert all(event["observed"] == event["predicted"] for event in events if event["name"] not in LEFT_OPEN)
    check_quotes(tmp_path / "evidence", tdx_platform / "root.pem", registers,
                 hashlib.sha384(document.read_bytes()).hexdigest())


def check_quotes(evidence: Path, root: Path, registers: dict[str, str | None], bound: str) -> None:
    """What the guest sent, by tools that share nothing with either side."""
    for version in (4, 5):
        file = evidence / f"quote-v{version}.bin"
        quote = quotes.read(file)
        assert (quote.version, quote.mrtd, quote.mrconfigid) == (version, registers["mrtd.single_pass"], bound)
        assert quote.report_data == report_data((evidence / "challenge.bin").read_bytes())
        assert quote.rtmrs == [registers[f"rtmr{n}"] for n in range(4)]
        quotes.verify(file, root, evidence)
        assert quotes.replay(evidence / "ccel.bin") == quote.rtmrs


def test_rtmr3_is_what_the_guest_s_own_log_tells(tdx_platform: Path, tmp_path: Path) -> None:
    document = tmp_path / "init-data.toml"
    document.write_text(WITH_A_LOG)
    done = boot(tdx_platform, "--memory", str(MEMORY), "--init-data", document, "--evidence", tmp_path / "evidence")
    assert done.status == 0 and done.error == "" and done.answer["verdict"] == "proven", done
    entry = quotes.runtime_event(FIRST_ENTRY.encode())
    rtmr3 = quotes.extended(bytes(48), entry).hex()
    assert done.answer["registers"]["rtmr3"] == {
        "predicted": None, "observed": rtmr3, "quoted": rtmr3, "verdict": "by the guest's log",
        "what": "1 entry in the guest's log"}
    assert [event for event in done.answer["events"] if event["register"] == "rtmr3"] == [
        {"register": "rtmr3", "name": "runtime_1", "what": FIRST_ENTRY, "predicted": None,
         "observed": hashlib.sha384(entry).hexdigest(), "verdict": "by the guest's log"}]
    registers = {name: register["observed"] for name, register in done.answer["registers"].items()}
    check_quotes(tmp_path / "evidence", tdx_platform / "root.pem", registers,
                 hashlib.sha384(document.read_bytes()).hexdigest())


def test_init_data_that_the_host_leaves_away_ends_the_guest(tdx_platform: Path, tmp_path: Path) -> None:
    """MRCONFIGID names it, and there is no disk."""
    console = tmp_path / "console"
    done = boot(tdx_platform, "--host-data", "11" * 48, "--console", console)
    assert done.status == 1 and "the attestation-agent ended with status 1" in done.error, done
    assert f"none, but the launch was bound to {'11' * 48} (MRCONFIGID)" in console.read_text(errors="replace")


@pytest.mark.parametrize(("arguments", "differ", "events", "causes"), [
    (["--attack", "firmware-byte"], ["mrtd.single_pass", "mrtd.two_pass"], [],
     ["mrtd.single_pass", "the firmware in memory has SHA-256", "first difference at 0xff"]),
    (["--attack", "kernel-bit"], ["rtmr1"], ["rtmr1 kernel"],
     ["rtmr1: event kernel", "the kernel that was loaded has SHA-256"]),
    (["--attack-command-line", "+ hallmark.more=1"], ["rtmr2"], ["rtmr2 load_options"],
     ["rtmr2: event load_options", "the command line that was loaded is", "hallmark.more=1"]),
    (["--attack", "foreign-chain"], [], [], ["signed by another chain"]),
    (["--attack", "served-log"], [], [], ["the guest's event log: replays to RTMR0", "the quote has"]),
], ids=["firmware", "kernel", "command line", "chain", "served log"])
def test_an_attack_is_refused_with_its_cause(tdx_platform: Path, arguments: list[str], differ: list[str],
                                             events: list[str], causes: list[str]) -> None:
    done = boot(tdx_platform, *[argument.replace("+", command_line()) for argument in arguments])
    assert done.status == 1 and done.answer["verdict"] == "refused", done
    assert done.error.count("\n") == 1
    assert all(cause in done.error for cause in causes), done.error
    assert [name for name, verdict in verdicts(done).items() if verdict == "differs"] == differ
    assert wrong_events(done) == events


def test_a_log_that_is_not_what_was_measured_is_refused(tdx_platform: Path) -> None:
    done = boot(tdx_platform, "--attack", "event-log")
    assert done.status == 1 and done.answer["verdict"] == "refused", done
    assert "in PCR 0 (sha384), the TPM has" in done.error and "the log is not what was measured" in done.error
    assert set(verdicts(done)) == {"mrtd.single_pass", "mrtd.two_pass"} and done.answer["events"] == []
