# SPDX-License-Identifier: Apache-2.0
"""hallmark-guest attest against hallmark-kbs: what it tells people, and what it keeps to itself."""

import datetime
import hashlib
import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.integration.attestation_agent import Guest, Tee
from tests.integration.kbs import BUILD, MEASUREMENT, PATH, SECRET, Admin, Kbs, give_reference_value, policies
from tests.integration.test_attestation_agent import HOUR, INIT_DATA, YEAR, guest, keys, self_signed, tee  # noqa: F401

ATTEST = BUILD / "tests" / "drivers" / "attest-driver"
RESOURCE = PATH.removeprefix("/kbs/v0/resource/")


@pytest.fixture(scope="module")
def kbs(tmp_path_factory: pytest.TempPathFactory, keys: Path, tee: Tee) -> Iterator[Kbs]:
    folder = tmp_path_factory.mktemp("kbs")
    admin = Admin(folder)
    kbs = Kbs(folder / "data", "--admin-key", admin.public, "--trust-simulated", keys / "ark.pem", *policies(folder))
    for path in (PATH, "/kbs/v0/resource/other/key/one"):
        assert kbs.ask("POST", path, SECRET, token=admin.token()).status == 200
    give_reference_value(kbs, admin, [MEASUREMENT])
    yield kbs
    kbs.stop()


def run(guest: Guest, *words: str | Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([ATTEST, guest.folder, *words], capture_output=True, timeout=60, check=False)


def attest(guest: Guest, *words: str | Path) -> tuple[int, dict]:
    """The exit status and the account as JSON; people are told the same."""
    done = run(guest, *words, "--json")
    assert done.stderr == b"", done.stderr
    return done.returncode, json.loads(done.stdout)


def known(kbs: Kbs) -> list[str]:
    return ["--kbs", kbs.told["url"], "--kbs-cert", kbs.told["certificate"]]


def last(account: dict) -> dict:
    return account["steps"][-1]


def names(account: dict) -> list[str]:
    return [step["name"] for step in account["steps"]]


def test_a_secret_is_granted_and_kept_to_its_file(kbs: Kbs, guest: Guest, tmp_path: Path) -> None:
    output = tmp_path / "secret"
    status, account = attest(guest, *known(kbs), "--resource", RESOURCE, "--output", output)
    assert (status, account["outcome"], account["protocol"]) == (0, "granted", "0.4.0"), account
    assert names(account) == ["tee", "auth", "evidence", "attest", "resource"]
    assert output.read_bytes() == SECRET and output.stat().st_mode & 0o7777 == 0o600
    tee, auth, evidence, attested, resource = account["steps"]
    assert "snp" in tee["got"] and "simulated" in tee["got"]
    assert auth["exchange"]["url"] == kbs.told["url"] + "/kbs/v0/auth" and auth["exchange"]["status"] == 200
    assert evidence["facts"]["launch digest"] == MEASUREMENT
    # The report vouches for the very digest that was told.
    assert evidence["facts"]["report data"] == evidence["sent"].rpartition(" ")[2] + "00" * 16
    assert attested["exchange"]["sent_bytes"] > 4000 and "verdict is affirming" in attested["got"]
    assert attested["facts"]["trustworthiness"] == "configuration 3, executables 3, hardware 2"
    assert "simulated" in attested["facts"]["TEE"] and "clocks" not in attested["facts"]
    assert f"{len(SECRET)} bytes" in resource["got"]
    # A file that is there stays.
    again = run(guest, *known(kbs), "--resource", RESOURCE, "--output", output)
    assert again.returncode == 2 and b"is there already" in again.stderr and again.stdout == b""


def test_people_see_the_steps_and_never_the_secret(kbs: Kbs, guest: Guest) -> None:
    done = run(guest, *known(kbs), "--resource", RESOURCE)
    assert done.returncode == 0 and done.stderr == b"", done
    text = done.stdout.decode("ascii")
    for word in ("POST", "/kbs/v0/attest", "status 200", "affirming", MEASUREMENT, f"a secret of {len(SECRET)} bytes"):
        assert word in text, text
    assert text.endswith("\ngranted\n")
    for hidden in (SECRET, SECRET[:16], SECRET.hex().encode(), hashlib.sha256(SECRET).hexdigest().encode(), b"eyJ"):
        assert hidden not in done.stdout


def test_without_a_resource_the_verdict_decides(kbs: Kbs, guest: Guest, keys: Path, tmp_path: Path) -> None:
    status, account = attest(guest, *known(kbs))
    assert (status, account["outcome"]) == (0, "granted") and names(account)[-1] == "attest"
    other = Tee(keys, "cd" * 48)
    changed = Guest(tmp_path / "changed", other)
    status, account = attest(changed, *known(kbs))
    assert (status, account["outcome"]) == (1, "refused")
    assert last(account)["facts"]["trustworthiness"] == "configuration 3, executables 33, hardware 2"
    assert "expected affirming" in last(account)["why"] and "reference values" in last(account)["remedy"]
    # With one the broker decides, for the same reason.
    status, account = attest(changed, *known(kbs), "--resource", RESOURCE)
    assert (status, names(account)[-1], last(account)["exchange"]["status"]) == (1, "resource", 401)
    assert last(account)["exchange"]["error_type"] == "PolicyDeny" and "verdict" in last(account)["why"]
    other.close()


def test_a_policy_that_denies_is_told_with_its_reason(kbs: Kbs, guest: Guest) -> None:
    status, account = attest(guest, *known(kbs), "--resource", "other/key/one")
    assert (status, account["outcome"]) == (1, "refused")
    assert last(account)["why"].startswith("PolicyDeny: ") and "simulated" in last(account)["why"]
    assert "release-policy" in last(account)["remedy"] and account["steps"][3]["got"].endswith("affirming")


def test_evidence_that_is_not_taken_is_told_with_its_reason(kbs: Kbs, tmp_path: Path) -> None:
    forger = Tee(tmp_path / "other", MEASUREMENT)
    status, account = attest(Guest(tmp_path / "forged", forger), *known(kbs))
    assert (status, account["outcome"], names(account)[-1]) == (1, "refused", "attest")
    assert last(account)["why"].startswith("AttestationError: ") and "root" in last(account)["remedy"]
    forger.close()


def test_a_broker_that_is_down_is_named(guest: Guest) -> None:
    with socket.socket() as closed:  # bound, and not listening
        closed.bind(("127.0.0.1", 0))
        url = f"https://127.0.0.1:{closed.getsockname()[1]}"
        status, account = attest(guest, "--kbs", url)
    assert (status, account["outcome"], names(account)) == (1, "failed", ["tee", "auth"])
    assert url in last(account)["why"] and "runs at this address" in last(account)["remedy"]
    assert "status" not in last(account)["exchange"]


def test_its_memory_gets_into_no_core_file(guest: Guest) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        process = subprocess.Popen([ATTEST, guest.folder, "--kbs", f"https://127.0.0.1:{port}"], stdout=subprocess.DEVNULL)
        try:
            silent.settimeout(30)
            with silent.accept()[0]:  # it has its key, and waits
                limits = Path(f"/proc/{process.pid}/limits").read_text()
        finally:
            process.kill()
            process.wait()
    assert [line.split()[4:6] for line in limits.splitlines() if "core file" in line] == [["0", "0"]], limits


def test_another_certificate_is_named(kbs: Kbs, guest: Guest, tmp_path: Path) -> None:
    other, _ = self_signed(-HOUR, HOUR, tmp_path / "tls")
    for words in ([], ["--kbs-cert", other]):  # the system's authorities do not know the broker either
        status, account = attest(guest, "--kbs", kbs.told["url"], *words)
        assert (status, account["outcome"]) == (1, "failed")
        assert "certificate" in last(account)["why"] and "--kbs-cert" in last(account)["remedy"]
        assert "clock" not in last(account)["why"] + last(account)["remedy"]


@pytest.mark.parametrize(("begins", "ends"), [(YEAR, 2 * YEAR), (-2 * YEAR, -YEAR)], ids=["behind", "ahead"])
def test_a_clock_that_is_off_is_named(
    guest: Guest, tmp_path: Path, begins: datetime.timedelta, ends: datetime.timedelta
) -> None:
    certificate, key = self_signed(begins, ends, tmp_path / "tls")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)  # no request gets that far
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    status, account = attest(guest, "--kbs", f"https://127.0.0.1:{server.server_port}", "--kbs-cert", certificate)
    thread.join()
    server.server_close()
    today = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")
    assert (status, account["outcome"]) == (1, "failed")
    assert f"the clock here says {today}T" in last(account)["why"] and "set the clock" in last(account)["remedy"]


def test_an_address_without_tls_is_named(guest: Guest) -> None:
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    status, account = attest(guest, "--kbs", f"https://127.0.0.1:{server.server_port}")
    thread.join()
    server.server_close()
    assert (status, account["outcome"]) == (1, "failed") and "is spoken" in last(account)["remedy"], account


def test_plain_http_is_asked_for_and_named(kbs: Kbs, guest: Guest) -> None:
    url = f"http://127.0.0.1:{kbs.port}"
    done = run(guest, "--kbs", url)
    assert done.returncode == 2 and b"--insecure-http" in done.stderr
    # A broker that speaks TLS has no answer to it.
    status, account = attest(guest, "--kbs", url, "--insecure-http")
    assert (status, account["outcome"]) == (1, "failed")


def test_init_data_must_be_that_of_the_launch(kbs: Kbs, guest: Guest, tmp_path: Path) -> None:
    document = tmp_path / "initdata.toml"
    document.write_bytes(INIT_DATA)
    status, account = attest(guest, *known(kbs), "--initdata-toml", document)
    assert status == 0 and "init-data" in account["steps"][3]["sent"]
    document.write_bytes(INIT_DATA + b"#")
    status, account = attest(guest, *known(kbs), "--initdata-toml", document)
    assert (status, names(account)) == (1, ["tee"]) and "HOSTDATA" in last(account)["why"]


def test_the_agents_configuration_says_the_same(kbs: Kbs, guest: Guest, tmp_path: Path) -> None:
    config = tmp_path / "aa.toml"
    pem = Path(kbs.told["certificate"]).read_text()
    text = f'[token_configs.kbs]\nurl = "{kbs.told["url"]}"\ncert = """\n{pem}"""\n[hallmark]\nkbs_protocol = "0.2.0"\n'
    config.write_text(text)
    status, account = attest(guest, "-c", config, "--resource", RESOURCE)
    assert (status, account["protocol"]) == (0, "0.2.0"), account
    # Sample evidence only where it is asked for, and only where there is no better.
    nowhere = Guest(tmp_path / "nowhere", None)
    status, account = attest(nowhere, "-c", config)
    assert (status, names(account)) == (1, ["tee"]) and "no TEE" in last(account)["why"]
    config.write_text(text + 'evidence = "sample"\n')
    status, account = attest(nowhere, "-c", config)
    assert (status, account["outcome"]) == (1, "refused") and "sample" in account["steps"][0]["got"]
    done = run(guest, "-c", config)
    assert done.returncode == 2 and b"hallmark.evidence" in done.stderr


def test_wrong_requests_are_one_line(guest: Guest, tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_text("no certificate")
    kbs = ["--kbs", "https://127.0.0.1:1"]
    for words, says in (
        ([], "--kbs"),
        (["--kbs", "127.0.0.1:1"], "https://HOST"),
        ([*kbs, "--resource", "../key/one"], "REPOSITORY/TYPE/TAG"),
        ([*kbs, "--output", tmp_path / "x"], "--resource"),
        ([*kbs, "--kbs-cert", tmp_path / "no.pem"], "PEM"),
        ([*kbs, "--kbs-cert", tmp_path / "none.pem"], "none.pem"),
        ([*kbs, "--initdata-toml", tmp_path / "none.toml"], "none.toml"),
        ([*kbs, "--what"], "'--what'"),
        ([*kbs, "--json=1"], "no value"),
    ):
        done = run(guest, *words)
        assert done.returncode == 2 and done.stdout == b"", done
        assert says in done.stderr.decode() and done.stderr.count(b"\n") == 1, (says, done.stderr)
    shown = run(guest, "--help")
    assert shown.returncode == 0 and b"Example: hallmark-guest attest --kbs " in shown.stdout
