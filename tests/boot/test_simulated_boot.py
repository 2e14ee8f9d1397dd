# SPDX-License-Identifier: Apache-2.0
"""Boots of the built image on the simulated SNP platform: the honest one, and each attack that must fail."""

import base64
import hashlib
import json
import signal
import struct
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.boot import init_data
from tests.boot.processes import running
from tests.boot.simulated import (BUILD, END_LIMIT, GUEST, TIME_LIMIT, boot, command, needs_guest, reference_values,
                                  report_data)

pytestmark = needs_guest


@pytest.mark.parametrize("arguments", [
    ["--vcpus", "1"],
    ["--vcpus", "2"],
    ["--vcpu-type", "EPYC-Milan", "--vcpus", "2"],
    ["--command-line", "kata-4.1-go"],
], ids=lambda arguments: " ".join(arguments))
def test_an_honest_boot_is_proven(platform: Path, arguments: list[str]) -> None:
    done = boot(platform, *arguments)
    assert done.status == 0, done
    assert done.error == ""
    assert done.answer["verdict"] == "proven"
    digests = set(done.digests.values())
    assert list(done.digests) == ["predicted", "memory", "report"]
    assert len(digests) == 1 and digests <= reference_values()
    assert [step["name"] for step in done.answer["steps"]] == [
        "prepare", "start", "launch", "measure", "boot", "attest", "power off", "prove"]
    assert all(step["milliseconds"] >= 0 for step in done.answer["steps"])


def test_the_prediction_is_hallmark_measures(platform: Path) -> None:
    lines = json.loads((GUEST / "manifest.json").read_text())["command_lines"]
    append = next(line["text"] for line in lines if line["name"] == "hallmark")
    measured = subprocess.run(
        [BUILD / "measure" / "hallmark-measure", "snp", "--ovmf", GUEST / "OVMF.amdsev.fd", "--kernel",
         GUEST / "vmlinuz", "--append", append, "--vcpus", "1", "--vcpu-type", "EPYC-v4"],
        capture_output=True, text=True, timeout=60, check=True).stdout.strip()
    assert boot(platform, "--attack", "zero-page").digests["predicted"] == measured


@pytest.mark.parametrize(("attack", "arguments", "causes"), [
    ("kernel-bit", [], ["silent loop", "the kernel that was loaded has SHA-256", "the hash table in memory"]),
    ("kernel-bit", ["--vcpus", "2"], ["silent loop", "the kernel that was loaded has SHA-256"]),
    ("command-line", [], ["the hash table in memory"]),
    ("kernel-bit-rehashed", [], ["not among the reference values", "the kernel that was loaded has SHA-256"]),
    ("no-hash-table", [], ["nothing that it may boot", "no kernel hash table in guest memory at 0x"]),
    ("firmware-byte", [], ["not among the reference values", "the firmware in memory", "first difference at 0xff"]),
    ("measured-page", [], ["not among the reference values", "in the measured page of the hash table"]),
    ("zero-page", [], ["measured as zero", "expected 0"]),
    ("foreign-chain", [], ["signed by another chain"]),
    ("debug-policy", [], ["policy"]),
], ids=lambda value: value if isinstance(value, str) else None)
def test_an_attack_is_refused_with_its_cause(platform: Path, attack: str, arguments: list[str],
                                             causes: list[str]) -> None:
    done = boot(platform, "--attack", attack, *arguments)
    assert done.status == 1, done
    assert done.answer["verdict"] == "refused"
    assert done.error.count("\n") == 1 and done.answer["reason"] in done.error
    for cause in causes:
        assert cause in done.error
    assert done.digests["predicted"] in reference_values()


def test_a_changed_kernel_with_its_own_table_has_no_reference_value(platform: Path) -> None:
    done = boot(platform, "--attack", "kernel-bit-rehashed")
    assert done.digests["memory"] == done.digests["report"]
    assert done.digests["memory"] not in reference_values()


def test_equal_digests_are_not_enough_without_the_chain(platform: Path) -> None:
    done = boot(platform, "--attack", "foreign-chain")
    assert len(set(done.digests.values())) == 1
    assert done.status == 1


def test_a_damaged_disk_does_not_boot(platform: Path, tmp_path: Path) -> None:
    for file in GUEST.iterdir():
        (tmp_path / file.name).symlink_to(file.resolve())
    disk = bytearray((GUEST / "guest.img").read_bytes())
    superblock = 2048 * 512 + 1024
    disk[superblock] ^= 1
    (tmp_path / "guest.img").unlink()
    (tmp_path / "guest.img").write_bytes(disk)
    arguments = command(platform)
    arguments[1] = tmp_path
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=TIME_LIMIT + END_LIMIT, check=False)
    assert done.returncode == 1, done
    assert "panicked" in done.stderr and done.stderr.count("\n") == 1


def test_init_data_that_the_host_leaves_away_ends_the_guest(platform: Path, tmp_path: Path) -> None:
    """HOSTDATA names it, and there is no disk."""
    console = tmp_path / "console"
    done = boot(platform, "--host-data", "11" * 32, "--console", console)
    assert done.status == 1 and "the attestation-agent ended with status 1" in done.error, done
    assert f"none, but the launch was bound to {'11' * 32} (HOSTDATA)" in console.read_text(errors="replace")


def test_a_time_limit_ends_everything(platform: Path) -> None:
    begin = time.monotonic()
    arguments = command(platform)
    arguments[arguments.index("--timeout") + 1] = "1"
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=TIME_LIMIT, check=False)
    assert done.returncode == 1, done
    assert "time limit" in done.stderr
    assert time.monotonic() - begin < END_LIMIT


def test_qemu_dies_with_hallmark_boot(platform: Path) -> None:
    process = subprocess.Popen(command(platform), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: running() - {process.pid})
    process.send_signal(signal.SIGKILL)
    process.wait()
    wait_until(lambda: not running())


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + END_LIMIT
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_qemu_that_does_not_start_is_quoted(platform: Path, tmp_path: Path) -> None:
    broken = tmp_path / "qemu"
    broken.write_text("#!/bin/sh\necho 'qemu: no room' >&2\nexit 1\n")
    broken.chmod(0o755)
    arguments = command(platform)
    arguments[arguments.index("--qemu") + 1] = broken
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1 and "qemu: no room" in done.stderr


def test_openssl_agrees_on_the_evidence(platform: Path, tmp_path: Path) -> None:
    """Chain, forms and signature by a tool that shares nothing with either side."""
    evidence = tmp_path / "evidence"
    document = init_data.write_bare(tmp_path / "init-data.toml")
    host_data = hashlib.sha256(document.read_bytes()).digest()
    assert boot(platform, "--vcpu-type", "EPYC-Milan", "--evidence", evidence, "--init-data", document).status == 0
    report = (evidence / "report.bin").read_bytes()
    assert len(report) == 1184
    vcek = next(path for path in platform.glob("vcek-Milan-*.pem") if not path.name.endswith(".key.pem"))
    assert openssl("verify", "-CAfile", platform / "ark.pem", "-untrusted", platform / "ask.pem", vcek).endswith("OK\n")
    text = openssl("x509", "-in", vcek, "-noout", "-text")
    for form in ("rsassaPss", "Salt Length: 0x30", "secp384r1", "Serial Number: 0 ", "SIMULATED"):
        assert form in text
    identifiers = [line.strip().rstrip(": ") for line in text.splitlines() if "1.3.6.1.4.1.3704." in line]
    kds = "1.3.6.1.4.1.3704.1."
    assert identifiers == [kds + end for end in ("1", "2", "3.1", "3.2", "3.4", "3.5", "3.6", "3.7", "3.3", "3.8", "4")]

    (tmp_path / "vcek.pub").write_text(openssl("x509", "-in", vcek, "-noout", "-pubkey"))
    (tmp_path / "signed").write_bytes(report[:0x2A0])
    (tmp_path / "signature").write_bytes(ecdsa_der(report[0x2A0:0x2E8], report[0x2E8:0x330]))
    assert "Verified OK" in openssl("dgst", "-sha384", "-verify", tmp_path / "vcek.pub", "-signature",
                                    tmp_path / "signature", tmp_path / "signed")

    version, policy = struct.unpack_from("<I", report, 0)[0], struct.unpack_from("<Q", report, 8)[0]
    assert (version, policy) == (3, 0x30000)
    assert report[0x50:0x90] == report_data((evidence / "challenge.bin").read_bytes())
    assert report[0x90:0xC0].hex() in reference_values()
    assert report[0xC0:0xE0] == host_data
    assert tuple(report[0x188:0x18B]) == (25, 1, 1)  # QEMU's EPYC-Milan
    assert report[0x1A0:0x1E0].hex() == (platform / "chip-id").read_text().strip()


def openssl(*arguments: str | Path) -> str:
    return subprocess.run(["openssl", *arguments], capture_output=True, text=True, timeout=60, check=True).stdout


def ecdsa_der(r: bytes, s: bytes) -> bytes:
    """SEQUENCE of two INTEGERs, from little-endian numbers."""
    def integer(number: bytes) -> bytes:
        digits = number[::-1].lstrip(b"\0")
        digits = b"\0" + digits if digits[0] >= 0x80 else digits
        return b"\x02" + bytes([len(digits)]) + digits
    content = integer(r) + integer(s)
    return b"\x30" + bytes([len(content)]) + content


def test_platform_values_are_those_of_the_report(platform: Path, tmp_path: Path) -> None:
    values = tmp_path / "platform-values.json"
    done = boot(platform, "--platform-values", values, "--evidence", tmp_path / "evidence")
    assert done.status == 0
    tcb = (tmp_path / "evidence" / "report.bin").read_bytes()[0x180:0x188]
    message = json.loads(values.read_text())
    published = json.loads(base64.b64decode(message["payload"]))
    assert published["snp_bootloader"] == [tcb[0]]
    assert published["snp_tee_svn"] == [tcb[1]]
    assert published["snp_snp_svn"] == [tcb[6]]
    assert published["snp_microcode"] == [tcb[7]]


def test_the_console_is_written_where_asked(platform: Path, tmp_path: Path) -> None:
    console = tmp_path / "console"
    assert boot(platform, "--console", console).status == 0
    assert "hallmark-guest" in console.read_text(errors="replace")


def test_people_see_each_step_with_its_time(platform: Path) -> None:
    arguments = [argument for argument in command(platform) if argument != "--json"]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=TIME_LIMIT + END_LIMIT, check=False)
    assert done.returncode == 0
    for step in ("prepare", "start", "launch", "measure", "boot", "attest", "power off", "prove"):
        assert any(f" s  {step}" in line for line in done.stdout.splitlines()), step
    assert done.stdout.splitlines()[-1].startswith("proven: ")
    assert "\033" not in done.stdout
