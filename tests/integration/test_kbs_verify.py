# SPDX-License-Identifier: Apache-2.0
"""hallmark-kbs verify over real evidence: what is authentic, what isn't, and what a policy makes of it. Claims are
compared with the bytes of the evidence, at the offsets of its specification."""

import base64
import hashlib
import json
import os
import ssl
import struct
import subprocess
import uuid
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("HALLMARK_BUILD", ROOT / "build"))
PROGRAM = BUILD / "relying-party/hallmark-kbs"
SIMULATED = BUILD / "tests/independent/simulated-platforms"
VECTORS = Path(os.environ.get("HALLMARK_VECTORS", ROOT / "../shared/vectors"))
REPORT = 0x4A0
VCEK = "63da758d-e664-4564-adc5-f4b93be8accd"
# At which the certificates of all real evidence are valid.
THEN = ["--at", "2026-06-01"]

needs_vectors = pytest.mark.skipif(
    not VECTORS.is_dir(), reason=f"no {VECTORS}: set HALLMARK_VECTORS to the folder of the test vectors"
)


def verify(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, "verify", *arguments], capture_output=True, text=True, timeout=60, check=False)


def verified(*arguments: str | Path) -> dict:
    done = verify(*arguments, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert answer["verified"] is True
    return answer


def refused(*arguments: str | Path) -> str:
    """One line on standard error that says why."""
    done = verify(*arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done
    return done.stderr


def message(folder: Path, values: dict, name: str = "values.json") -> Path:
    payload = base64.b64encode(json.dumps(values).encode()).decode()
    (folder / name).write_text(json.dumps({"version": "0.1.0", "type": "sample", "payload": payload}))
    return folder / name


def flipped(evidence: bytes, offset: int, folder: Path) -> Path:
    changed = bytearray(evidence)
    changed[offset] ^= 1 << offset % 8
    (folder / "flipped").write_bytes(changed)
    return folder / "flipped"


@pytest.fixture
def milan(tmp_path: Path) -> tuple[Path, list[str | Path]]:
    report = bytes.fromhex("".join((VECTORS / "amd-sev/report_milan_v2.hex").read_text().split()))
    (tmp_path / "report.bin").write_bytes(report)
    chain = ["--cert", VECTORS / "amd-sev/vcek_milan.der", VECTORS / "roots/milan_ask_ark_asvk.pem"]
    return tmp_path / "report.bin", [*chain, *THEN]


@needs_vectors
def test_milan(milan: tuple[Path, list[str | Path]], tmp_path: Path) -> None:
    path, chain = milan
    report = path.read_bytes()
    answer = verified(path, *chain)
    assert (answer["tee"], answer["simulated"]) == ("snp", False)
    claims = answer["claims"]
    assert claims["measurement"] == report[0x90:0xC0].hex()
    assert claims["report_data"] == report[0x50:0x90].hex()
    assert claims["chip_id"] == report[0x1A0:0x1E0].hex()
    assert claims["reported_tcb_microcode"] == report[0x187]
    assert "init_data_claims" not in answer and "appraisal" not in answer

    text = verify(path, *chain).stdout
    assert text.splitlines()[0].split(None, 1) == ["evidence", "SEV-SNP, signed under AMD's root"]
    assert any(line.split() == ["measurement", report[0x90:0xC0].hex()] for line in text.splitlines())

    # The same from a folder, and options before the evidence.
    folder = tmp_path / "certs"
    folder.mkdir()
    (folder / "vcek.der").write_bytes((VECTORS / "amd-sev/vcek_milan.der").read_bytes())
    (folder / "chain.pem").write_bytes((VECTORS / "roots/milan_ask_ark_asvk.pem").read_bytes())
    assert verified("--certs", folder, path, *THEN) == answer
    assert verified(*chain, path) == answer


@needs_vectors
def test_milan_with_less_or_other_certificates(milan: tuple[Path, list[str | Path]]) -> None:
    path, chain = milan
    assert "without the VCEK" in refused(path)
    assert "ASK" in refused(path, *chain[:2])
    refused(path, *chain[:2], VECTORS / "roots/genoa_ask_ark_asvk.pem")
    assert "expired" in refused(path, *chain[:3], "--at", "2060-01-01")
    done = verify(path, "--json")
    assert (done.returncode, done.stderr) == (1, "")
    assert json.loads(done.stdout).keys() == {"verified", "reason"}
    assert json.loads(done.stdout)["verified"] is False


@needs_vectors
@pytest.mark.parametrize("offset", [0x0, 0x8, 0x30, 0x34, 0x48, 0x50, 0x90, 0xC0, 0x180, 0x1A0, 0x29F, 0x2A0, 0x2E8])
def test_milan_with_a_bit_changed(milan: tuple[Path, list[str | Path]], tmp_path: Path, offset: int) -> None:
    path, chain = milan
    refused(flipped(path.read_bytes(), offset, tmp_path), *chain)


@needs_vectors
def test_genoa(tmp_path: Path) -> None:
    path = VECTORS / "confidential-containers/snp-evidence.json"
    roots = ["--cert", VECTORS / "roots/genoa_ask_ark_asvk.pem", *THEN]
    evidence = json.loads(path.read_text())
    report = evidence["attestation_report"]
    answer = verified(path, *roots)
    assert answer["claims"]["measurement"] == bytes(report["measurement"]).hex()
    assert answer["claims"]["product"] == "Genoa"
    for field in ("measurement", "report_data", "chip_id", "host_data"):
        report[field][7] ^= 4
        (tmp_path / "changed.json").write_text(json.dumps(evidence))
        refused(tmp_path / "changed.json", *roots)
        report[field][7] ^= 4
    del report["measurement"]
    (tmp_path / "changed.json").write_text(json.dumps(evidence))
    assert verify(tmp_path / "changed.json", *roots).returncode == 2


@needs_vectors
@pytest.mark.parametrize(("name", "body"), [("quote_v4.dat", 48), ("quote_v5.dat", 54)])
def test_quotes(name: str, body: int, tmp_path: Path) -> None:
    path = VECTORS / "intel-tdx" / name
    quote = path.read_bytes()
    claims = verified(path, *THEN)["claims"]
    assert claims["mr_td"] == quote[body + 0x88 : body + 0xB8].hex()
    assert claims["rtmr_2"] == quote[body + 0x1A8 : body + 0x1D8].hex()
    assert claims["tcb_status"] == "unknown"
    assert verify(path, *THEN).stdout.startswith("evidence          TDX, signed under Intel's root\n")

    # As the protocol carries it.
    wrapped = tmp_path / "evidence.json"
    wrapped.write_text(json.dumps({"cc_eventlog": None, "quote": base64.b64encode(quote).decode()}))
    assert verified(wrapped, *THEN)["claims"] == claims

    assert "valid" in refused(path, "--at", "2060-01-01") or "expired" in refused(path, "--at", "2060-01-01")
    for offset in (0, 2, 4, 12, body, body + 0x88, body + 0x148, body + 0x208, body + 584 + 10, body + 584 + 100):
        refused(flipped(quote, offset, tmp_path), *THEN)
    report_data = quote[body + 0x208 : body + 0x248].hex()
    assert verified(path, *THEN, "--report-data", report_data)["claims"] == claims
    assert "another challenge" in refused(path, *THEN, "--report-data", report_data[:-2] + "ff")


@needs_vectors
def test_an_event_log_must_be_the_quotes(tmp_path: Path) -> None:
    quote, log = VECTORS / "intel-tdx/quote_v4.dat", VECTORS / "intel-tdx/CCEL_data_ovmf"
    assert "RTMR" in refused(quote, *THEN, "--event-log", log)
    wrapped = tmp_path / "evidence.json"
    both = {"cc_eventlog": log.read_bytes(), "quote": quote.read_bytes()}
    wrapped.write_text(json.dumps({name: base64.b64encode(data).decode() for name, data in both.items()}))
    assert "RTMR" in refused(wrapped, *THEN)
    done = verify(wrapped, *THEN, "--event-log", log)
    assert done.returncode == 2 and "of its own" in done.stderr


@needs_vectors
def test_appraisal_names_what_failed(milan: tuple[Path, list[str | Path]], tmp_path: Path) -> None:
    path, chain = milan
    claims = verified(path, *chain)["claims"]
    image = {
        "snp_launch_measurement": [claims["measurement"], "00" * 48],
        "snp_guest_abi_major": [claims["policy_abi_major"]],
        "snp_guest_abi_minor": [claims["policy_abi_minor"]],
        "snp_single_socket": [claims["policy_single_socket"]],
        "snp_smt_allowed": [claims["policy_smt_allowed"]],
    }
    platform = {
        "snp_bootloader": [claims["reported_tcb_bootloader"]],
        "snp_microcode": [claims["reported_tcb_microcode"]],
        "snp_snp_svn": [claims["reported_tcb_snp"]],
        "snp_tee_svn": [claims["reported_tcb_tee"]],
        "snp_smt_enabled": [claims["platform_smt_enabled"]],
        "snp_tsme_enabled": [claims["platform_tsme_enabled"]],
    }
    values = [message(tmp_path, image, "image.json"), message(tmp_path, platform, "platform.json")]
    appraised = verified(path, *chain, "--reference-values", *values)["appraisal"]
    assert appraised["status"] == "affirming"
    assert appraised["trustworthiness_vector"] == {"configuration": 2, "executables": 3, "hardware": 2}
    assert appraised["failures"] == []

    # Without the platform's values it says so; with another measurement it says which was seen and which are allowed.
    done = verify(path, *chain, "--reference-values", values[0])
    assert done.returncode == 1
    assert "hallmark-kbs reference-values add platform-values.json" in done.stdout
    image["snp_launch_measurement"] = ["00" * 48]
    values[0] = message(tmp_path, image, "image.json")
    done = verify(path, *chain, "--reference-values", *values)
    assert (done.returncode, done.stderr) == (1, "")
    line = next(line for line in done.stdout.splitlines() if "snp.measurement" in line)
    assert claims["measurement"] in line and "00" * 48 in line
    done = verify(path, *chain, "--reference-values", *values, "--json")
    assert done.returncode == 1
    answer = json.loads(done.stdout)
    assert answer["verified"] is True
    assert [failure["claim"] for failure in answer["appraisal"]["failures"]] == ["snp.measurement"]


@needs_vectors
def test_a_policy_of_ones_own(milan: tuple[Path, list[str | Path]], tmp_path: Path) -> None:
    path, chain = milan
    policy = tmp_path / "policy.toml"
    text = 'version = 1\nname = "mine"\n' + "".join(
        f"[snp.{dimension}]\notherwise = 97\n[[snp.{dimension}.grade]]\nvalue = 2\n"
        'require = [{ claim = "vmpl", equal = 0 }]\n'
        for dimension in ("executables", "hardware", "configuration")
    )
    policy.write_text(text)
    assert verified(path, *chain, "--policy", policy)["appraisal"]["policy"] == "mine"
    policy.write_text(text.replace("equal = 0", "equal = 1"))
    done = verify(path, *chain, "--policy", policy)
    assert done.returncode == 1 and "snp.vmpl: found 0; allowed: 1" in done.stdout
    policy.write_text(text.replace("snp.", "tdx."))
    assert verify(path, *chain, "--policy", policy).returncode == 1
    policy.write_text("version = ")
    done = verify(path, *chain, "--policy", policy)
    assert done.returncode == 2 and "policy.toml" in done.stderr


@needs_vectors
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["missing.bin"], "missing.bin"),
        ([], "EVIDENCE"),
        ([ROOT / "meson.build"], "no evidence"),
        (["REPORT", "--at", "yesterday"], "--at"),
        (["REPORT", "--report-data", "xyz"], "--report-data"),
        (["REPORT", "--report-data", "00" * 65], "1 to 64"),
        (["REPORT", "--event-log", "x"], "goes with TDX"),
        (["REPORT", "--cert", "missing.pem"], "missing.pem"),
        (["REPORT", "--cert", ROOT / "meson.build"], "meson.build"),
        (["REPORT", "--collateral", "missing"], "missing"),
        (["REPORT", "--reference-values", ROOT / "meson.build"], "meson.build"),
        (["REPORT", "--init-data", ROOT / "meson.build"], "meson.build"),
        (["REPORT", "--trust-simulated", ROOT / "meson.build"], "meson.build"),
    ],
)
def test_bad_input_says_what_is_wrong(
    milan: tuple[Path, list[str | Path]], arguments: list[str | Path], words: str
) -> None:
    path, chain = milan
    done = verify(*[path if argument == "REPORT" else argument for argument in arguments], *chain)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done
    assert words in done.stderr


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two platforms; of each the SNP evidence taken apart, and the roots in PEM."""
    folder = tmp_path_factory.mktemp("simulated")
    subprocess.run([SIMULATED, "make", folder], check=True, timeout=300)
    for platform in (folder / "trusted", folder / "other"):
        evidence = (platform / "milan.bin").read_bytes()
        (platform / "report.bin").write_bytes(evidence[:REPORT])
        table, certs = evidence[REPORT:], platform / "certs"
        certs.mkdir()
        # AMD publication 56421, section 4.1.8.1: GUID, offset and length of each, zeros at the end.
        for at in range(0, len(table), 24):
            guid, offset, length = struct.unpack_from("<16sII", table, at)
            if not any(guid):
                break
            name = "vcek.der" if str(uuid.UUID(bytes=guid)) == VCEK else f"{offset}.der"
            (certs / name).write_bytes(table[offset : offset + length])
        for name in ("ark", "root"):
            pem = ssl.DER_cert_to_PEM_cert((platform / f"{name}.der").read_bytes())
            (platform / f"{name}.pem").write_text(pem)
    return folder


def test_nothing_simulated_is_trusted_unless_its_root_is_named(simulated: Path) -> None:
    for evidence, root in (("report.bin", "ark.pem"), ("quote-v4.bin", "root.pem"), ("quote-v5.bin", "root.pem")):
        path = simulated / "trusted" / evidence
        given = [path, "--certs", simulated / "trusted/certs"]
        refused(*given)
        refused(*given, "--trust-simulated", simulated / "other" / root)
        assert verified(*given, "--trust-simulated", simulated / "trusted" / root)["simulated"] is True
        text = verify(*given, "--trust-simulated", simulated / "trusted" / root).stdout
        assert "no hardware vouches for it" in text.splitlines()[0]


def test_a_root_of_either_tee_may_be_named_beside_another(simulated: Path) -> None:
    named = []
    for platform in ("trusted", "other"):
        for root in ("ark.pem", "root.pem"):
            named += ["--trust-simulated", simulated / platform / root]
    for platform in ("trusted", "other"):
        for evidence in ("report.bin", "quote-v4.bin"):
            given = [simulated / platform / evidence, "--certs", simulated / platform / "certs"]
            assert verified(*given, *named)["simulated"] is True
            # All but its own.
            own = simulated / platform / ("ark.pem" if evidence == "report.bin" else "root.pem")
            at = named.index(own)
            refused(*given, *named[: at - 1], *named[at + 1 :])


def test_init_data_must_be_what_the_launch_binds(simulated: Path, tmp_path: Path) -> None:
    given = [simulated / "trusted/report.bin", "--certs", simulated / "trusted/certs"]
    given += ["--trust-simulated", simulated / "trusted/ark.pem"]
    document = tmp_path / "initdata.toml"
    document.write_text('version = "0.1.0"\nalgorithm = "sha256"\n[data]\n"a" = "b"\n')
    digest = hashlib.sha256(document.read_bytes()).hexdigest()
    why = refused(*given, "--init-data", document)
    assert digest in why and "48" * 32 in why
