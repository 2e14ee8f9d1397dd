# SPDX-License-Identifier: Apache-2.0
"""hallmark-measure snp and tdx --init-data: HOSTDATA and MRCONFIGID by the rule of Trustee's kbs/docs/initdata.md,
"truncated or padded with zeros at the end", of digests that Python's hashlib computes."""

import base64
import gzip
import hashlib
import json
import os
import struct
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("HALLMARK_BUILD", ROOT / "build"))
GUEST = Path(os.environ.get("HALLMARK_GUEST", BUILD / "guest"))
VECTORS = Path(os.environ.get("HALLMARK_VECTORS", ROOT / "../shared/vectors"))
PROGRAM = BUILD / "measure" / "hallmark-measure"
ALGORITHMS = ("sha256", "sha384", "sha512")


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=60, check=False)


def answer(*arguments: str | Path) -> str:
    done = run(*arguments)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


def firmware(path: Path) -> Path:
    if not path.is_file():
        pytest.skip(f"{path} is missing")
    return path


@pytest.fixture(scope="session")
def snp() -> list[str | Path]:
    return ["snp", "--vcpus", "1", "--vcpu-type", "EPYC-v4", "--ovmf", firmware(VECTORS / "amd-sev/ovmf_2M.fd")]


@pytest.fixture(scope="session")
def tdx() -> list[str | Path]:
    return ["tdx", "--ovmf", firmware(GUEST / "OVMF.fd")]


@pytest.fixture(params=ALGORITHMS)
def document(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, bytes, list[Path]]:
    """The algorithm, the digest, and the files that hold the document."""
    text = f'algorithm = "{request.param}"\nversion = "0.1.0"\n\n[data]\n"aa.toml" = "x"\n'.encode()
    compressed = gzip.compress(text)
    disk = b"initdata" + struct.pack("<Q", len(compressed)) + compressed
    (tmp_path / "init.toml").write_bytes(text)
    (tmp_path / "init.img").write_bytes(disk + bytes(-len(disk) % 512))
    return request.param, hashlib.new(request.param, text).digest(), [tmp_path / "init.toml", tmp_path / "init.img"]


def test_snp_prints_host_data(snp: list[str | Path], document: tuple[str, bytes, list[Path]]) -> None:
    algorithm, digest, files = document
    launch = answer(*snp)
    for file in files:
        assert answer(*snp, "--init-data", file) == launch + digest[:32].hex() + "\n"
        # As QEMU's host-data= takes it.
        lines = answer(*snp, "--init-data", file, "--output-format", "base64").splitlines()
        assert base64.b64decode(lines[1], validate=True) == digest[:32]
        shown = json.loads(answer(*snp, "--init-data", file, "--json"))
        assert (shown["launch_digest"], shown["host_data"]) == (launch.strip(), digest[:32].hex())
        assert shown["parameters"]["init_data"] == {"algorithm": algorithm, "digest": digest.hex()}


def test_tdx_prints_mr_config_id(tdx: list[str | Path], document: tuple[str, bytes, list[Path]]) -> None:
    algorithm, digest, files = document
    expected = digest[:48].ljust(48, b"\0").hex()
    plain = answer(*tdx)
    assert "mr_config_id" not in plain
    for file in files:
        lines = answer(*tdx, "--init-data", file)
        assert f"mr_config_id {expected}\n" in lines and lines.replace(f"mr_config_id {expected}\n", "") == plain
        assert answer(*tdx, "--init-data", file, "--only", "mr_config_id") == expected + "\n"
        shown = json.loads(answer(*tdx, "--init-data", file, "--json"))
        assert shown["mr_config_id"] == expected
        assert shown["init_data"] == {"algorithm": algorithm, "digest": digest.hex()}
    alone = run(*tdx, "--only", "mr_config_id")
    assert alone.returncode == 1 and "--init-data" in alone.stderr


def test_what_is_no_init_data_is_refused(snp: list[str | Path], tdx: list[str | Path], tmp_path: Path) -> None:
    text = tmp_path / "bad.toml"
    text.write_text('algorithm = "md5"\nversion = "0.1.0"\n[data]\n')
    cut = tmp_path / "cut.img"
    cut.write_bytes(b"initdata" + struct.pack("<Q", 1 << 40))
    for command in (snp, tdx):
        for file, words in ((text, "found 'md5'"), (cut, "offset 0x8"), ("", "--init-data: empty"),
                            (tmp_path / "none", "No such file")):
            done = run(*command, "--init-data", file)
            assert (done.returncode, done.stdout) == (2, "") and words in done.stderr, done
