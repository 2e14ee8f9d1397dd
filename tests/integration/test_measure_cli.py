# SPDX-License-Identifier: Apache-2.0
"""hallmark-measure as its users call it, against digests that sev-snp-measure printed."""

import base64
import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.integration.amd_vectors import inputs, vector_rows  # noqa: F401 - inputs is a fixture

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("HALLMARK_BUILD", ROOT / "build"))
PROGRAM = BUILD / "measure" / "hallmark-measure"
DROP_IN = BUILD / "measure" / "sev-snp-measure"

KERNEL_LINE = "console=ttyS0"
# amdsev-64k.fd, 3 vCPUs, EPYC-Turin, synthetic kernel and initrd, KERNEL_LINE (a row of synthetic.tsv).
TURIN_DIGEST = "38fd00bf88ceb68faab3c02aa4a3ec2a8e4bbd79a4863226419cc451b68546dee12ca150f52d3729b5bad5fef35c4659"


def run(*arguments: str | Path, program: Path = PROGRAM) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=60, check=False)


def refused(*arguments: str | Path, program: Path = PROGRAM) -> str:
    """The one line with which a request is refused."""
    done = run(*arguments, program=program)
    assert done.returncode == 2, done
    assert done.stdout == ""
    assert done.stderr.endswith("\n") and done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def turin(inputs: Path) -> list[str | Path]:
    """The arguments of TURIN_DIGEST, without the CPU model."""
    return ["--vcpus", "3", "--ovmf", inputs / "amdsev-64k.fd", "--kernel", inputs / "synthetic-kernel",
            "--initrd", inputs / "synthetic-initrd", "--append", KERNEL_LINE]


def test_vectors_are_not_empty(inputs: Path) -> None:
    assert len(vector_rows()) >= 47


def name_of(row: object) -> str | None:
    """Nothing where pytest stands in for rows that are not there."""
    if not isinstance(row, list):
        return None
    return "-".join([row[0], *row[1:6]]) + ("-k" if row[6] != "-" else "") + ("i" if row[7] != "-" else "")


def arguments_of(row: list[str], inputs: Path) -> tuple[str, list[str | Path]]:
    """The mode of a row, and its flags as sev-snp-measure takes them."""
    mode, firmware, vcpus, cpu, features, vmm, kernel, initrd, append, _ = row
    arguments: list[str | Path] = ["--ovmf", inputs / firmware]
    if mode != "sev":
        arguments += ["--vcpus", vcpus, "--vcpu-type", cpu, "--vmm-type", vmm]
    if mode == "snp":
        arguments += ["--guest-features", features]
    if kernel != "-":
        arguments += ["--kernel", inputs / kernel]
    if initrd != "-":
        arguments += ["--initrd", inputs / initrd]
    if json.loads(append) is not None:
        arguments += ["--append", json.loads(append)]
    return mode, arguments


@pytest.mark.parametrize("row", vector_rows(), ids=name_of)
def test_digest_of_vector(row: list[str], inputs: Path) -> None:
    mode, arguments = arguments_of(row, inputs)
    if row[-1] == "ERROR":
        assert "kernel hashes" in refused(mode, *arguments)
        return
    done = run(mode, *arguments)
    assert (done.returncode, done.stdout) == (0, row[-1] + "\n")
    assert ("legacy" in done.stderr) == (mode == "seves")


@pytest.mark.parametrize("row", vector_rows(), ids=name_of)
def test_digest_of_vector_by_the_other_name(row: list[str], inputs: Path) -> None:
    mode, arguments = arguments_of(row, inputs)
    done = run("--mode", mode, *arguments, program=DROP_IN)
    if row[-1] == "ERROR":
        assert (done.returncode, done.stdout) == (1, "") and done.stderr.startswith("Error: ")
        return
    assert (done.returncode, done.stdout, done.stderr) == (0, row[-1] + "\n", "")


@pytest.mark.parametrize("model", [
    ["--vcpu-type", "EPYC-Turin-v2"],
    ["--vcpu-sig", "0xb00f00"],
    ["--vcpu-sig", "11538176"],
    ["--vcpu-family", "26", "--vcpu-model", "0", "--vcpu-stepping", "0"],
    # Family wins over signature, signature over type.
    ["--vcpu-family", "26", "--vcpu-model", "0", "--vcpu-stepping", "0", "--vcpu-sig", "1", "--vcpu-type", "EPYC"],
    ["--vcpu-sig", "0xb00f00", "--vcpu-type", "EPYC"],
])
def test_one_model_in_many_words(model: list[str], inputs: Path) -> None:
    assert run("snp", *turin(inputs), *model).stdout == TURIN_DIGEST + "\n"


def test_base64(inputs: Path) -> None:
    done = run("snp", *turin(inputs), "--vcpu-type", "EPYC-Turin", "--output-format", "base64")
    assert base64.b64decode(done.stdout) == bytes.fromhex(TURIN_DIGEST)


def test_json(inputs: Path) -> None:
    answer = json.loads(run("snp", *turin(inputs), "--vcpu-type", "EPYC-Turin", "--json").stdout)
    assert answer["launch_digest"] == TURIN_DIGEST
    assert answer["parameters"]["vcpus"] == 3
    assert answer["parameters"]["vcpu_signature"] == "0xb00f00"


@pytest.mark.parametrize(("arguments", "words"), [
    ([], ["subcommand"]),
    (["snp"], ["--ovmf"]),
    (["sev"], ["--ovmf"]),
    (["seves", "--ovmf", "F"], ["--vcpus"]),
    (["seves", "--ovmf", "F", "--vcpus", "1"], ["--vcpu-type"]),
    (["snp", "--ovmf", "F", "--vcpus", "1", "--vcpu-type", "EPYC", "--vmm-type", "QEMU-legacy-es"], ["seves"]),
    (["snp", "--ovmf", "F", "--vcpus", "1", "--vcpu-type", "EPYC", "--guest-features", "DebugSwapp"], ["DebugSwap"]),
    (["snp", "--ovmf", "F", "--vcpus", "1", "--vcpu-type", "EPYC", "--vmsa", "rips=1"], ["--vmsa", "rips", "expected rip"]),
    (["snp", "--ovmf", "F", "--vcpus", "1", "--vcpu-type", "EPYC", "--vmsa", "mxcsr=0x100000000"], ["mxcsr", "32 bits"]),
    (["snp", "--ovmf", "F", "--seed", "S", "--vcpus", "1", "--vcpu-type", "EPYC"], ["--seed", "--ovmf"]),
    (["snp", "--ovmf", "F", "--svsm", "S", "--vcpus", "1", "--vcpu-type", "EPYC"], ["--vars-size"]),
    (["matrix", "--ovmf", "F", "--vcpus", "4-2", "--vcpu-type", "all"], ["4-2"]),
    (["matrix", "--ovmf", "F", "--vcpus", "1-4097", "--vcpu-type", "all"], ["4097", "4096"]),
    (["matrix", "--ovmf", "F", "--vcpus", "1"], ["--vcpu-type"]),
    (["extend", "--launch-digest", "00", "--vcpus", "1", "--vcpu-type", "EPYC"], ["--launch-digest", "96"]),
    (["snp", "--ovmf", "F", "--vcpu-type", "EPYC"], ["--vcpus"]),
    (["snp", "--ovmf", "F", "--vcpus", "1"], ["--vcpu-type"]),
    (["snp", "--ovmf", "F", "--vcpus", "0", "--vcpu-type", "EPYC"], ["--vcpus", "1 to"]),
    (["snp", "--ovmf", "F", "--vcpus", "two", "--vcpu-type", "EPYC"], ["--vcpus", "two"]),
    (["snp", "--ovmf", "F", "--vcpus", "1", "--vcpu-type", "EPYC-Venice"],
     ["EPYC-Venice", "EPYC-v4", "EPYC-IBPB", "EPYC-Rome", "EPYC-Milan-v3", "EPYC-Genoa-v2", "EPYC-Turin-v2"]),
    (["snp", "--ovmf", "F", "--vcpus", "1", "--vcpu-family", "25"], ["--vcpu-model"]),
    (["snp", "--ovmf", "F", "--vcpus", "1", "--vcpu-family", "271", "--vcpu-model", "1", "--vcpu-stepping", "1"],
     ["271", "270"]),
    (["snp", "--ovmf", "F", "--vcpus", "1", "--vcpu-sig", "0x100000000"], ["--vcpu-sig"]),
    (["snp", "--ovmf", "F", "--vcpus", "1", "--vcpu-type", "EPYC", "--vmm-type", "bhyve"], ["bhyve", "QEMU"]),
    (["snp", "--ovmf", "F", "--vcpus", "1", "--vcpu-type", "EPYC", "--guest-features", "all"], ["--guest-features"]),
    (["snp", "--ovmf", "F", "--vcpus", "1", "--vcpu-type", "EPYC", "--output-format", "octal"], ["octal"]),
    (["snp", "--ovmf", "F", "--vcpus", "1", "--vcpu-type", "EPYC", "--unknown"], ["--unknown"]),
    (["snp", "--ovmf", "", "--vcpus", "1", "--vcpu-type", "EPYC"], ["--ovmf", "empty"]),
    (["snp", "--ovmf", "/nonexistent/F", "--vcpus", "1", "--vcpu-type", "EPYC"], ["/nonexistent/F", "No such file"]),
    (["reference-values", "/nonexistent"], ["/nonexistent/manifest.json"]),
    (["reference-values"], ["DIR"]),
])
def test_wrong_request(arguments: list[str], words: list[str]) -> None:
    line = refused(*arguments)
    assert line.startswith("hallmark-measure: ")
    assert all(word in line for word in words), line


@pytest.mark.parametrize(("option", "value"), [("--initrd", "initrd"), ("--append", "quiet"), ("--append", "")])
def test_kernel_is_missing(option: str, value: str, inputs: Path) -> None:
    line = refused("snp", "--ovmf", inputs / "amdsev-64k.fd", "--vcpus", "1", "--vcpu-type", "EPYC", option, value)
    assert option in line and "--kernel" in line


def test_kernel_without_a_name_is_not_left_out(inputs: Path) -> None:
    line = refused("snp", "--ovmf", inputs / "amdsev-64k.fd", "--vcpus", "1", "--vcpu-type", "EPYC", "--kernel", "")
    assert "--kernel" in line


@pytest.mark.parametrize("size", [0, 1, 4095, 4096, 65536, 65537, 16 * 2**20 + 4096])
def test_garbage_firmware(size: int, tmp_path: Path) -> None:
    firmware = tmp_path / "garbage.fd"
    firmware.write_bytes(bytes((7 * i + 3) & 0xFF for i in range(4096)) * (size // 4096) + bytes(size % 4096))
    assert str(firmware) in refused("snp", "--ovmf", firmware, "--vcpus", "1", "--vcpu-type", "EPYC")


@pytest.mark.parametrize("cut", [1, 4096, 32768, 65535])
def test_truncated_firmware(cut: int, inputs: Path, tmp_path: Path) -> None:
    firmware = tmp_path / "cut.fd"
    firmware.write_bytes((inputs / "amdsev-64k.fd").read_bytes()[:-cut])
    assert str(firmware) in refused("snp", "--ovmf", firmware, "--vcpus", "1", "--vcpu-type", "EPYC")


def test_folder_as_firmware(tmp_path: Path) -> None:
    assert "regular file" in refused("snp", "--ovmf", tmp_path, "--vcpus", "1", "--vcpu-type", "EPYC")


def test_closed_output(inputs: Path) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run([PROGRAM, "snp", *turin(inputs), "--vcpu-type", "EPYC"], stdout=full,
                              stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert done.returncode == 2 and "standard output" in done.stderr


@pytest.mark.parametrize("command", [[], ["snp"], ["sev"], ["seves"], ["matrix"], ["firmware-seed"], ["extend"],
                                     ["reference-values"]])
def test_help_shows_an_example(command: list[str]) -> None:
    done = run(*command, "--help")
    assert done.returncode == 0 and "Example:\n  hallmark-measure " in done.stdout


def test_version() -> None:
    done = run("--version")
    assert done.returncode == 0 and done.stdout.startswith("hallmark-measure ")
