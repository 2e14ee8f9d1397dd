# SPDX-License-Identifier: Apache-2.0
"""Collateral of a simulated TDX platform, fetched from a service on the loopback interface that answers as a PCCS does,
or as one must not."""

import base64
import hashlib
import http.server
import json
import os
import ssl
import subprocess
import threading
import time
import urllib.parse
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.integration.kbs import Kbs, TeeKey, un_b64u

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("HALLMARK_BUILD", ROOT / "build"))
PROGRAM = BUILD / "relying-party" / "hallmark-kbs"
PLATFORM = BUILD / "tests" / "drivers" / "simulated-tdx"
FMSPC = "000000514D00"
UNKNOWN = "unknown"
TCB, QE = "/tdx/certification/v4/tcb", "/tdx/certification/v4/qe/identity"
PCK_CRL, ROOT_CRL = "/sgx/certification/v4/pckcrl", "/sgx/certification/v4/rootcacrl"


@dataclass
class Pccs:
    """Answers from a folder of collateral; `faults` answers in its place, by path."""

    folder: Path
    context: ssl.SSLContext | None = None
    asked: list[str] = field(default_factory=list)
    faults: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    delay: float = 0

    def __post_init__(self) -> None:
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # noqa: N802
                owner.asked.append(self.path)
                time.sleep(owner.delay)
                path = urllib.parse.urlsplit(self.path).path
                status, headers, body = owner.faults.get(path) or owner.answer(path)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except (BrokenPipeError, ConnectionResetError):
                    pass

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if self.context is not None:
            self.server.socket = self.context.wrap_socket(self.server.socket, server_side=True)
        scheme = "http" if self.context is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        chain = urllib.parse.quote((self.folder / "chain.pem").read_text(), safe="")
        return {
            TCB: lambda: (200, {"TCB-Info-Issuer-Chain": chain}, (self.folder / "tcb.json").read_bytes()),
            QE: lambda: (200, {"SGX-Enclave-Identity-Issuer-Chain": chain}, (self.folder / "qe.json").read_bytes()),
            PCK_CRL: lambda: (200, {}, (self.folder / "pck.crl").read_bytes()),
            # A PCCS has the root's list in hexadecimal.
            ROOT_CRL: lambda: (200, {}, (self.folder / "root.crl").read_bytes().hex().encode()),
        }.get(path, lambda: (404, {}, b""))()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Platform:
    """A simulated TDX platform, its collateral, and evidence of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "root.pem"
        self.process = subprocess.Popen([PLATFORM, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.lock = threading.Lock()
        self.quote = folder / "evidence.json"
        self.quote.write_text(json.dumps(self.evidence(bytes(64))))

    def evidence(self, report_data: bytes) -> dict:
        assert self.process.stdin is not None and self.process.stdout is not None
        with self.lock:
            self.process.stdin.write(report_data.hex() + "\n")
            self.process.stdin.flush()
            return json.loads(self.process.stdout.readline())

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(10) == 0


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    platform = Platform(tmp_path_factory.mktemp("tdx"))
    yield platform
    platform.close()


@pytest.fixture
def pccs(platform: Platform) -> Iterator[Pccs]:
    pccs = Pccs(platform.folder / "good")
    yield pccs
    pccs.close()


def verify(platform: Platform, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [PROGRAM, "verify", platform.quote, "--trust-simulated", platform.root, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def claims(platform: Platform, *arguments: str | Path) -> dict:
    done = verify(platform, *arguments, "--json")
    assert (done.returncode, done.stderr) == (0, ""), done
    return json.loads(done.stdout)["claims"]


def unknown(platform: Platform, *arguments: str | Path) -> str:
    """Why nothing is known; that is an answer, and none that the default policy takes for a good one."""
    found = claims(platform, *arguments)
    assert (found["tcb_status"], found["collateral_expiration_status"]) == (UNKNOWN, UNKNOWN)
    return found["collateral_error"]


def test_what_is_fetched_says_what_the_folder_says(platform: Platform, pccs: Pccs) -> None:
    fetched = claims(platform, "--pccs", pccs.url)
    assert fetched == claims(platform, "--collateral", platform.folder / "good")
    assert (fetched["tcb_status"], fetched["collateral_expiration_status"]) == ("UpToDate", "0")
    assert pccs.asked == [f"{TCB}?fmspc={FMSPC}", QE, f"{PCK_CRL}?ca=platform&encoding=der", ROOT_CRL]
    assert claims(platform)["tcb_status"] == UNKNOWN
    assert len(pccs.asked) == 4  # nothing is fetched unless it is asked for
    # As it stands in /etc/sgx_default_qcnl.conf.
    assert claims(platform, "--pccs", pccs.url + "/sgx/certification/v4/") == fetched


def test_an_old_pccs_names_its_chain_otherwise(platform: Platform, pccs: Pccs) -> None:
    status, headers, body = pccs.answer(TCB)
    pccs.faults[TCB] = (status, {"SGX-TCB-Info-Issuer-Chain": headers["TCB-Info-Issuer-Chain"]}, body)
    assert claims(platform, "--pccs", pccs.url)["tcb_status"] == "UpToDate"


def test_what_is_fetched_is_believed_no_more_than_the_folder(platform: Platform, pccs: Pccs) -> None:
    pccs.folder = platform.folder / "out-of-date"
    assert claims(platform, "--pccs", pccs.url)["tcb_status"] == "OutOfDate"
    pccs.folder = platform.folder / "stale"
    assert claims(platform, "--pccs", pccs.url)["collateral_expiration_status"] == "1"
    for name, words in (("other-fmspc", "no TCB info of FMSPC"), ("revoked", "is revoked by")):
        pccs.folder = platform.folder / name
        done = verify(platform, "--pccs", pccs.url)
        assert (done.returncode, done.stdout) == (1, "") and words in done.stderr, done
    pccs.folder = platform.folder / "good"
    for path in (TCB, QE):
        status, headers, body = pccs.answer(path)
        pccs.faults = {path: (status, headers, body.replace(b'"UpToDate"', b'"Revoked"', 1))}
        done = verify(platform, "--pccs", pccs.url)
        assert (done.returncode, done.stdout) == (1, "") and "signature does not hold" in done.stderr, done
    for path in (PCK_CRL, ROOT_CRL):
        status, headers, body = pccs.answer(path)
        # Within the signature; one of the lists comes in hexadecimal, which it stays.
        pccs.faults = {path: (status, headers, body[:-1] + (b"0" if body[-1:] != b"0" else b"1"))}
        done = verify(platform, "--pccs", pccs.url)
        assert (done.returncode, done.stdout) == (1, "") and "signature" in done.stderr, done


def test_what_can_not_be_fetched_is_unknown(platform: Platform, pccs: Pccs) -> None:
    url = ["--pccs", pccs.url]
    for path in (TCB, QE, PCK_CRL, ROOT_CRL):
        pccs.faults = {path: (404, {}, b"")}
        assert "status 404" in unknown(platform, *url) and path in unknown(platform, *url)
    pccs.faults = {TCB: (429, {"Retry-After": "3600"}, b"")}
    assert "try again in 3600 s" in unknown(platform, *url)
    pccs.faults = {QE: (200, {}, b"x" * (2 << 20))}
    assert "more than 1048576 bytes" in unknown(platform, *url)
    pccs.faults = {TCB: (200, {"TCB-Info-Issuer-Chain": "a" * 40000}, b"{}")}
    assert "issuer chain" in unknown(platform, *url)
    pccs.faults = {ROOT_CRL: (302, {"Location": f"{pccs.url}/elsewhere"}, b"")}
    assert "status 302" in unknown(platform, *url)
    assert not any("elsewhere" in path for path in pccs.asked)
    assert "127.0.0.1" in unknown(platform, "--pccs", "http://127.0.0.1:1")
    # A default policy does not take it for a good one.
    values = platform.folder / "none.json"
    payload = base64.b64encode(b'{"mr_td": ["00"]}').decode()
    values.write_text(json.dumps({"version": "0.1.0", "type": "sample", "payload": payload}))
    done = verify(platform, "--pccs", "http://127.0.0.1:1", "--reference-values", values)
    assert done.returncode == 1 and "tdx.tcb_status: found unknown" in done.stdout.replace('"', ""), done


def test_a_slow_service_is_waited_for_no_longer_than_ten_seconds(platform: Platform, pccs: Pccs) -> None:
    pccs.delay = 30
    begin = time.monotonic()
    assert pccs.url in unknown(platform, "--pccs", pccs.url)
    assert time.monotonic() - begin < 25


def test_a_service_that_signed_its_own_certificate(platform: Platform, tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "pccs.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-subj", "/CN=pccs", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    pccs = Pccs(platform.folder / "good", context)
    try:
        assert "certificate" in unknown(platform, "--pccs", pccs.url)
        named = ["--pccs", pccs.url, "--pccs-certificate", certificate]
        assert claims(platform, *named)["tcb_status"] == "UpToDate"
    finally:
        pccs.close()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--pccs", "localhost:8081"], "--pccs"),
        (["--pccs", "https://a", "--collateral", "FOLDER"], "without --collateral"),
        (["--pccs-certificate", "FOLDER/chain.pem"], "goes with --pccs"),
        (["--pccs", "https://a", "--pccs-certificate", "missing.pem"], "missing.pem"),
        (["--pccs", "https://a", "--pccs-certificate", "FOLDER/tcb.json"], "tcb.json"),
    ],
)
def test_bad_options_say_what_is_wrong(platform: Platform, arguments: list[str], words: str) -> None:
    done = verify(platform, *[a.replace("FOLDER", str(platform.folder / "good")) for a in arguments])
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done
    assert words in done.stderr


def attest(kbs: Kbs, platform: Platform) -> dict:
    """The claims of the token that one guest gets."""
    key = TeeKey()
    hello = {"version": "0.4.0", "tee": "tdx", "extra-params": {"supported-hash-algorithms": ["sha384"]}}
    challenge = kbs.ask("POST", "/kbs/v0/auth", json.dumps(hello))
    nonce = challenge.json()["nonce"]
    bound = {"additional-evidence": "", "nonce": nonce, "tee-pubkey": key.jwk}
    canonical = json.dumps(bound, sort_keys=True, separators=(",", ":")).encode()
    evidence = platform.evidence(hashlib.sha384(canonical).digest() + bytes(16))
    body = {
        "init-data": None,
        "runtime-data": {"nonce": nonce, "tee-pubkey": key.jwk},
        "tee-evidence": {"primary_evidence": evidence, "additional_evidence": ""},
    }
    answer = kbs.ask("POST", "/kbs/v0/attest", json.dumps(body), cookie=challenge.cookie)
    assert answer.status == 200, answer.body
    return json.loads(un_b64u(answer.json()["token"].split(".")[1]))


def tcb_status(token: dict) -> str:
    text = json.dumps(token)
    for status in ("UpToDate", "OutOfDate", UNKNOWN):
        if f'"tcb_status": "{status}"' in text:
            return status
    raise AssertionError(text)


def test_a_broker_asks_once_for_all_guests(platform: Platform, pccs: Pccs, tmp_path: Path) -> None:
    options = ["--pccs", pccs.url, "--trust-simulated", platform.root]
    pccs.delay = 0.2  # so that all of them want it at once
    kbs = Kbs(tmp_path / "data", *options)
    try:
        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(lambda _: tcb_status(attest(kbs, platform)), range(8))) == {"UpToDate"}
    finally:
        kbs.stop()
    assert len(pccs.asked) == 4
    # The next one finds what this one kept, and does not need the service.
    pccs.faults = {TCB: (503, {}, b"")}
    kbs = Kbs(tmp_path / "data", *options)
    try:
        assert tcb_status(attest(kbs, platform)) == "UpToDate"
    finally:
        kbs.stop()
    assert len(pccs.asked) == 4


def test_a_broker_says_why_nothing_is_known(platform: Platform, pccs: Pccs, tmp_path: Path) -> None:
    pccs.faults = {TCB: (404, {}, b"")}
    kbs = Kbs(tmp_path / "data", "--pccs", pccs.url, "--trust-simulated", platform.root)
    try:
        for _ in range(3):
            assert tcb_status(attest(kbs, platform)) == UNKNOWN
        events = kbs.audit(tmp_path / "data")
        assert "affirming" not in {event.get("verdict") for event in events}
        whys = [event["why"] for event in events if event.get("what") == "token"]
        assert len(whys) == 3 and all("TCB status is unknown: " in why and "status 404" in why for why in whys), whys
    finally:
        kbs.stop()
    assert pccs.asked == [f"{TCB}?fmspc={FMSPC}"]  # not again so soon
    assert f"unknown: {pccs.url}{TCB}?fmspc={FMSPC}: status 404" in kbs.errors.read_text()
