# SPDX-License-Identifier: Apache-2.0
"""hallmark-measure as its users call it, against digests that sev-snp-measure printed."""

import base64
import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("HALLMARK_BUILD", ROOT / "build"))
VECTORS = Path(os.environ.get("HALLMARK_VECTORS", ROOT / "../shared/vectors")) / "amd-sev"
PROGRAM = BUILD / "measure" / "hallmark-measure"

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


def vector_rows() -> list[list[str]]:
    rows = []
    for name in ("synthetic.tsv", "vectors.tsv"):
        path = VECTORS / name
        if path.is_file():
            with path.open(newline="") as file:
                table = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
            rows += [row for row in table if row[0] == "snp" and row[5] == "QEMU"]
    return rows


@pytest.fixture(scope="session")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the firmware, kernels and initrds that the vectors name."""
    maker = VECTORS / "make-synthetic-firmware.py"
    if not maker.is_file():
        pytest.skip(f"{maker} is missing; set HALLMARK_VECTORS to the folder of the test vectors")
    folder = tmp_path_factory.mktemp("firmware")
    subprocess.run([sys.executable, maker, folder], check=True)
    for name in ("ovmf_2M.fd", "kernel.bin", "initrd.bin"):
        (folder / name).symlink_to((VECTORS / name).resolve())
    return folder


def turin(inputs: Path) -> list[str | Path]:
    """The arguments of TURIN_DIGEST, without the CPU model."""
    return ["--vcpus", "3", "--ovmf", inputs / "amdsev-64k.fd", "--kernel", inputs / "synthetic-kernel",
            "--initrd", inputs / "synthetic-initrd", "--append", KERNEL_LINE]


def test_vectors_are_not_empty(inputs: Path) -> None:
    assert len(vector_rows()) >= 22


def name_of(row: object) -> str | None:
    """Nothing where pytest stands in for rows that are not there."""
    return "-".join(row[1:5]) + ("-k" if row[6] != "-" else "") if isinstance(row, list) else None


@pytest.mark.parametrize("row", vector_rows(), ids=name_of)
def test_digest_of_vector(row: list[str], inputs: Path) -> None:
    _, firmware, vcpus, cpu, features, vmm, kernel, initrd, append, expected = row
    arguments: list[str | Path] = ["snp", "--ovmf", inputs / firmware, "--vcpus", vcpus, "--vcpu-type", cpu,
                                   "--guest-features", features, "--vmm-type", vmm]
    if kernel != "-":
        arguments += ["--kernel", inputs / kernel]
    if initrd != "-":
        arguments += ["--initrd", inputs / initrd]
    if json.loads(append) is not None:
        arguments += ["--append", json.loads(append)]
    if expected == "ERROR":
        assert "kernel hashes" in refused(*arguments)
        return
    done = run(*arguments)
    assert (done.returncode, done.stdout, done.stderr) == (0, expected + "\n", "")


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


def test_drop_in_name(inputs: Path, tmp_path: Path) -> None:
    drop_in = tmp_path / "sev-snp-measure"
    drop_in.symlink_to(PROGRAM)
    arguments = ["--mode", "snp", "--vcpu-type", "EPYC-Turin", *turin(inputs)]
    assert run(*arguments, program=drop_in).stdout == TURIN_DIGEST + "\n"
    assert "mode" in refused("--mode", "sev", *arguments[2:], program=drop_in)
    assert "mode" in refused(*arguments[2:], program=drop_in)


@pytest.mark.parametrize(("arguments", "words"), [
    ([], ["subcommand"]),
    (["snp"], ["--ovmf"]),
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


@pytest.mark.parametrize("command", [[], ["snp"], ["reference-values"]])
def test_help_shows_an_example(command: list[str]) -> None:
    done = run(*command, "--help")
    assert done.returncode == 0 and "Example:\n  hallmark-measure " in done.stdout


def test_version() -> None:
    done = run("--version")
    assert done.returncode == 0 and done.stdout.startswith("hallmark-measure ")
