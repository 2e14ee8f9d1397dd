# SPDX-License-Identifier: Apache-2.0
"""The command lines with which hallmark-boot starts a guest on real hardware: those of Kata Containers 4.1.0.

The expected texts are written from Kata's own sources (src/runtime/pkg/govmm/qemu, virtcontainers/qemu_amd64.go), not
from this program's output.
"""

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("HALLMARK_BUILD", ROOT / "build"))
PROGRAM = BUILD / "boot" / "hallmark-boot"
QEMU = Path(os.environ.get("HALLMARK_QEMU", BUILD / "boot" / "qemu"))
GUEST = Path(os.environ.get("HALLMARK_GUEST", BUILD / "guest"))

QUOTE_SERVICE = "/var/run/tdx-qgs/qgs.socket"
HOST_DATA = bytes(range(32))
MRCONFIGID = bytes(range(48))
C_BIT = 51  # of every EPYC with SNP

pytestmark = pytest.mark.skipif(not (GUEST / "reference-values.json").is_file(), reason=f"no guest image in {GUEST}")


def boot(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, GUEST, *arguments], capture_output=True, text=True, timeout=60, check=False)


def argv(*arguments: str | Path) -> list[str]:
    done = boot(*arguments, "--dry-run", "--json")
    assert done.returncode == 0, done
    answer = json.loads(done.stdout)
    assert list(answer) == ["argv"]
    return answer["argv"]


def value(command: list[str], option: str) -> str:
    """The value of an option that stands once."""
    assert command.count(option) == 1, option
    return command[command.index(option) + 1]


def command_line(name: str) -> str:
    lines = json.loads((GUEST / "manifest.json").read_text())["command_lines"]
    return next(line["text"] for line in lines if line["name"] == name)


def test_snp_is_started_as_kata_does() -> None:
    command = argv("--tee", "snp", "--vcpus", "2", "--memory", "2048", "--command-line", "kata-4.1-go")
    assert command[0] == "qemu-system-x86_64"
    assert value(command, "-machine") == "q35,accel=kvm,kernel_irqchip=split,confidential-guest-support=snp"
    assert value(command, "-cpu") == "EPYC-v4,pmu=off"
    assert value(command, "-object") == (
        f"sev-snp-guest,id=snp,cbitpos={C_BIT},reduced-phys-bits=1,kernel-hashes=on,policy=196608")
    assert value(command, "-bios") == str(GUEST / "OVMF.amdsev.fd")
    assert value(command, "-kernel") == str(GUEST / "vmlinuz")
    assert value(command, "-append") == command_line("kata-4.1-go")
    assert value(command, "-m") == "2048M"  # no slots, no maxmem: memory is never plugged
    assert value(command, "-smp") == "2,maxcpus=2"  # every CPU is there at launch, and measured
    assert "readonly=on" in value(command, "-drive") and str(GUEST / "guest.img") in value(command, "-drive")
    assert "-initrd" not in command and not any("pflash" in word for word in command)


def test_snp_host_data_is_base64_of_32_bytes() -> None:
    command = argv("--tee", "snp", "--host-data", HOST_DATA.hex())
    assert value(command, "-object").endswith(",policy=196608,host-data=" + base64.b64encode(HOST_DATA).decode())


def test_snp_cpu_type_is_the_one_asked_for() -> None:
    assert value(argv("--tee", "snp", "--vcpu-type", "EPYC-Genoa"), "-cpu") == "EPYC-Genoa,pmu=off"


def test_tdx_is_started_as_kata_does() -> None:
    command = argv("--tee", "tdx", "--vcpus", "4", "--host-data", MRCONFIGID.hex())
    assert value(command, "-machine") == "q35,accel=kvm,kernel_irqchip=split,confidential-guest-support=tdx"
    assert value(command, "-cpu") == "host,pmu=off"
    socket = {"type": "vsock", "cid": "2", "port": "4050"}
    if Path(QUOTE_SERVICE).exists():
        socket = {"type": "unix", "path": QUOTE_SERVICE}
    assert json.loads(value(command, "-object")) == {
        "qom-type": "tdx-guest", "id": "tdx", "mrconfigid": base64.b64encode(MRCONFIGID).decode(),
        "quote-generation-socket": socket}
    assert value(command, "-bios") == str(GUEST / "OVMF.fd")
    assert value(command, "-append") == command_line("hallmark")
    assert value(command, "-smp") == "4,maxcpus=4"


@pytest.mark.parametrize(("tee", "type_name"), [("snp", "sev-snp-guest"), ("tdx", "tdx-guest")])
def test_the_locked_qemu_knows_every_property(tee: str, type_name: str) -> None:
    known = set(properties(type_name))
    host_data = (HOST_DATA if tee == "snp" else MRCONFIGID).hex()
    text = value(argv("--tee", tee, "--host-data", host_data), "-object")
    used = set(json.loads(text)) if text.startswith("{") else {part.split("=")[0] for part in text.split(",")[1:]}
    assert used - {"qom-type", "id"}
    assert used - {"qom-type", "id"} <= known


def properties(type_name: str) -> Iterator[str]:
    """All properties of an object: `-object TYPE,help` lists only those of its class (for tdx-guest none), QMP also
    those that an instance adds."""
    if not QEMU.is_file():
        pytest.skip(f"{QEMU} is missing; build the image, or set HALLMARK_QEMU")
    listed = subprocess.run([QEMU, "-object", f"{type_name},help"], capture_output=True, text=True, timeout=60,
                            check=True).stdout
    assert type_name in listed
    yield from (line.strip().split("=")[0] for line in listed.splitlines() if "=<" in line)
    requests = [{"execute": "qmp_capabilities"},
                {"execute": "qom-list-properties", "arguments": {"typename": type_name}},
                {"execute": "quit"}]
    answers = subprocess.run([QEMU, "-machine", "none", "-nodefaults", "-display", "none", "-S", "-qmp", "stdio"],
                             input="".join(json.dumps(request) + "\n" for request in requests), capture_output=True,
                             text=True, timeout=60, check=True).stdout
    for line in answers.splitlines():
        listing = json.loads(line).get("return")
        if isinstance(listing, list):
            yield from (one["name"] for one in listing)


@pytest.mark.parametrize(("tee", "lacking"), [("snp", "/dev/sev"), ("tdx", "kvm_intel/parameters/tdx")])
def test_a_host_without_the_hardware_is_told_what_is_missing(tee: str, lacking: str) -> None:
    flag = "sev_snp" if tee == "snp" else "tdx_host_platform"
    if flag in Path("/proc/cpuinfo").read_text().split():
        pytest.skip(f"this host has {flag}")
    done = boot("--tee", tee, "--json")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert flag in done.stderr and lacking in done.stderr and "--tee simulated-snp" in done.stderr
    answer = json.loads(done.stdout)
    assert answer["verdict"] == "refused" and answer["reason"] in done.stderr
    assert answer["digests"] == {"predicted": None, "memory": None, "report": None}


@pytest.mark.parametrize(("arguments", "why"), [
    (["--tee", "sgx"], "known are simulated-snp, simulated-tdx, snp, tdx"),
    (["--tee", "snp", "--vcpus", "0"], "--vcpus: found 0, expected 1 to 64"),
    (["--tee", "snp", "--vcpus", "65"], "--vcpus: found 65"),
    (["--tee", "snp", "--vcpus", "two"], "two"),
    (["--tee", "snp", "--memory", "10"], "--memory"),
    (["--tee", "snp", "--timeout", "0"], "--timeout"),
    (["--tee", "snp", "--vcpu-type", "Opteron"], "EPYC-v4"),
    (["--tee", "snp", "--host-data", "00"], "--host-data: found 1 bytes, expected 32"),
    (["--tee", "snp", "--host-data", "0x"], "--host-data"),
    (["--tee", "tdx", "--host-data", "00" * 32], "--host-data: found 32 bytes, expected 48"),
    (["--tee", "snp", "--attack", "kernel-bit"], "--attack"),
    (["--tee", "simulated-snp", "--attack", "nonsense"], "kernel-bit-rehashed"),
    (["--tee", "simulated-snp", "--attack", "event-log"], "which mounts kernel-bit, kernel-bit-rehashed, command-line, no-hash-table"),
    (["--tee", "simulated-snp", "--dry-run"], "--dry-run"),
    (["--tee", "simulated-tdx", "--dry-run"], "--dry-run"),
    (["--tee", "simulated-tdx", "--attack", "no-hash-table"], "which mounts kernel-bit, firmware-byte, foreign-chain, event-log"),
    (["--tee", "simulated-tdx", "--host-data", "00" * 32], "--host-data: found 32 bytes, expected 48"),
    (["--tee", "simulated-tdx", "--platform-values", "values"], "give --tee simulated-snp"),
    (["--tee", "simulated-tdx", "--scrub"], "give --tee simulated-snp"),
    (["--tee", "simulated-tdx", "--command-line", "other"], "hallmark, kata-4.1-go"),
    (["--tee", "snp", "--dry-run", "--command-line", "other"], "hallmark, kata-4.1-go"),
    (["--tee", "simulated-snp", "--disk", "data"], "--disk data: expected SERIAL=FILE"),
    (["--tee", "simulated-snp", "--disk", "a,b=file"], "--disk a,b=file: expected SERIAL=FILE"),
    (["--tee", "simulated-snp", "--disk", "hallmark-scratch=file"], "that is not hallmark-scratch"),
    (["--tee", "simulated-snp", "--disk", "123456789012345678901=file"], "a serial number of at most 20"),
    (["--tee", "snp", "--nonsense"], "--help"),
    ([], "--tee"),
])
def test_wrong_requests_are_refused_in_one_line(arguments: list[str], why: str) -> None:
    done = boot(*arguments)
    assert done.returncode == 2, done
    assert done.stdout == "" and done.stderr.count("\n") == 1
    assert why in done.stderr


def test_a_host_without_a_software_tpm_is_told_what_to_install(tmp_path: Path) -> None:
    done = subprocess.run([PROGRAM, GUEST, "--tee", "simulated-tdx"], capture_output=True, text=True, timeout=60,
                          check=False, env={"PATH": "/nowhere", "HOME": str(tmp_path)})
    assert done.returncode == 2 and done.stdout.count("\n") == 1  # the first step, which is to predict
    assert done.stderr == "hallmark-boot: swtpm: not found in PATH; install the package swtpm\n"


def test_a_folder_without_an_image_is_refused(tmp_path: Path) -> None:
    done = subprocess.run([PROGRAM, tmp_path, "--tee", "simulated-snp"], capture_output=True, text=True, timeout=60,
                          check=False)
    assert done.returncode == 2 and "manifest.json" in done.stderr and done.stderr.count("\n") == 1


def test_reference_values_of_another_image_are_refused(tmp_path: Path) -> None:
    for file in GUEST.iterdir():
        (tmp_path / file.name).symlink_to(file.resolve())
    manifest = tmp_path / "manifest.json"
    text = manifest.read_text().replace('"name": "hallmark-guest"', '"name": "other-guest"')
    manifest.unlink()
    manifest.write_text(text)
    done = subprocess.run([PROGRAM, tmp_path, "--tee", "snp", "--dry-run"], capture_output=True, text=True, timeout=60,
                          check=False)
    assert done.returncode == 2 and "reference-values" in done.stderr


def test_help_shows_an_example() -> None:
    done = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, timeout=60, check=True)
    assert "hallmark-boot build/guest --tee simulated-snp --vcpus 2" in done.stdout
