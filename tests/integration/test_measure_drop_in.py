# SPDX-License-Identifier: Apache-2.0
"""hallmark-measure under the name sev-snp-measure, and the differences that --compat names."""

import base64
import hashlib
import subprocess
import uuid
from pathlib import Path

import pytest

from tests.integration import svsm_oracle
from tests.integration.test_measure_cli import DROP_IN, KERNEL_LINE, TURIN_DIGEST, inputs, refused, run, turin

__all__ = ["inputs"]

VARIABLES = 540672
SVSM = ["--vcpu-type", "EPYC-v4", "--vars-size", str(VARIABLES)]


def drop_in(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return run(*arguments, program=DROP_IN)


def failed(*arguments: str | Path) -> str:
    """What goes wrong after the request was accepted."""
    done = drop_in(*arguments)
    assert (done.returncode, done.stdout) == (1, "") and done.stderr.startswith("Error: "), done
    return done.stderr


def test_is_a_link_beside_the_program() -> None:
    assert DROP_IN.is_symlink() and DROP_IN.readlink() == Path("hallmark-measure")


def test_says_whose_flags_it_takes() -> None:
    assert drop_in("--version").stdout.startswith("sev-snp-measure 0.0.13 (hallmark-measure ")


@pytest.mark.parametrize(("mode", "name"), [("snp", "SEV_SNP"), ("seves", "SEV_ES"), ("sev", "SEV")])
def test_verbose(mode: str, name: str, inputs: Path) -> None:
    arguments = ["--mode", mode, "--vcpu-type", "EPYC-Turin", *turin(inputs)]
    quiet = drop_in(*arguments).stdout
    assert drop_in(*arguments, "-v").stdout == f"Calculated {name} guest measurement: {quiet}"
    as_base64 = drop_in(*arguments, "--output-format", "base64").stdout
    assert base64.b64decode(as_base64).hex() + "\n" == quiet


def test_firmware_by_its_digest(inputs: Path, tmp_path: Path) -> None:
    firmware = inputs / "amdsev-64k.fd"
    digest = drop_in("--mode", "snp:ovmf-hash", "--ovmf", firmware, "--output-format", "base64").stdout.strip()
    assert len(digest) == 96
    # Only the tables of the image are looked at, not its other bytes.
    damaged = tmp_path / "damaged.fd"
    damaged.write_bytes(bytes(1) + firmware.read_bytes()[1:])
    arguments = ["--mode", "snp", "--vcpu-type", "EPYC-Turin", *turin(inputs)]
    arguments[arguments.index(firmware)] = damaged
    assert drop_in(*arguments).stdout != TURIN_DIGEST + "\n"
    assert drop_in(*arguments, "--snp-ovmf-hash", digest).stdout == TURIN_DIGEST + "\n"
    assert "96" in failed(*arguments, "--snp-ovmf-hash", digest[:-2])


@pytest.mark.parametrize(("mode", "files"), [("snp", 3), ("seves", 3)])
def test_dumps_states(mode: str, files: int, inputs: Path, tmp_path: Path) -> None:
    arguments = ["--mode", mode, "--vcpu-type", "EPYC-v4", *turin(inputs), "--dump-vmsa"]
    subprocess.run([DROP_IN, *arguments], cwd=tmp_path, check=True, capture_output=True, timeout=60)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"vmsa{i}.bin" for i in range(files)]
    assert all(path.stat().st_size == 4096 for path in tmp_path.iterdir())


def test_dumped_states_are_those_of_the_vectors(inputs: Path, tmp_path: Path) -> None:
    vectors = inputs.joinpath("ovmf_2M.fd").resolve().parent
    subprocess.run([DROP_IN, "--mode", "snp", "--vcpu-type", "EPYC-v4", *turin(inputs), "--dump-vmsa"], cwd=tmp_path,
                   check=True, capture_output=True, timeout=60)  # fmt: skip
    assert (tmp_path / "vmsa0.bin").read_bytes() == (vectors / "vmsa_QEMU_bsp_sig800f12_feat1.bin").read_bytes()
    other = vectors / "vmsa_QEMU_ap_eip_0080b004_sig800f12_feat1.bin"
    assert (tmp_path / "vmsa1.bin").read_bytes() == other.read_bytes()


def svsm_files(inputs: Path, tmp_path: Path) -> tuple[bytes, svsm_oracle.Svsm, list[str | Path]]:
    svsm = svsm_oracle.make()
    (tmp_path / "svsm.bin").write_bytes(svsm.image)
    firmware = inputs / "amdsev-64k.fd"
    return firmware.read_bytes(), svsm, ["--ovmf", firmware, "--svsm", tmp_path / "svsm.bin", *SVSM]


@pytest.mark.parametrize("vcpus", [1, 2, 4])
def test_svsm(vcpus: int, inputs: Path, tmp_path: Path) -> None:
    ovmf, svsm, arguments = svsm_files(inputs, tmp_path)
    expected = svsm_oracle.digest(ovmf, svsm, VARIABLES, vcpus, 0x800F12) + "\n"
    assert drop_in("--mode", "snp:svsm", *arguments, "--vcpus", str(vcpus)).stdout == expected
    assert run("snp", *arguments, "--vcpus", str(vcpus)).stdout == expected
    variables = tmp_path / "vars.fd"
    variables.write_bytes(bytes(VARIABLES))
    by_file = [*arguments[:-2], "--vars-file", variables]
    assert drop_in("--mode", "snp:svsm", *by_file, "--vcpus", str(vcpus)).stdout == expected


def test_svsm_compat(inputs: Path, tmp_path: Path) -> None:
    ovmf, svsm, arguments = svsm_files(inputs, tmp_path)
    request = ["--mode", "snp:svsm", *arguments, "--vcpus", "2", "--guest-features", "0x21"]
    for compat, features, fcw in [([], 0x21, 0x37F), (["svsm-fcw"], 0x21, 0), (["svsm-features"], 1, 0x37F),
                                  (["svsm-fcw", "svsm-features"], 1, 0)]:  # fmt: skip
        names = [word for name in compat for word in ("--compat", name)]
        expected = svsm_oracle.digest(ovmf, svsm, VARIABLES, 2, 0x800F12, features, fcw)
        assert drop_in(*request, *names).stdout == expected + "\n", compat


def test_empty_files_compat(inputs: Path) -> None:
    arguments = ["--mode", "sev", "--ovmf", inputs / "amdsev-64k.fd", "--kernel", "/dev/null"]
    failed(*arguments)
    ids = ["97d02dd8-bd20-4c94-aa78-e7714d36ab2a", "44baf731-3a2f-4bd7-9af1-41e29169781d",
           "4de79437-abd2-427f-b835-d5b172d2045b"]  # fmt: skip
    table = uuid.UUID("9438d606-4f22-4cc9-b479-a793d411fd21").bytes_le + (168).to_bytes(2, "little")
    for name, content in zip(ids, (b"\0", b"", b"")):
        table += uuid.UUID(name).bytes_le + (50).to_bytes(2, "little") + hashlib.sha256(content).digest()
    expected = hashlib.sha256((inputs / "amdsev-64k.fd").read_bytes() + table + bytes(8)).hexdigest()
    assert drop_in(*arguments, "--compat", "empty-files").stdout == expected + "\n"


def test_empty_names_compat(inputs: Path) -> None:
    arguments = ["--mode", "sev", "--ovmf", inputs / "amdsev-64k.fd"]
    alone = drop_in(*arguments).stdout
    empty = ["--kernel", "", "--initrd", "", "--append", ""]
    failed(*arguments, *empty)
    assert drop_in(*arguments, *empty, "--compat", "empty-names").stdout == alone


def test_zero_vcpus_compat(inputs: Path) -> None:
    arguments = ["--mode", "seves", "--ovmf", inputs / "amdsev-64k.fd", "--vcpu-type", "EPYC-v4", "--vcpus", "0"]
    assert "--vcpus" in refused(*arguments, program=DROP_IN)
    # No CPU: SEV.
    sev = drop_in("--mode", "sev", "--ovmf", inputs / "amdsev-64k.fd").stdout
    assert drop_in(*arguments, "--compat", "zero-vcpus").stdout == sev


@pytest.mark.parametrize(("arguments", "words"), [
    ([], ["--mode"]),
    (["--mode", "snp", "--vcpus", "1", "--vcpu-type", "EPYC"], ["--ovmf"]),
    (["--mode", "csv", "--ovmf", "F"], ["csv"]),
    (["--mode", "snp", "--ovmf", "F"], ["missing --vcpus N in guest mode 'snp'"]),
    (["--mode", "snp", "--ovmf", "F", "--vcpus", "1"], ["--vcpu-type"]),
    (["--mode", "snp", "--ovmf", "F", "--vcpus", "1", "--vcpu-type", "EPYC", "--vmm-type", "x"], ["'x'"]),
    (["--mode", "sev", "--ovmf", "F", "--initrd", "I"], ["--kernel", "--initrd"]),
    (["--mode", "sev", "--ovmf", "F", "--append", "A"], ["--kernel", "--append"]),
    (["--mode", "sev", "--ovmf", "F", "--dump-vmsa"], ["--dump-vmsa"]),
    (["--mode", "snp:svsm", "--ovmf", "F", "--svsm", "S", "--vcpus", "1", "--vcpu-type", "EPYC"], ["--vars-size"]),
    (["--mode", "sev", "--ovmf", "F", "--compat", "nothing"], ["nothing", "svsm-fcw", "zero-vcpus"]),
])  # fmt: skip
def test_wrong_request(arguments: list[str], words: list[str]) -> None:
    line = refused(*arguments, program=DROP_IN)
    assert all(word in line for word in words), line


def test_what_fails_later_exits_with_1(inputs: Path, tmp_path: Path) -> None:
    assert "No such file" in failed("--mode", "sev", "--ovmf", tmp_path / "none")
    assert "kernel hashes" in failed("--mode", "snp", "--vcpus", "1", "--vcpu-type", "EPYC", "--ovmf",
                                     inputs / "ovmfx64-64k.fd", "--kernel", inputs / "synthetic-kernel", "--append",
                                     KERNEL_LINE)  # fmt: skip


def test_other_vmm_needs_no_cpu_model(inputs: Path) -> None:
    arguments = ["--mode", "snp", "--vcpus", "1", "--ovmf", inputs / "ovmf_2M.fd", "--vmm-type", "gce"]
    # A row of vectors.tsv.
    assert drop_in(*arguments).stdout.startswith("9ae67a33819801bafdf3e90e65b6c9f8341ffb821a2d59ee6419773b78b07688")
