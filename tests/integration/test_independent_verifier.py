# SPDX-License-Identifier: Apache-2.0
"""google/go-sev-guest and google/go-tdx-guest make of evidence what our verifier makes of it: of the simulated
platforms' under their own roots, of real evidence under the vendors', and of each with any byte of its signed parts
changed."""

import os
import re
import ssl
import struct
import subprocess
import uuid
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("HALLMARK_BUILD", ROOT / "build"))
OURS = BUILD / "tests/independent/simulated-platforms"
THEIRS = BUILD / "tests/tools/independent-verifier"
VECTORS = Path(os.environ.get("HALLMARK_VECTORS", ROOT / "../shared/vectors"))
THEN = "2026-11-25T00:00:00Z"  # as in evidence.cpp: real certificates expire

pytestmark = pytest.mark.skipif(not THEIRS.is_file(), reason=f"no {THEIRS}: build it with: ninja tests/tools/skopeo")

# AMD publication 56860, ATTESTATION_REPORT: all before the signature, then the 48 bytes that count of R and of S.
REPORT_BYTES = 0x4A0
SNP_SIGNED = [*range(0x2A0), *range(0x2A0, 0x2A0 + 48), *range(0x2A0 + 72, 0x2A0 + 72 + 48)]
# Intel, quote of version 4 (DCAP 0.9, appendix A.3): header and body; behind a length the signature and the attestation
# key; behind type and length of the certification data the report of the quoting enclave and its signature.
TDX_SIGNED = [*range(48 + 584), *range(636, 636 + 128), *range(770, 770 + 384 + 64)]


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("simulated")
    subprocess.run([OURS, "make", folder], check=True, timeout=300)
    return folder


def verdicts(words: list[str | Path], files: list[Path]) -> list[bool]:
    """Of each file whether it was accepted."""
    done = subprocess.run([*words, *files], capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode in (0, 1), done.stderr
    lines = [re.match(r"(accepted|refused) (\S+?)(?:: |$)", line) for line in done.stdout.splitlines()]
    assert [line and line[2] for line in lines] == [str(file) for file in files], done.stdout
    return [line[1] == "accepted" for line in lines]


def both(kind: str, root: Path, files: list[Path]) -> list[bool]:
    """What both say; it is the same."""
    ours = verdicts([OURS, kind, root], files)
    theirs = verdicts([THEIRS, kind, root, THEN], files)
    assert ours == theirs
    return ours


def changed(evidence: bytes, offsets: list[int], folder: Path) -> list[Path]:
    """A file for each offset, in which one bit of that byte is another."""
    files = []
    for number, offset in enumerate(offsets):
        flipped = bytearray(evidence)
        flipped[offset] ^= 1 << number % 8
        files.append(folder / str(offset))
        files[-1].write_bytes(flipped)
    return files


def ders(text: bytes) -> list[bytes]:
    blocks = re.findall(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", text, re.DOTALL)
    return [ssl.PEM_cert_to_DER_cert(block.decode()) for block in blocks]


def real_snp(folder: Path) -> tuple[Path, Path]:
    """The root and the evidence of a real Milan, with its certificates in a table as a hypervisor gives it."""
    ask, ark = ders((VECTORS / "roots/milan_ask_ark_asvk.pem").read_bytes())[:2]
    report = bytes.fromhex("".join((VECTORS / "amd-sev/report_milan_v2.hex").read_text().split()))
    # AMD publication 56421, section 4.1.8.1.
    table = {"63da758d-e664-4564-adc5-f4b93be8accd": (VECTORS / "amd-sev/vcek_milan.der").read_bytes(),
             "4ab7b379-bbac-4fe4-a02f-05aef327c782": ask, "c0b406a4-a803-4952-9743-3fb6014cd0ae": ark}
    entries, offset = b"", 24 * (len(table) + 1)
    for name, der in table.items():
        entries += uuid.UUID(name).bytes + struct.pack("<II", offset, len(der))
        offset += len(der)
    (folder / "ark.der").write_bytes(ark)
    (folder / "report.bin").write_bytes(report + entries + bytes(24) + b"".join(table.values()))
    return folder / "ark.der", folder / "report.bin"


def real_tdx(folder: Path) -> tuple[Path, Path]:
    quote = (VECTORS / "intel-tdx/quote_v4.dat").read_bytes()
    (folder / "root.der").write_bytes(ders(quote)[-1])
    (folder / "quote.bin").write_bytes(quote)
    return folder / "root.der", folder / "quote.bin"


needs_vectors = pytest.mark.skipif(not (VECTORS / "roots").is_dir(),
                                   reason=f"{VECTORS} is missing; set HALLMARK_VECTORS to the folder of the test vectors")


@pytest.mark.parametrize("product", ["milan", "genoa"])
def test_simulated_report_under_its_root_and_no_other(product: str, simulated: Path) -> None:
    evidence = [simulated / platform / f"{product}.bin" for platform in ("trusted", "other")]
    assert both("snp", simulated / "trusted/ark.der", evidence) == [True, False]
    assert both("snp", simulated / "other/ark.der", evidence) == [False, True]


def test_simulated_quote_under_its_root_and_no_other(simulated: Path) -> None:
    evidence = [simulated / platform / "quote-v4.bin" for platform in ("trusted", "other")]
    assert both("tdx", simulated / "trusted/root.der", evidence) == [True, False]
    assert both("tdx", simulated / "other/root.der", evidence) == [False, True]


def test_report_with_another_chips_certificates_is_refused(simulated: Path, tmp_path: Path) -> None:
    report = (simulated / "trusted/milan.bin").read_bytes()[:REPORT_BYTES]
    mixed = []
    for name in ("trusted/genoa", "other/milan"):
        mixed.append(tmp_path / name.replace("/", "-"))
        mixed[-1].write_bytes(report + (simulated / f"{name}.bin").read_bytes()[REPORT_BYTES:])
    for platform in ("trusted", "other"):
        assert both("snp", simulated / platform / "ark.der", mixed) == [False, False]


def test_any_changed_byte_of_a_simulated_report_is_refused(simulated: Path, tmp_path: Path) -> None:
    files = changed((simulated / "trusted/milan.bin").read_bytes(), SNP_SIGNED, tmp_path)
    assert not any(both("snp", simulated / "trusted/ark.der", files))


def test_any_changed_byte_of_a_simulated_quote_is_refused(simulated: Path, tmp_path: Path) -> None:
    files = changed((simulated / "trusted/quote-v4.bin").read_bytes(), TDX_SIGNED, tmp_path)
    assert not any(both("tdx", simulated / "trusted/root.der", files))


@needs_vectors
def test_real_report(tmp_path: Path) -> None:
    root, evidence = real_snp(tmp_path)
    files = changed(evidence.read_bytes(), SNP_SIGNED[::7], tmp_path)
    assert both("snp", root, [evidence, *files]) == [True] + [False] * len(files)


@needs_vectors
def test_real_quote(tmp_path: Path) -> None:
    root, evidence = real_tdx(tmp_path)
    files = changed(evidence.read_bytes(), TDX_SIGNED[::7], tmp_path)
    assert both("tdx", root, [evidence, *files]) == [True] + [False] * len(files)


def test_a_version_that_they_do_not_know_is_no_acceptance(simulated: Path) -> None:
    quote = simulated / "trusted/quote-v5.bin"
    assert verdicts([OURS, "tdx", simulated / "trusted/root.der"], [quote]) == [True]
    assert verdicts([THEIRS, "tdx", simulated / "trusted/root.der", THEN], [quote]) == [False]
